import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { call, openCall, type Seen } from './call.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, readStatus, until } from './observe.ts'
import { OK, type RawBackend, startRawBackend } from './raw-backend.ts'
import { startSocketFunction } from './websocket-sides.ts'
import { Wire } from './wire.ts'

const TROUBLE = new URL('outside/trouble-plugin.ts', import.meta.url).pathname

/** What a backend does with a target. */
const ANSWERS: Record<string, (socket: RawBackend['requests'][0]['socket']) => unknown> = {
  '/hang': () => {},
  '/fails': (socket) => socket.write('HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'),
  '/resets': (socket) => socket.resetAndDestroy(),
  '/nonsense': (socket) => socket.write('not HTTP\r\n\r\n'),
  '/breaks': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
}

function answerOk(socket: RawBackend['requests'][0]['socket']): void {
  socket.write(OK)
}

async function start(t: TestContext, threads: number, limit: number) {
  const backend = await startRawBackend(t)
  backend.answer = ({ target, socket }) => void (ANSWERS[target] ?? answerOk)(socket)
  const sockets = await startSocketFunction(t)
  const gateway = await startTestGateway(t, {
    gateway: { threads },
    plugins: [TROUBLE],
    backends: {
      raw: { driver: 'http', url: backend.url },
      sockets: { driver: 'http', url: sockets.url },
    },
    organizations: {
      acme: {
        plugins: { 'concurrency-limit': { limit, by: 'organization' }, trouble: {} },
        functions: {
          fn: { deployments: ['raw'], timeout: '20s' },
          hasty: { deployments: ['raw'], timeout: '150ms' },
          sockets: { deployments: ['sockets'] },
        },
        routes: [
          { path: '/*', function: 'fn', auth: 'none' },
          { path: '/hang-shortly', function: 'hasty', auth: 'none', rewrite: '/hang' },
          { path: '/socket', function: 'sockets', auth: 'none', upgrade: 'websocket' },
          {
            path: '/rated',
            function: 'fn',
            auth: 'none',
            plugins: { 'rate-limit': { limit: 1, window: '1d', by: 'address' } },
          },
          { path: '/small', function: 'fn', auth: 'none', plugins: { 'request-size': { limit: '1B' } } },
          { path: '/tokens-only', function: 'fn' },
        ],
      },
    },
    functions: { other: { deployments: ['raw'] } },
    routes: [{ path: '/other', function: 'other', auth: 'none' }],
    identity: { development: true },
  })
  return { gateway, backend }
}

/** Calls until there is room: the end of the call before may be on its way to the other side. */
async function get(port: number, path: string, ...headers: string[]): Promise<Seen> {
  let seen: Seen | null = null
  await until(async () => {
    seen = await call(port, 'GET', path, { headers })
    return seen.code !== 'GW_CONCURRENCY_LIMITED'
  }, 'there is room for a call')
  return seen!
}

/** Opens calls until there is room for one, which then runs. */
async function run(port: number, backend: RawBackend): Promise<Wire> {
  let running: Wire | null = null
  await until(async () => {
    const before = backend.requests.length
    const wire = openCall(port, 'GET', '/hang')
    await until(() => backend.requests.length > before || wire.answers.length > 0, 'it runs or is refused')
    if (wire.answers.length === 0) running = wire
    else wire.destroy()
    return running !== null
  }, 'there is room for a call')
  return running!
}

/** Nothing is held: a call may run, and while it does there is room for no second one. */
async function isWholeAgain({ port }: TestGateway, backend: RawBackend, after: string): Promise<void> {
  const running = await run(port, backend)
  const refused = await call(port, 'GET', '/')
  assert.deepEqual([refused.status, refused.code], [429, 'GW_CONCURRENCY_LIMITED'], after)
  assert.deepEqual(refused.headers.get('retry-after'), ['1'])
  assert.equal((await call(port, 'GET', '/other')).status, 200)
  running.destroy()
}

