import { Corpus } from '../../gateway/identity/corpus.ts'
import { Edge } from '../edge.ts'
import { runVectors, type Vector, type Verdict } from './vectors.ts'

/** Request lines and Host forms from the tests of Apache httpd through the whole gateway. */
const corpus = new Corpus('apache-httpd')
const edge = new Edge({ skip: corpus.options.skip })

interface Row {
  readonly id: string
  readonly raw_b64: string
}

/** Without the empty line that ends a head. */
const HALF_CLOSED = new Set(['strict-05', 'unsafe-39', 'unsafe-40', 'unsafe-41', 'unsafe-49'])

function vectorsOf(table: 'strict' | 'unsafe'): Vector[] {
  const rows = (corpus.json('request_tables.json') as Record<typeof table, readonly Row[]>)[table]
  const verdicts = corpus.json('verdicts.json') as Record<string, { readonly verdict: Verdict }>
  return rows.map(({ id, raw_b64 }) => ({
    id,
    bytes: Buffer.from(raw_b64, 'base64'),
    verdict: verdicts[id]!.verdict,
    wanted: [{ method: 'GET', target: '/', body: '' }],
    halfClose: HALF_CLOSED.has(id),
  }))
}

edge.test('what httpd refuses when it is strict is refused', async () => {
  const vectors = vectorsOf('strict')
  // The tests of httpd send the no-break space of this Host in UTF-8.
  const narrow = vectors.find(({ id }) => id === 'strict-14')!
  const wide = Buffer.from(narrow.bytes.toString('latin1'), 'utf8')
  await runVectors(edge, [...vectors, { ...narrow, id: 'strict-14 in UTF-8', bytes: wide }])
})

edge.test('what httpd takes when it is lenient is judged by our own rules', async () => {
  await runVectors(edge, vectorsOf('unsafe'))
})
