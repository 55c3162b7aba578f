import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, slotsTaken, until } from './observe.ts'
import { bearer, IDENTITY, openSocket } from './websocket-sides.ts'

async function start(t: TestContext): Promise<TestGateway> {
  return await startTestGateway(t, {
    identity: IDENTITY,
    backends: {
      here: { driver: 'workerd', directory: join(import.meta.dirname, 'functions'), watch: false },
    },
    functions: { echo: { deployments: [{ backend: 'here', name: 'socket' }], timeout: '5s' } },
    routes: [{ path: '/echo', function: 'echo', upgrade: 'websocket' }],
  })
}

const headers = () => ({ authorization: bearer() })

test('a function on this machine speaks WebSockets: texts, bytes, and who is there', async (t) => {
  const gateway = await start(t)
  const client = await openSocket(t, gateway.port, { path: '/echo', headers: headers() })
  client.socket.send('hello')
  client.socket.send(Buffer.from([0, 1, 255]))
  assert.deepEqual(await client.heard(2), ['alice: hello', Buffer.from([0, 1, 255])])
  assert.equal(await slotsTaken(gateway), 1)
  client.socket.close(4001, 'bye')
  assert.deepEqual(await client.end(), [4001, 'bye'])
  await until(async () => (await slotsTaken(gateway)) === 0, 'the slot is given back', 8000)
})

test('a function on this machine may close, with a code of its own', async (t) => {
  const gateway = await start(t)
  const client = await openSocket(t, gateway.port, { path: '/echo', headers: headers() })
  client.socket.send('close')
  assert.deepEqual(await client.end(), [4002, 'as asked'])
  await until(async () => (await slotsTaken(gateway)) === 0, 'the slot is given back', 8000)
})

test('a function on this machine answers what is no WebSocket by itself, and is not called without a credential', async (t) => {
  const gateway = await start(t)
  const plain = await fetch(`${gateway.url}/echo`, { headers: headers() })
  assert.equal(plain.status, 426)
  await assert.rejects(openSocket(t, gateway.port, { path: '/echo' }), /401/)
  const { samples } = await readMetrics(gateway)
  assert.equal(samples.find(({ name }) => name === 'dispatch_websockets_opened_total')!.value, 0)
})

test('K05 a WebSocket of a function on this machine ends with 1008 when its credential expires', async (t) => {
  const gateway = await start(t)
  const started = Date.now()
  const client = await openSocket(t, gateway.port, {
    path: '/echo',
    headers: { authorization: bearer('', 2) },
  })
  assert.deepEqual(await client.end(), [1008, 'the credential has expired'])
  assert.ok(Date.now() - started > 800, 'not before')
  await until(async () => (await slotsTaken(gateway)) === 0, 'the slot is given back', 8000)
})