test('a call gives back what it holds once, whatever becomes of it', async (t) => {
  const { gateway, backend } = await start(t, 1, 1)
  const { port } = gateway
  const ends: Record<
    string,
    (() => Promise<unknown>) | readonly [status: number, path: string, header?: string]
  > = {
    'an answer': [200, '/'],
    'an answer that says that it failed': [500, '/fails'],
    'a connection that was reset': [502, '/resets'],
    'an answer that is none': [502, '/nonsense'],
    'a function that is late': [504, '/hang-shortly'],
    'a call that another policy lets pass': [200, '/rated'],
    'a call that another policy refuses': [429, '/rated'],
    'a refusal for want of a credential': [401, '/tokens-only'],
    'a body that is too large': [413, '/small', 'Content-Length: 2'],
    'a step that throws': [500, '/', 'X-Trouble: access:throw'],
    'a step that waits': [200, '/', 'X-Trouble: access:wait'],
    'a filter that fails': [200, '/', 'X-Trouble: headerFilter:throw'],
    'a log phase that fails': [200, '/', 'X-Trouble: log:throw'],
    'an answer that breaks': async () => {
      await get(port, '/')
      const wire = openCall(port, 'GET', '/breaks')
      await until(() => wire.closed, 'it is cut')
    },
    'a body that turns out too large': async () => {
      await get(port, '/')
      const wire = new Wire(port)
      wire.write(
        'POST /small HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlarge\r\n0\r\n\r\n',
      )
      await wire.until(1, 5000)
      wire.destroy()
    },
    'a client that leaves a running call': async () => (await run(port, backend)).reset(),
    'a client that leaves while a step waits': async () => {
      await get(port, '/')
      const wire = openCall(port, 'GET', '/', { headers: ['X-Trouble: access:wait'] })
      await until(async () => (await call(port, 'GET', '/')).status === 429, 'it is held')
      wire.reset()
    },
    'a WebSocket': async () => {
      await get(port, '/')
      const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`)
      await once(socket, 'open')
      assert.equal((await call(port, 'GET', '/')).status, 429)
      socket.close()
    },
  }
  for (const [end, reach] of Object.entries(ends)) {
    if (typeof reach === 'function') await reach()
    else assert.equal((await get(port, reach[1], ...reach.slice(2).map(String))).status, reach[0], end)
    await isWholeAgain(gateway, backend, end)
  }
})

test('a thread that dies gives back what its calls held', async (t) => {
  const { gateway, backend } = await start(t, 1, 2)
  const hanging = openCall(gateway.port, 'GET', '/hang')
  await until(() => backend.requests.length === 1, 'the call is there')
  const killer = openCall(gateway.port, 'GET', '/', { headers: ['X-Trouble: access:exit'] })
  await until(() => hanging.closed && killer.closed, 'the thread is dead')
  await until(async () => {
    const { threads } = await readStatus(gateway)
    return threads.every(({ state, restarts }) => state === 'serving' && restarts === 1)
  }, 'it is replaced')
  const both = [1, 2].map(() => openCall(gateway.port, 'GET', '/hang'))
  await until(() => backend.requests.length === 3, 'there is room for two')
  assert.equal((await call(gateway.port, 'GET', '/')).status, 429)
  for (const wire of both) wire.destroy()
})

test('over all threads exactly as many calls as the limit are at the functions', async (t) => {
  const { gateway, backend } = await start(t, 2, 7)
  const wires = Array.from({ length: 60 }, () => openCall(gateway.port, 'GET', '/hang'))
  await until(() => wires.filter(({ answers }) => answers.length > 0).length === 53, 'all others are refused')
  await until(() => backend.requests.length >= 7, 'those with a place are at the function')
  assert.ok(wires.every(({ statuses }) => statuses.every((status) => status === 429)))
  const { value } = await readMetrics(gateway)
  assert.equal(value('dispatch_refusals_total', { code: 'GW_CONCURRENCY_LIMITED' }), 53)
  assert.equal(backend.requests.length, 7)
  for (const wire of wires) wire.destroy()
})
