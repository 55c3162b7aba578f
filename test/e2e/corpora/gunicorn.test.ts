import { Corpus } from '../../gateway/identity/corpus.ts'
import { Edge } from '../edge.ts'
import { runVectors, type Vector, type Verdict, withHost } from './vectors.ts'

/** The request-parser tests of gunicorn through the whole gateway. */
const corpus = new Corpus('gunicorn')
const edge = new Edge({ skip: corpus.options.skip })

interface Case {
  readonly id: string
  readonly raw_b64: string
  readonly expect_requests?: readonly {
    readonly method: string
    readonly uri_latin1: string
    readonly body_b64: string
  }[]
}

/** Incomplete by design. */
const HALF_CLOSED = new Set(['invalid/001', 'invalid/rfc9112_chunked_missing_final_crlf_01', 'valid/099'])
/** Two requests on one connection. */
const PIPELINED = new Set(['valid/018', 'valid/022', 'valid/023'])

function vectorsOf(part: 'valid' | 'invalid'): Vector[] {
  const cases = (corpus.json('cases.json') as Record<typeof part, readonly Case[]>)[part]
  const verdicts = corpus.json('verdicts.json') as Record<string, { readonly verdict: Verdict }>
  return cases.map(({ id: name, raw_b64, expect_requests = [] }) => {
    const id = `${part}/${name}`
    const bytes = Buffer.from(raw_b64, 'base64')
    const starts = PIPELINED.has(id) ? [0, bytes.indexOf('GET /second')] : [0]
    return {
      id,
      bytes: withHost(bytes, 'corpus.test', starts),
      verdict: verdicts[id]!.verdict,
      wanted: expect_requests.map(({ method, uri_latin1: target, body_b64 }) => ({
        method,
        target,
        body: Buffer.from(body_b64, 'base64').toString('latin1'),
      })),
      halfClose: HALF_CLOSED.has(id),
    }
  })
}

edge.test('requests that gunicorn refuses never look whole to the upstream', async () => {
  await runVectors(edge, vectorsOf('invalid'))
})

edge.test(
  'requests that gunicorn takes arrive as they are, or are refused where our rules are stricter',
  async () => {
    await runVectors(edge, vectorsOf('valid'))
  },
)
