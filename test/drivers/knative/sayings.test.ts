import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { driver } from '../../../drivers/knative.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import { type Asked, TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { serveBytes } from '../../conformance/transport/servers.ts'
import { facts } from '../deployment-facts.ts'
import { knativeOptions } from '../driver-hosts.ts'
import { openInvoker } from '../open-driver.ts'

const GO = 'content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n'
const RELAYED = 'server: envoy\r\nx-envoy-upstream-service-time: 3\r\n'
const ENVOY = 'content-type: text/plain\r\nserver: istio-envoy\r\n'

const answer = (status: number, fields: string, body: string) =>
  `HTTP/1.1 ${status} Said\r\ncontent-length: ${body.length}\r\n${fields}\r\n${body}`

async function told(t: TestContext, bytes: string, asked: Asked = { path: '/' }): Promise<TestAttempt> {
  const { hostname, port } = new URL(await serveBytes(t, bytes))
  const url = 'http://{name}.{namespace}.example.com'
  const ingress = { host: hostname, port: Number(port) }
  const invoker = openInvoker(t, driver, knativeOptions({ url, ingress }))
  const attempt = await new TestAttempt(facts('f'), asked).run(invoker).over()
  assert.deepEqual(attempt.offences, [])
  return attempt
}

const RESET = 'upstream connect error or disconnect/reset before headers. '

const SAID: readonly [string, number, string, string, Outcome][] = [
  ['the queue is full', 503, GO + RELAYED, 'pending request queue full\n', 'overloaded'],
  ['the queue took too long', 503, GO + RELAYED, 'context deadline exceeded\n', 'overloaded'],
  ['no revision', 404, GO + RELAYED, 'Error getting active endpoint: revision "x" not found\n', 'not-found'],
  ['look-up failed', 500, GO + RELAYED, 'Error getting active endpoint: timeout\n', 'unreachable'],
  ['sidecar times out', 504, GO + RELAYED, 'request timeout', 'timeout'],
  ['activator times out', 504, GO + RELAYED, 'activator request timeout', 'timeout'],
  ['nobody listens', 502, GO + RELAYED, 'dial tcp 10.0.0.9:8012: connect: connection refused\n', 'reset'],
  [
    'the pod is gone',
    502,
    GO,
    'read tcp 10.0.0.2:9->10.0.0.9:8012: read: connection reset by peer\n',
    'reset',
  ],
  ['the function is gone', 502, GO, 'read tcp 127.0.0.1:9->127.0.0.1:8080: i/o timeout\n', 'function-error'],
  ['the function broke off', 502, GO + RELAYED, 'EOF\n', 'function-error'],
  ['no HTTP', 502, GO, 'malformed HTTP response "x"\n', 'malformed'],
  ['unknown host', 404, 'server: envoy\r\n', '', 'not-found'],
  ['no server', 503, ENVOY, 'no healthy upstream', 'unreachable'],
  ['not connected', 503, ENVOY, `${RESET}reset reason: remote connection failure`, 'unreachable'],
  ['too many', 503, ENVOY, `${RESET}reset reason: overflow`, 'overloaded'],
  ['lost', 503, ENVOY, `${RESET}reset reason: connection termination`, 'reset'],
  ['ingress times out', 504, ENVOY, 'upstream request timeout', 'timeout'],
]

for (const [name, status, fields, body, outcome] of SAID) {
  test(`what the platform says is not an answer: ${name}`, async (t) => {
    const attempt = await told(t, answer(status, fields, body))
    assert.equal(attempt.outcome, outcome, attempt.summary())
    assert.equal(attempt.status, 0)
    assert.equal(attempt.received, 0)
  })
}

test('answers to HEAD are told by the length of what they would say', async (t) => {
  const head = (length: number, status = 503) =>
    `HTTP/1.1 ${status} Said\r\ncontent-length: ${length}\r\n${GO}\r\n`
  const asked = { method: 'HEAD', path: '/' }
  assert.equal((await told(t, head(27), asked)).outcome, 'overloaded')
  assert.equal((await told(t, head(28), asked)).outcome, 'answered')
  assert.equal((await told(t, head(15, 504), asked)).outcome, 'timeout')
  assert.equal((await told(t, head(25, 504), asked)).outcome, 'timeout')
  assert.equal((await told(t, head(16, 504), asked)).outcome, 'answered')
})

/** Functions that answer nearly as the platform does. */
const DECOYS: readonly [string, number, string, string][] = [
  ['another type', 503, 'content-type: application/json\r\n', 'pending request queue full\n'],
  ['no mark of Go', 503, 'content-type: text/plain; charset=utf-8\r\n', 'pending request queue full\n'],
  ['more behind it', 503, GO, 'pending request queue full, sorry\n'],
  ['long', 404, GO, `Error getting active endpoint: ${'x'.repeat(600)}`],
  ['an empty 404 of the function', 404, RELAYED, ''],
  ['an empty 404 with a type', 404, `${ENVOY}`, ''],
  ['its own 404', 404, GO + RELAYED, '404 page not found\n'],
  ['its own 502', 502, GO + RELAYED, 'the shop is closed\n'],
  ['words of Envoy, relayed', 503, `content-type: text/plain\r\n${RELAYED}`, 'no healthy upstream'],
]

for (const [name, status, fields, body] of DECOYS) {
  test(`a function may say something like it and is passed on to the byte: ${name}`, async (t) => {
    const attempt = await told(t, answer(status, fields, body))
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.deepEqual([attempt.status, attempt.text], [status, body])
  })
}

test('the fields of the ingress are taken off', async (t) => {
  const { answerHeaders } = await told(t, answer(200, `${RELAYED}x-mine: 1\r\n`, 'ok'))
  assert.deepEqual(answerHeaders.flat, ['content-length', '2', 'x-mine', '1'])
  assert.equal((await told(t, answer(200, 'server: mine\r\n', 'ok'))).answerHeaders.get('server'), 'mine')
})
