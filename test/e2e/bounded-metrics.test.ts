import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { openDevelopmentIssuer } from '../../gateway/development/issuer.ts'
import { stateDirectoryOf } from '../../gateway/development/state-directory.ts'
import { call } from './call.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, until } from './observe.ts'
import { startUpstream } from './upstream.ts'

const STRANGERS = 10_000

test('L04 ten thousand paths, methods, hosts, tenants and key ids make no series of metrics', async (t) => {
  const upstream = await startUpstream(t)
  const gateway = await startTestGateway(t, {
    gateway: { metrics: { routes: 2 } },
    identity: { development: true },
    backends: { http: { driver: 'http', url: upstream.url } },
    functions: { fn: { deployments: ['http'] } },
    routes: ['/open/*', '/closed/*', '/third', '/fourth'].map((path) => ({
      path,
      function: 'fn',
      ...(path === '/closed/*' ? {} : { auth: 'none' }),
    })),
  })
  // One of each kind first, so that every series exists that may exist.
  await flood(gateway, 16, 0)
  assert.equal((await call(gateway.port, 'PURGE', '/open/1')).status, 501)
  for (const path of ['/third', '/fourth']) assert.equal((await call(gateway.port, 'GET', path)).status, 200)
  const before = await series(gateway)
  await flood(gateway, STRANGERS, 16)
  for (const method of ['LINK', 'MKCOL', 'REPORT', 'LOCK', 'COPY']) {
    assert.equal((await call(gateway.port, method, '/open/1')).status, 501)
  }
  const after = await series(gateway)
  assert.deepEqual(
    [...after].filter((name) => !before.has(name)),
    [],
  )
  assert.ok(after.size < 1500, `${after.size} series`)
  const routes = new Set([...after].flatMap((name) => /[{,]route="([^"]*)"/.exec(name)?.[1] ?? []))
  assert.deepEqual([...routes].sort(), ['ANY /closed/*', 'ANY /open/*', 'none', 'operator', 'other'].sort())
})

test('calls in flight and the tokens that were known are counted', async (t) => {
  const held = Promise.withResolvers<void>()
  const upstream = await startUpstream(
    t,
    (_request, response) => void held.promise.then(() => response.end('done')),
  )
  const gateway = await startTestGateway(t, {
    identity: { development: true },
    backends: { http: { driver: 'http', url: upstream.url } },
    functions: { fn: { deployments: ['http'] } },
    routes: [{ path: '/', function: 'fn' }],
  })
  const issuer = await openDevelopmentIssuer(stateDirectoryOf(gateway.directory), gateway.running.config)
  const token = issuer.mintToken({
    subject: 's',
    organization: 'default',
    roles: [],
    scopes: [],
    lifetimeMs: 60_000,
  })
  const headers = [`Authorization: Bearer ${token}`]
  const calls = [1, 2, 3].map(() => call(gateway.port, 'GET', '/', { headers }))
  const value = async (name: string, labels: object = {}) => (await readMetrics(gateway)).value(name, labels)
  const thread = { thread: '0' }
  await until(
    async () => (await value('dispatch_requests_in_flight', thread)) === 3,
    'three calls are in flight',
  )
  held.resolve()
  for (const { status } of await Promise.all(calls)) assert.equal(status, 200)
  await until(async () => (await value('dispatch_requests_in_flight', thread)) === 0, 'none is')
  assert.equal(await value('dispatch_token_cache_misses_total'), 1)
  assert.equal(await value('dispatch_token_cache_hits_total'), 2)
})

/** Requests that differ in everything a client can choose, many on one connection. */
async function flood({ port }: TestGateway, count: number, from: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  let answers = 0
  let tail = ''
  socket.setEncoding('latin1').on('data', (piece: string) => {
    const found = `${tail}${piece}`.split('HTTP/1.1 ')
    answers += found.length - 1
    tail = found.at(-1)!.slice(-8)
  })
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  for (let i = from; i < from + count; i++) {
    const method = ['GET', 'POST', 'PATCH', 'DELETE'][i % 4]
    const path = [`/open/${i}`, `/closed/${i}`, `/nowhere/${i}`, `/t/tenant-${i}/fn`][Math.floor(i / 4) % 4]
    const token = `${part({ alg: 'RS256', kid: `k${i}` })}.${part({ iss: `https://i${i}.test`, sub: `s${i}` })}.c2ln`
    const head = `${method} ${path}?q=${i} HTTP/1.1\r\nHost: h${i}.test\r\nAuthorization: Bearer ${token}\r\nX-Request-Id: r${i}\r\n`
    socket.write(`${head}Content-Length: 0\r\n\r\n`)
    const sent = i - from + 1
    if (sent % 50 === 0) await until(() => answers === sent, 'the flood is answered', 20_000)
  }
  await until(() => answers === count, 'all are answered', 20_000)
  socket.destroy()
}

/** Every series on the page, without its value; those of the runtime aside. */
async function series({ management }: TestGateway): Promise<Set<string>> {
  const text = await (await fetch(`${management}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith('dispatch_'))
  return new Set(lines.map((line) => line.slice(0, line.lastIndexOf(' '))))
}
