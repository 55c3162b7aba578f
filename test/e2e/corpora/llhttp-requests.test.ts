import assert from 'node:assert/strict'
import { Corpus } from '../../gateway/identity/corpus.ts'
import { Edge } from '../edge.ts'
import { type ParserTest, readParserTests } from './llhttp.ts'
import { runVectors, type Vector, withHost } from './vectors.ts'

/** The tests of Node's own parser, as requests through the whole gateway. */
const corpus = new Corpus('llhttp')
const edge = new Edge({ skip: corpus.options.skip })

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Requests that the parser takes and the gateway refuses. */
const STRICTER: ReadonlyMap<string, string> = new Map([
  ['Host terminated by a query string', 'the authority is foreign'],
  ['`host:port` terminated by a query string', 'the authority is foreign'],
  ['`host:port` terminated by a space', 'the authority is foreign'],
  ['`host:port` and basic auth', 'the authority has a user'],
  ['Fragment in URI', 'a target has no fragment'],
  ['POST with `chunked` as last transfer-encoding', 'another coding cannot be undone'],
  ['POST with `chunked` as last transfer-encoding (multiple headers)', 'another coding cannot be undone'],
  ['M-SEARCH request', 'the target is *'],
  ['SOURCE request with ICE', 'another protocol'],
  ['OPTIONS request with RTSP', 'another protocol'],
  ['ANNOUNCE request with RTSP', 'another protocol'],
  ['No HTTP version', 'HTTP/0.9'],
])

/** Errors that are none: the parser pauses for an upgrade or a CONNECT, or was told to. */
const PAUSES = new Set([21, 22, 23])

function all(): ParserTest[] {
  return corpus
    .list('test/request')
    .flatMap((file) => readParserTests(corpus, file))
    .filter(({ type }) => type.startsWith('request'))
}

function vectorOf(test: ParserTest): Vector {
  const { id, title, messages, error, type } = test
  const bytes = withHost(
    test.bytes,
    'corpus.test',
    messages.map(({ start }) => start),
  )
  const complete = messages.filter((message) => message.complete)
  const wanted = complete.map(({ method, target, body }) => ({ method, target, body }))
  if (type.startsWith('request-lenient') || test.skipBody)
    return { id, bytes, verdict: 'ignore', halfClose: true }
  if (error !== null && !PAUSES.has(error)) {
    return { id, bytes, verdict: 'refuse', before: complete.length, halfClose: type === 'request-finish' }
  }
  if (error !== null) {
    const refused = /^(CONNECT|PRI) /.test(bytes.toString('latin1', messages[0]!.start))
    return { id, bytes, verdict: refused ? 'refuse' : 'either' }
  }
  if (complete.length === 0) return { id, bytes, verdict: 'refuse', halfClose: true }
  // Node takes the end of our side for a hang-up: there may be no answer.
  if (type === 'request-finish') return { id, bytes, verdict: 'either', halfClose: true }
  const stricter = STRICTER.has(title) || wanted.some(({ method }) => !METHODS.has(method))
  return { id, bytes, wanted, verdict: stricter ? 'refuse' : 'forward' }
}

edge.test(
  'requests are taken or refused as the parser says, or more strictly where that is a rule',
  async () => {
    const tests = all()
    assert.ok(tests.length > 100)
    await runVectors(edge, tests.map(vectorOf))
  },
)
