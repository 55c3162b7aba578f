import assert from 'node:assert/strict'
import http from 'node:http'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { driver } from '../../drivers/riff.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import { pattern, sha256 } from '../conformance/driver/kit-function.ts'
import { type Asked, TestAttempt } from '../conformance/driver/test-attempt.ts'
import { serveBytes } from '../conformance/transport/servers.ts'
import { listen, shut } from '../loopback.ts'
import { facts } from './deployment-facts.ts'
import { invokerHost, riffOptions } from './driver-hosts.ts'
import { openInvoker, openOperator } from './open-driver.ts'
import { recording } from './recording-server.ts'
import { RiffPlatform } from './riff-platform.ts'

type Options = Parameters<typeof riffOptions>[0]

function ask(t: TestContext, options: Options, asked: Asked, name = 'greet'): Promise<TestAttempt> {
  const invoker = openInvoker(t, driver, riffOptions(options))
  return new TestAttempt(facts(name), asked).run(invoker).over()
}

const HELLO: Asked = {
  method: 'PUT',
  path: '/secret/path?token=1',
  headers: [
    'content-type',
    'text/plain',
    'accept',
    '*/*',
    'x-tenant',
    't',
    'authorization',
    'Bearer x',
    'cookie',
    'a',
  ],
  body: Buffer.from('hello'),
}

test('a topic is called by POST with body and type, and with nothing that identifies the caller', async (t) => {
  const { server, url } = await recording(t)
  await ask(t, { url, headers: ['x-tenant'] }, HELLO)
  const [{ method, target, headers }] = server.requests as [(typeof server.requests)[number]]
  assert.deepEqual([method, target], ['POST', '/requests/greet'])
  assert.deepEqual(
    headers.map(([name]) => name).filter((name) => !/^(host|connection|content-length)$/.test(name)),
    ['content-type', 'accept', 'x-tenant'],
  )
  await ask(t, { url: `${url}riff/` }, { method: 'HEAD', path: '/' })
  assert.deepEqual([server.requests[1]!.method, server.requests[1]!.target], ['HEAD', '/riff/requests/greet'])
})

test('a reply is 200 with the type of the function, which browsers are not to guess', async (t) => {
  const fn = http.createServer((_request, response) => {
    response
      .writeHead(404, { 'content-type': 'application/json', 'set-cookie': 'lost' })
      .end('{"not":"here"}')
  })
  const port = await listen(fn)
  const platform = new RiffPlatform()
  platform.deploy('greet', port)
  t.after(() => {
    platform.close()
    shut(fn)
  })
  const url = await platform.listen()
  const reply = await ask(t, { url }, HELLO)
  assert.deepEqual([reply.status, reply.text], [200, '{"not":"here"}'])
  assert.equal(reply.answerHeaders.get('content-type'), 'application/json')
  assert.equal(reply.answerHeaders.get('x-content-type-options'), 'nosniff')
  const message = await ask(t, { url, exchange: 'messages' }, HELLO)
  assert.deepEqual([message.outcome, message.status, message.text], ['answered', 202, ''])
  assert.equal(message.answerHeaders.get('content-length'), '0')
})

const SAID: readonly [string, string, Outcome][] = [
  ['404 Not Found', "could not find Riff topic 'greet'\n", 'not-found'],
  ['404 Not Found', '404 page not found\n', 'not-found'],
  ['500 Internal Server Error', 'what the function said', 'function-error'],
  ['504 Gateway Timeout', '', 'timeout'],
  ['301 Moved Permanently', '', 'driver-error'],
  ['503 Service Unavailable', 'of a proxy in front', 'driver-error'],
]

for (const [status, body, outcome] of SAID) {
  test(`${status} with "${body.trim()}" is no answer of a function: ${outcome}`, async (t) => {
    const bytes = `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const attempt = await ask(t, { url: await serveBytes(t, bytes) }, HELLO)
    assert.equal(attempt.outcome, outcome, attempt.summary())
    assert.deepEqual([attempt.status, attempt.received, attempt.offences], [0, 0, []])
  })
}

test('names that the platform would take for another topic are refused', () => {
  const invoker = driver.invoker(riffOptions({ url: 'http://riff/' }), invokerHost())
  for (const name of ['a/b', 'gr%65et', 'a?b', 'Greet', '', '.', '..', '-a']) {
    assert.throws(() => invoker.check!(facts(name)), /is no topic of riff/, name)
  }
  for (const name of ['greet', 'a.b-c', '1']) invoker.check!(facts(name))
})

test('options of the other API are refused', () => {
  const ingress = { host: '127.0.0.1', port: 80 }
  const kubernetes = { kubeconfig: null, context: null, inCluster: true }
  const service = { api: 'knative' as const, url: 'http://{name}.example.com/' }
  const refused: [Options, RegExp][] = [
    [{ url: 'http://riff/', ingress }, /ingress is for/],
    [{ url: 'http://riff/', tagged: '{name}-{tag}' }, /tagged is for `api: knative`/],
    [{ url: 'http://riff/', namespace: 'blue' }, /namespace is for `api: knative`, or for `kubernetes`/],
    [{ url: 'http://riff/', kubernetes: { ...kubernetes, inCluster: false } }, /needs either kubeconfig or/],
    [{ ...service, exchange: 'messages' }, /for `api: topics`/],
    [{ ...service, headers: ['x-tenant'] }, /for `api: topics`/],
  ]
  for (const [options, message] of refused) {
    assert.throws(() => driver.invoker(riffOptions(options), invokerHost()).check!(facts('greet')), message)
  }
  for (const options of [
    { ...service, ingress, namespace: 'blue', tagged: '{name}-{tag}' },
    { url: 'http://riff/', namespace: 'blue', kubernetes },
  ]) {
    driver.invoker(riffOptions(options), invokerHost()).check!(facts('greet'))
  }
})

test('what fits into a message arrives whole both ways, and what does not gets no reply', async (t) => {
  const fn = http.createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    request.pipe(response)
  })
  const platform = new RiffPlatform({ timeoutMs: 200 })
  platform.deploy('greet', await listen(fn))
  t.after(() => {
    platform.close()
    shut(fn)
  })
  const url = await platform.listen()
  const body = pattern(900_000)
  const pieces = () => Readable.from([body.subarray(0, 1), body.subarray(1, 70_000), body.subarray(70_000)])
  for (const each of [{ body }, { body: pieces(), bodyLength: body.length }, { body: pieces() }]) {
    const attempt = await ask(t, { url }, { method: 'POST', path: '/', ...each })
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.equal(sha256(attempt.bytes), sha256(body))
  }
  const large = { method: 'POST', path: '/', body: Buffer.alloc(1_000_001) }
  assert.equal((await ask(t, { url }, large)).outcome, 'timeout')
  // Nobody is told that nothing was sent.
  assert.equal((await ask(t, { url, exchange: 'messages' }, large)).status, 202)
})

test('the gateway of riff is asked how it is', async (t) => {
  const platform = new RiffPlatform()
  const url = await platform.listen()
  const operator = await openOperator(t, driver, riffOptions({ url }))
  assert.equal((await operator.probe()).ready, true)
  platform.close()
  assert.equal((await operator.probe()).ready, false)
})

test('riff on Knative is called as Knative is', async (t) => {
  const { server, ingress } = await recording(t)
  await ask(t, { api: 'knative', url: 'http://{name}.{namespace}.example.com', ingress }, HELLO)
  const [{ method, target }] = server.requests as [(typeof server.requests)[number]]
  assert.deepEqual([method, target, server.sent('host')], ['PUT', HELLO.path, ['greet.default.example.com']])
})
