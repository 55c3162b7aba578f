import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { driver } from '../../../drivers/openfaas.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import { type Asked, TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { invokerHost, openFaasOptions } from '../driver-hosts.ts'

const FUNCTION = { organization: 'default', functionName: 'direct', name: 'direct' }
const GO_ERROR = ['Content-Type: text/plain; charset=utf-8', 'X-Content-Type-Options: nosniff']
const START = 'X-Start-Time: 1795338088215064730'
const DURATION = 'X-Duration-Seconds: 2.000543'

/** An answer as the platform writes it; its length is added. */
const answer = (status: string, fields: readonly string[], body = '') =>
  [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')

/** Has a platform send these pieces, each in a write of its own. */
async function told(
  t: TestContext,
  pieces: readonly string[],
  asked: Asked = { path: '/' },
): Promise<TestAttempt> {
  const server = net.createServer((socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.once('data', async () => {
      for (const piece of pieces) {
        socket.write(piece)
        await turn()
      }
      socket.end()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`
  const invoker = driver.invoker(openFaasOptions({ url }), invokerHost())
  t.after(async () => {
    await invoker.close()
    server.close()
  })
  const attempt = await new TestAttempt(FUNCTION, asked).run(invoker).over()
  assert.deepEqual(attempt.offences, [])
  return attempt
}

const SAID: readonly [string, Outcome, string][] = [
  [
    'no endpoints',
    'not-found',
    answer('503 Service Unavailable', [...GO_ERROR, START], 'No endpoints available for: direct.\n'),
  ],
  [
    'no endpoints, with namespace',
    'not-found',
    answer(
      '503 Service Unavailable',
      [...GO_ERROR, START],
      'No endpoints available for: direct.openfaas-fn.\n',
    ),
  ],
  [
    'unknown function, scaling from zero',
    'not-found',
    answer('404 Not Found', [...GO_ERROR, START], 'error finding function direct.openfaas-fn: not found\n'),
  ],
  ['not a gateway of OpenFaaS', 'not-found', answer('404 Not Found', GO_ERROR, '404 page not found\n')],
  [
    'scaling failed',
    'unreachable',
    answer(
      '500 Internal Server Error',
      [...GO_ERROR, START],
      'error finding function direct.openfaas-fn: boom\n',
    ),
  ],
  [
    'cannot reach',
    'reset',
    answer('500 Internal Server Error', [...GO_ERROR, START], "Can't reach service for: direct.\n"),
  ],
  [
    'watchdog is full',
    'overloaded',
    answer(
      '429 Too Many Requests',
      ['Content-Type: text/plain', START],
      'Concurrent request limit exceeded. Max concurrent requests: 1\n',
    ),
  ],
  [
    'watchdog lost its function, newer',
    'function-error',
    answer('500 Internal Server Error', [
      'Content-Type: text/plain',
      DURATION,
      'X-OpenFaaS-Internal: of-watchdog',
    ]),
  ],
  [
    'process failed, classic',
    'function-error',
    answer(
      '500 Internal Server Error',
      ['Content-Type: text/plain; charset=utf-8', START],
      'exit status 2\nerr: 1: Syntax error: Unterminated quoted string\n',
    ),
  ],
  [
    'process failed and said much',
    'function-error',
    answer(
      '500 Internal Server Error',
      ['Content-Type: text/plain; charset=utf-8', START],
      `exit status 137\n${'stack\n'.repeat(5000)}`,
    ),
  ],
  ['exec_timeout', 'timeout', answer('504 Gateway Timeout', ['Content-Type: text/plain', DURATION, START])],
  ['exec_timeout, classic', 'timeout', answer('408 Request Timeout', [START], 'Killed process.')],
  ['provider is away', 'reset', answer('502 Bad Gateway', [START])],
  [
    'marked by a newer gateway',
    'reset',
    answer(
      '503 Service Unavailable',
      ['X-OpenFaaS-Internal: proxy', 'Content-Type: text/plain'],
      'something new',
    ),
  ],
]

for (const [name, outcome, bytes] of SAID) {
  test(`what the platform says is not an answer: ${name}`, async (t) => {
    const attempt = await told(t, [bytes])
    assert.equal(attempt.outcome, outcome, attempt.summary())
    assert.equal(attempt.status, 0)
    assert.equal(attempt.received, 0)
  })

  test(`the same in pieces: ${name}`, async (t) => {
    const head = bytes.indexOf('\r\n\r\n') + 4
    const pieces = [bytes.slice(0, head), bytes.slice(head, head + 3), bytes.slice(head + 3)].filter(Boolean)
    assert.equal((await told(t, pieces)).outcome, outcome)
  })
}

test('answers to HEAD are told by the length of what they would say', async (t) => {
  const said: [string, Outcome][] = [
    ['HTTP/1.1 503 Service Unavailable\r\nContent-Length: 36\r\n', 'not-found'],
    ['HTTP/1.1 500 Internal Server Error\r\nContent-Length: 33\r\n', 'reset'],
    ['HTTP/1.1 503 Service Unavailable\r\nContent-Length: 37\r\n', 'answered'],
  ]
  for (const [head, outcome] of said) {
    const bytes = `${head}${GO_ERROR.join('\r\n')}\r\n${START}\r\n\r\n`
    const attempt = await told(t, [bytes], { method: 'HEAD', path: '/' })
    assert.equal(attempt.outcome, outcome, head)
  }
})

test('an empty stream without a type is a function that was lost', async (t) => {
  const asked = { path: '/', headers: ['accept', 'text/event-stream'] }
  assert.equal((await told(t, [answer('200 OK', [START])], asked)).outcome, 'reset')
  assert.equal((await told(t, [answer('200 OK', [START])])).outcome, 'answered')
  assert.equal((await told(t, [answer('200 OK', [START], 'x')], asked)).text, 'x')
})

/** Functions that answer nearly as the platform does. */
const DECOYS: readonly [string, string, string][] = [
  ['another text', '503 Service Unavailable', 'We are closed for today.\n'],
  [
    'the text with something behind',
    '503 Service Unavailable',
    'No endpoints available for: direct.\nreally',
  ],
  ['the text, but long', '503 Service Unavailable', `No endpoints available for: ${'x'.repeat(600)}`],
  ['nearly the text', '500 Internal Server Error', "Can't reach service for: the moon and back.\n"],
  ['exit, but no status', '500 Internal Server Error', 'exit status unknown\n'],
  ['nothing', '503 Service Unavailable', ''],
]

for (const [name, status, body] of DECOYS) {
  test(`a function may say something like it and is passed on to the byte: ${name}`, async (t) => {
    const bytes = answer(status, [...GO_ERROR, START], body)
    for (const pieces of [[bytes], [bytes.slice(0, -5), bytes.slice(-5)]]) {
      const attempt = await told(t, pieces)
      assert.equal(attempt.outcome, 'answered', attempt.summary())
      assert.equal(attempt.text, body)
    }
  })
}

test('what came through a watchdog is the word of the function', async (t) => {
  const sayings = SAID.filter(
    ([, , bytes]) => /^HTTP\/1.1 (503|404|500|429|502)/.test(bytes) && !bytes.includes('Internal:'),
  )
  for (const [name, , bytes] of sayings) {
    const attempt = await told(t, [bytes.replace('\r\n', `\r\n${DURATION}\r\n`)])
    assert.equal(attempt.outcome, 'answered', name)
  }
})

test('an answer that differs at its first byte is passed on while it is written', async (t) => {
  const head = `HTTP/1.1 500 Internal Server Error\r\n${GO_ERROR[0]}\r\nTransfer-Encoding: chunked\r\n\r\n`
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write(`${head}1\r\nx\r\n`))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`
  const invoker = driver.invoker(openFaasOptions({ url }), invokerHost())
  const attempt = new TestAttempt(FUNCTION, { path: '/' }).run(invoker)
  t.after(() => server.close())
  await attempt.until(({ received }) => received === 1, 'the first byte')
  assert.equal(attempt.status, 500)
  attempt.abort()
  await invoker.close()
})

test('fields of the platform and the echoed type of an empty answer are taken off', async (t) => {
  const fields = [
    'Content-Type: application/json',
    'X-Call-Id: 1',
    START,
    DURATION,
    'X-Served-By: openfaas-ce/0.27.12',
    'X-Mine: 1',
  ]
  const asked = {
    method: 'POST',
    path: '/',
    headers: ['content-type', 'application/json'],
    body: Buffer.from('{}'),
  }
  const empty = await told(t, [answer('200 OK', fields)], asked)
  assert.deepEqual(empty.answerHeaders.flat, ['x-mine', '1', 'content-length', '0'])
  const full = await told(t, [answer('200 OK', fields, '{}')], asked)
  assert.equal(full.answerHeaders.get('content-type'), 'application/json')
  assert.equal(full.answerHeaders.get('x-served-by'), null)
})
