import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { driver } from '../../drivers/openfaas.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { createKitServer } from '../conformance/driver/kit-function.ts'
import { type Asked, TestAttempt } from '../conformance/driver/test-attempt.ts'
import { listen, openSilence, shut } from '../loopback.ts'
import { facts } from './deployment-facts.ts'
import { openFaasOptions } from './driver-hosts.ts'
import { openInvoker } from './open-driver.ts'
import { OpenFaasPlatform } from './openfaas-platform.ts'
import { recording } from './recording-server.ts'

function invokerFor(t: TestContext, options: Parameters<typeof openFaasOptions>[0]): Invoker {
  return openInvoker(t, driver, openFaasOptions(options))
}

const ask = (invoker: Invoker, asked: Asked, name = 'hello') =>
  new TestAttempt(facts(name), asked).run(invoker).over()

test('a function is called by its name and namespace, behind the path of the URL', async (t) => {
  const { server, url } = await recording(t)
  await ask(invokerFor(t, { url }), { path: '/sub/path?q=1' })
  await ask(invokerFor(t, { url: `${url}faas/`, namespace: 'blue' }), { path: '/?q=1' })
  assert.deepEqual(
    server.requests.map(({ target }) => target),
    ['/function/hello/sub/path?q=1', '/faas/function/hello.blue?q=1'],
  )
})

test('what the platform would believe of a caller is said by the gateway', async (t) => {
  const { server, url } = await recording(t)
  const headers = [
    ['x-forwarded-for', '6.6.6.6'],
    ['x-forwarded-host', 'evil'],
    ['x-call-id', 'theirs'],
    ['x-start-time', '1'],
    ['x-callback-url', 'http://169.254.169.254/'],
  ].flat()
  await ask(invokerFor(t, { url }), { path: '/', headers, callId: 'ours' })
  assert.deepEqual(server.sent('x-forwarded-for'), ['192.0.2.7'])
  assert.deepEqual(server.sent('x-forwarded-host'), ['api.example.com'])
  assert.deepEqual(server.sent('x-call-id'), ['ours'])
  assert.deepEqual(server.sent('x-start-time'), [])
  assert.deepEqual(server.sent('x-callback-url'), [])
  assert.deepEqual(server.sent('host'), [new URL(url).host])
})

test('who asks for no encoding gets none, and the platform adds none', async (t) => {
  const { server, url } = await recording(t)
  await ask(invokerFor(t, { url }), { path: '/' })
  assert.deepEqual(server.sent('accept-encoding'), ['identity'])
  await ask(invokerFor(t, { url }), { path: '/', headers: ['accept-encoding', 'br'] })
  assert.deepEqual(server.sent('accept-encoding'), ['br'])
})

test('a name that the platform would misread is refused at load', (t) => {
  const invoker = invokerFor(t, { url: 'http://127.0.0.1:1/' })
  for (const name of ['hello', 'a-b_c.ns', '0']) invoker.check!(facts(name))
  for (const name of ['a/b', 'a%2Fb', '..', '.hidden', '', 'a b', 'ä', 'a?b', '-x']) {
    assert.throws(() => invoker.check!(facts(name)), /OpenFaaS cannot be asked for/)
  }
})

test('a path that the platform would clean is never sent', async (t) => {
  const { server, url } = await recording(t)
  for (const path of ['/../other', '/a//b', '/%2e%2e/x']) {
    assert.equal((await ask(invokerFor(t, { url }), { path })).outcome, 'driver-error')
  }
  assert.equal(server.requests.length, 0)
})

test('an empty 502 is a time-out once the time of the platform has passed', async (t) => {
  const platform = new OpenFaasPlatform({ upstreamTimeoutMs: 200 })
  platform.deploy('hello', await openSilence(t))
  t.after(() => platform.close())
  const url = await platform.listen()
  assert.equal((await ask(invokerFor(t, { url, upstreamTimeout: 200 }), { path: '/' })).outcome, 'timeout')
  assert.equal((await ask(invokerFor(t, { url, upstreamTimeout: 60_000 }), { path: '/' })).outcome, 'reset')
})

/** The kit's function behind the stand-in, as `hello`. */
async function kitBehind(t: TestContext, newer = true): Promise<Invoker> {
  const kit = createKitServer()
  const platform = new OpenFaasPlatform({ newer })
  platform.deploy('hello', await listen(kit), {})
  t.after(() => {
    platform.close()
    shut(kit)
  })
  return invokerFor(t, { url: await platform.listen() })
}

test('an answer with a length that is cut is never whole, streamed or not', async (t) => {
  const invoker = await kitBehind(t)
  const whole = await ask(invoker, { path: '/fault/cut-length' })
  assert.deepEqual([whole.outcome, whole.status, whole.text], ['reset', 200, 'partial'])
  // The watchdog had sent nothing of it yet.
  const streamed = await ask(invoker, { path: '/fault/cut-length', headers: ['accept', 'text/event-stream'] })
  assert.deepEqual([streamed.outcome, streamed.status, streamed.text], ['reset', 0, ''])
})

test('a function that is lost on the way of streams, where errors say nothing, is lost', async (t) => {
  const invoker = await kitBehind(t)
  for (const accept of ['text/event-stream', 'application/x-ndjson', 'application/json, text/event-stream']) {
    const attempt = await ask(invoker, { path: '/crash', headers: ['accept', accept] })
    assert.deepEqual([attempt.outcome, attempt.status], ['reset', 0], accept)
  }
  const answered = await ask(invoker, { path: '/cookies', headers: ['accept', 'application/x-ndjson'] })
  assert.deepEqual([answered.outcome, answered.text], ['answered', 'cookies'])
})

test('closing lets a running attempt finish, and a stream passes piece by piece', async (t) => {
  const invoker = await kitBehind(t)
  const body = new PassThrough()
  const asked = { method: 'POST', path: '/digest', headers: ['accept', 'text/event-stream'], body }
  const uploading = new TestAttempt(facts('hello'), asked).run(invoker)
  body.write('a')
  const dripping = new TestAttempt(facts('hello'), { path: '/drip', headers: asked.headers }).run(invoker)
  await dripping.until(({ received }) => received === 4, 'the first piece')
  const closed = invoker.close()
  dripping.abort()
  body.end('b')
  await uploading.over()
  assert.deepEqual([uploading.outcome, JSON.parse(uploading.text).length], ['answered', 2])
  await closed
})

test('an upload ends when its function answers, and the answer comes all the same', async (t) => {
  const invoker = await kitBehind(t)
  const body = Readable.from([Buffer.alloc(32_768), Buffer.alloc(600_000), Buffer.alloc(600_000)])
  const attempt = await ask(invoker, { method: 'POST', path: '/early', body, bodyLength: 1_232_768 })
  assert.deepEqual([attempt.outcome, attempt.status, attempt.text], ['answered', 413, 'early'])
})

test('a function that crashes has crashed, behind an older watchdog too', async (t) => {
  const invoker = await kitBehind(t, false)
  for (const method of ['GET', 'HEAD', 'POST']) {
    const asked = method === 'POST' ? { headers: ['content-type', 'x/y'], body: Buffer.from('body') } : {}
    const attempt = await ask(invoker, { method, path: '/crash', ...asked })
    assert.deepEqual([attempt.outcome, attempt.status], ['function-error', 0], method)
  }
  assert.equal((await ask(invoker, { path: '/status/500' })).text, 'status 500')
})
