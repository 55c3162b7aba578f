import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { driver } from '../../drivers/openfaas.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { type Asked, TestAttempt } from '../conformance/driver/test-attempt.ts'
import { facts } from './deployment-facts.ts'
import { invokerHost, openFaasOptions } from './driver-hosts.ts'
import { OpenFaasPlatform } from './openfaas-platform.ts'
import { RecordingServer } from './recording-server.ts'

function invokerFor(t: TestContext, options: Parameters<typeof openFaasOptions>[0]): Invoker {
  const invoker = driver.invoker(openFaasOptions(options), invokerHost())
  t.after(() => invoker.close())
  return invoker
}

const ask = (invoker: Invoker, asked: Asked, name = 'hello') =>
  new TestAttempt(facts(name), asked).run(invoker).over()

async function recording(t: TestContext): Promise<{ server: RecordingServer; url: string }> {
  const server = new RecordingServer()
  t.after(() => server.close())
  return { server, url: `http://${await server.listen()}` }
}

test('a function is called by its name and namespace, behind the path of the URL', async (t) => {
  const { server, url } = await recording(t)
  await ask(invokerFor(t, { url: `${url}/` }), { path: '/sub/path?q=1' })
  await ask(invokerFor(t, { url: `${url}/faas/`, namespace: 'blue' }), { path: '/?q=1' })
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
  // Accepts and never answers.
  const silent = (await import('node:net')).createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.after(() => silent.close())
  const { port } = silent.address() as { port: number }
  const platform = new OpenFaasPlatform({ upstreamTimeoutMs: 200 })
  platform.deploy('hello', port)
  t.after(() => platform.close())
  const url = await platform.listen()
  assert.equal((await ask(invokerFor(t, { url, upstreamTimeout: 200 }), { path: '/' })).outcome, 'timeout')
  assert.equal((await ask(invokerFor(t, { url, upstreamTimeout: 60_000 }), { path: '/' })).outcome, 'reset')
})
