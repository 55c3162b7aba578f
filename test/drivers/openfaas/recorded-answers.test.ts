import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { driver } from '../../../drivers/openfaas.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import { type Asked, TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { listen } from '../../loopback.ts'
import { invokerHost, openFaasOptions } from '../driver-hosts.ts'
import { answer, DURATION, FUNCTION, GO_ERROR, OCTETS, PLAIN, START, told } from './told.ts'

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
    answer(
      '404 Not Found',
      [PLAIN],
      'error finding function direct.openfaas-fn: server returned non-200 status code (404) for function, direct, body: ',
    ),
  ],
  ['not a gateway of OpenFaaS', 'not-found', answer('404 Not Found', GO_ERROR, '404 page not found\n')],
  [
    'scaling failed',
    'unreachable',
    answer(
      '500 Internal Server Error',
      [PLAIN],
      'error finding function direct.openfaas-fn: unable to scale function [direct], err: error scaling HTTP code 500',
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
    'classic watchdog is full, older',
    'overloaded',
    answer(
      '429 Too Many Requests',
      [PLAIN, START],
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
    'watchdog lost its function, older',
    'function-error',
    answer('500 Internal Server Error', ['Content-Type: text/plain', DURATION, START]),
  ],
  [
    'process failed, classic',
    'function-error',
    answer(
      '500 Internal Server Error',
      [PLAIN, START],
      'exit status 2\nerr: 1: Syntax error: Unterminated quoted string\n',
    ),
  ],
  [
    'process failed and said much',
    'function-error',
    answer('500 Internal Server Error', [PLAIN, START], `exit status 137\n${'stack\n'.repeat(5000)}`),
  ],
  [
    'process failed and wrote binary',
    'function-error',
    answer('500 Internal Server Error', [OCTETS, START], 'exit status 3\n\0\xff\x01bin'),
  ],
  [
    'process was killed, classic',
    'function-error',
    answer('500 Internal Server Error', [PLAIN, START], 'signal: segmentation fault (core dumped)\n'),
  ],
  [
    'no such process, classic',
    'function-error',
    answer('500 Internal Server Error', [PLAIN, START], 'fork/exec ./handler: no such file or directory\n'),
  ],
  [
    'no such process in the path, classic',
    'function-error',
    answer(
      '500 Internal Server Error',
      [PLAIN, START],
      'exec: "handler": executable file not found in $PATH\n',
    ),
  ],
  [
    'upload slower than read_timeout, classic',
    'invalid-input',
    answer('400 Bad Request', [PLAIN, START], 'read tcp 10.1.0.7:8080->10.1.0.9:58414: i/o timeout\n\n'),
  ],
  [
    'process failed, serializing',
    'function-error',
    answer('500 Internal Server Error', [OCTETS, DURATION, START], 'exit status 2'),
  ],
  [
    'process was killed, serializing',
    'function-error',
    answer('500 Internal Server Error', [OCTETS, DURATION, START], 'signal: killed'),
  ],
  [
    'no such process, serializing',
    'function-error',
    answer(
      '500 Internal Server Error',
      [OCTETS, DURATION, START],
      'fork/exec ./handler: no such file or directory',
    ),
  ],
  ['exec_timeout', 'timeout', answer('504 Gateway Timeout', ['Content-Type: text/plain', DURATION, START])],
  ['exec_timeout, classic', 'timeout', answer('408 Request Timeout', [PLAIN, START], 'Killed process.\n')],
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

test('scaling up that failed is told in answers to HEAD by what is not there', async (t) => {
  const head = { method: 'HEAD', path: '/' }
  const said = (status: string, fields: readonly string[]) =>
    told(t, [answer(status, fields).replace('Content-Length: 0', 'Content-Length: 109')], head)
  assert.equal((await said('404 Not Found', [PLAIN])).outcome, 'not-found')
  assert.equal((await said('500 Internal Server Error', [PLAIN])).outcome, 'unreachable')
  assert.equal((await said('404 Not Found', [PLAIN, START])).outcome, 'answered')
  assert.equal((await said('500 Internal Server Error', [PLAIN, START])).outcome, 'answered')
})

test('an empty stream without a type is a function that was lost', async (t) => {
  for (const accept of ['text/event-stream', 'application/x-ndjson', 'text/html, Text/Event-Stream']) {
    const asked = { path: '/', headers: ['accept', accept] }
    assert.equal((await told(t, [answer('200 OK', [START])], asked)).outcome, 'reset', accept)
    assert.equal((await told(t, [answer('200 OK', [START, PLAIN])], asked)).outcome, 'answered')
    assert.equal((await told(t, [answer('200 OK', [START], 'x')], asked)).text, 'x')
  }
  assert.equal((await told(t, [answer('200 OK', [START])])).outcome, 'answered')
})

test('an empty 500 that has something of the function is an answer', async (t) => {
  const type = 'Content-Type: text/plain'
  const post = { method: 'POST', path: '/', headers: ['content-type', 'x/y'], body: Buffer.from('x') }
  const said = async (fields: readonly string[], body = '', asked: Asked = { path: '/' }) =>
    (await told(t, [answer('500 Internal Server Error', [...fields, DURATION, START], body)], asked)).outcome
  assert.equal(await said(['Content-Type: x/y'], '', post), 'function-error')
  assert.equal(await said([type], '', post), 'answered')
  assert.equal(await said([type, 'Keep-Alive: timeout=5']), 'answered')
  assert.equal(await said([type, 'X-Powered-By: Express']), 'answered')
  assert.equal(await said([type], 'x'), 'answered')
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
  ['a signal, but not at the beginning', '500 Internal Server Error', 'no signal: call us\n'],
  ['a signal, with the marks of an error of Go', '500 Internal Server Error', 'signal: killed\n'],
  ['a start, said after the clock began', '404 Not Found', 'error finding function direct: hidden\n'],
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
    ([, , bytes]) =>
      /^HTTP\/1.1 (503|404|500|429|502|408|400)/.test(bytes) && !/Internal:|X-Duration/.test(bytes),
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
  const url = `http://127.0.0.1:${await listen(server)}/`
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
