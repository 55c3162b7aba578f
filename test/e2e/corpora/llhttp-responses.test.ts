import assert from 'node:assert/strict'
import { after } from 'node:test'
import { Corpus } from '../../gateway/identity/corpus.ts'
import { Edge, message, type Sent } from '../edge.ts'
import { startRawUpstream } from '../upstream.ts'
import { type ParserTest, readParserTests } from './llhttp.ts'

/** The tests of Node's own parser, as answers of a function through the whole gateway. */
const corpus = new Corpus('llhttp')

let answer: Buffer = Buffer.alloc(0)
const parrot = await startRawUpstream({ after }, (socket) => {
  socket.once('data', () => socket.end(answer))
})

const edge = new Edge({
  skip: corpus.options.skip,
  hosts: ['own.test'],
  config: () => ({
    backends: { parrot: { driver: 'http', url: parrot.url } },
    functions: { parrot: { deployments: ['parrot'], timeout: '1s' } },
    routes: [
      { path: '/*', hosts: ['parrot.test'], function: 'parrot', auth: 'none', retries: { attempts: 1 } },
    ],
  }),
})

/** The parser pauses for an upgrade, or was told to. */
const PAUSES = new Set([21, 22, 23])

/** Malformed answers that are relayed, and why nothing comes of it. */
const TAKEN: ReadonlyMap<string, string> = new Map([
  [
    'Bare CR followed by CR after response line',
    "undici's copy of the parser is older than this rule: two CR end the status line as CRLF does, and what follows is read as the fields that it is",
  ],
])

/** What is wrong with the outcome, or null. */
function failureOf({ title, messages, error, type, skipBody }: ParserTest, sent: Sent): string | null {
  const [first] = sent.answers
  const outcome = `${sent.statuses.join() || 'no answer'}${sent.closed ? ', closed' : ''}: ${first?.body}`
  if (sent.answers.length > 1) return outcome
  if (first === undefined) return sent.closed ? null : outcome
  if (first.status === 502 && first.headers.has('dispatch-error')) return null
  if (type !== 'response' || skipBody || error === 22 || TAKEN.has(title)) return null
  const final = messages.find(({ status }) => status !== null && status >= 200)
  if (final === undefined || first.status !== final.status) return outcome
  if (error !== null && !PAUSES.has(error) && !final.complete) return `made of a bad answer: ${outcome}`
  return first.body.toString('latin1') === final.body ? null : `another body: ${outcome}`
}

edge.test('an answer is relayed as the parser reads it, and a malformed one never as a whole', async () => {
  const tests = corpus
    .list('test/response')
    .flatMap((file) => readParserTests(corpus, file))
    .filter(({ type }) => type.startsWith('response'))
  assert.ok(tests.length > 80)
  const failures: string[] = []
  for (const test of tests) {
    answer = test.bytes
    const sent = await edge.send(message(['GET /x HTTP/1.1', 'Host: parrot.test']))
    const failure = failureOf(test, sent)
    if (failure !== null)
      failures.push(`${test.id}: ${failure}\n  ${JSON.stringify(answer.toString('latin1'))}`)
  }
  assert.equal(failures.length, 0, `${failures.length} of ${tests.length}\n${failures.join('\n')}`)
})
