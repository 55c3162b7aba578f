import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { driver } from '../../drivers/http.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { type Asked, TestAttempt } from '../conformance/driver/test-attempt.ts'
import { facts } from './deployment-facts.ts'
import { httpOptions } from './driver-hosts.ts'
import { openInvoker } from './open-driver.ts'
import { recording } from './recording-server.ts'

function invokerFor(t: TestContext, options: Parameters<typeof httpOptions>[0]): Invoker {
  return openInvoker(t, driver, httpOptions(options))
}

const ask = (invoker: Invoker, asked: Asked, name = 'hello') =>
  new TestAttempt(facts(name), asked).run(invoker).over()

test('the path of the caller comes behind the path of the URL, {name} becomes the deployment', async (t) => {
  const { server, host } = await recording(t)
  const invoker = invokerFor(t, { url: new URL(`http://${host}/base/{name}/v1`).href })
  await ask(invoker, { path: '/x?q=1' }, 'my fn')
  await ask(invoker, { path: '/?q' }, 'other')
  assert.deepEqual(
    server.requests.map(({ target }) => target),
    ['/base/my%20fn/v1/x?q=1', '/base/other/v1?q'],
  )
})

test('two backends whose URLs glue to the same text are two', async (t) => {
  const one = await recording(t)
  const two = await recording(t)
  await ask(invokerFor(t, { url: `http://${one.host}/1` }), { path: '/p' })
  await ask(invokerFor(t, { url: `http://${two.host}/` }), { path: '/1/p' })
  assert.equal(one.server.requests.length, 1)
  assert.equal(two.server.requests.length, 1)
})

test('a path that would leave the base of the URL is never sent', async (t) => {
  const { server, host } = await recording(t)
  const invoker = invokerFor(t, { url: `http://${host}/base` })
  for (const path of ['/../x', '/ho/%2E%2E/hi', '//evil/x', '/a%2f..%2f..']) {
    assert.equal((await ask(invoker, { path })).outcome, 'driver-error')
  }
  assert.equal(server.requests.length, 0)
})

test('Host is that of the URL, or on request that of the client', async (t) => {
  const { server, host } = await recording(t)
  await ask(invokerFor(t, { url: `http://${host}/` }), { path: '/' })
  assert.deepEqual(server.sent('host'), [host])
  await ask(invokerFor(t, { url: `http://${host}/`, preserveHost: true }), { path: '/' })
  assert.deepEqual(server.sent('host'), ['api.example.com'])
})

test('the credential of the backend replaces a header of the caller', async (t) => {
  const { server, host } = await recording(t)
  const credential = { header: 'authorization', value: 'Bearer ours' }
  const asked = { path: '/', headers: ['authorization', 'Bearer theirs'] }
  await ask(invokerFor(t, { url: `http://${host}/`, credential }), asked)
  assert.deepEqual(server.sent('authorization'), ['Bearer ours'])
})

test('options that cannot be kept are refused with a sentence that holds no secret', (t) => {
  const url = 'https://functions.example.com/'
  const refused: [Parameters<typeof httpOptions>[0], RegExp][] = [
    [{ url: `${url}?q=1` }, /url has a query/],
    [{ url: new URL('https://{name}.example.com/').href }, /path of url only/],
    [{ url, certificate: 'x' }, /certificate and key go together/],
    [{ url, certificate: 'PEM', key: 'hunter2' }, /not usable PEM/],
    [{ url: 'http://functions.example.com/', ca: 'PEM' }, /need an https url/],
    [{ url, credential: { header: 'authorization', value: 'hunter2\r\nx: 1' } }, /no header can carry/],
  ]
  for (const [options, message] of refused) {
    assert.throws(
      () => invokerFor(t, options).check!(facts('hello')),
      (error: Error) => message.test(error.message) && !error.message.includes('hunter2'),
    )
  }
  for (const name of ['..', '.', 'a/../b']) {
    const invoker = invokerFor(t, { url: new URL(`${url}{name}`).href })
    assert.throws(() => invoker.check!(facts(name)), /cannot be a part of a path/)
  }
})
