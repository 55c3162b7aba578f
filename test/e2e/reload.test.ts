import assert from 'node:assert/strict'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { launch } from '../gateway/cli/launched.ts'
import { call, openCall } from './call.ts'
import { type ChildGateway, startChildGateway } from './child-gateway.ts'
import { configText, startTestGateway } from './gateway.ts'
import { Load } from './load.ts'
import { readStatus, until } from './observe.ts'
import { OK, startRawBackend } from './raw-backend.ts'
import { startRawUpstream } from './upstream.ts'

const REQUESTS = 50_000
const RELOADS = 100

test('H07 100 reloads under load: no request of 50 000 fails, and each is served by one configuration', async (t) => {
  const upstream = await startEcho(t)
  const versions = [1, 2].map((version) => ({
    gateway: { threads: 2 },
    backends: { echo: { driver: 'http', url: upstream.url } },
    functions: { [`f${version}`]: { deployments: ['echo'] } },
    routes: [
      {
        path: '/*',
        function: `f${version}`,
        auth: 'none',
        rewrite: `/version-${version}`,
        plugins: { headers: { response: { set: { 'x-version': `version-${version}` } } } },
      },
    ],
  }))
  const gateway = await startChildGateway(t, versions[0]!)
  const seen = new Set<string>()
  const load = new Load({
    port: () => gateway.port,
    connections: 12,
    request: 'GET /any HTTP/1.1\r\nHost: own.test\r\n\r\n',
    judge(head, body) {
      seen.add(body)
      const version = /\r\nx-version: (\S+)/.exec(head)?.[1]
      return head.startsWith('HTTP/1.1 200 ') && body === `/${version}` ? null : `${head} | ${body}`
    },
  })
  for (let reloads = 1; reloads <= RELOADS; reloads++) {
    await replaceConfig(gateway, versions[reloads % 2]!)
    assert.equal(await reload(gateway), 200)
    // Evenly over the load.
    const due = (REQUESTS / RELOADS) * reloads
    await until(() => load.answered >= due || load.failed > 0, 'the load goes on', 30_000)
  }
  const { answered, failed, failures } = await load.stop()
  const { configuration, threads } = await readStatus(gateway)
  t.diagnostic(`${answered} requests, ${failed} failed, ${configuration.reloads.succeeded} reloads`)
  assert.deepEqual(failures, [])
  assert.equal(failed, 0)
  assert.ok(answered >= REQUESTS, `${answered} requests`)
  assert.ok(configuration.reloads.succeeded >= RELOADS)
  assert.equal(configuration.reloads.failed, 0)
  assert.ok(threads.every(({ restarts }) => restarts === 0))
  assert.deepEqual(seen, new Set(['/version-1', '/version-2']))
})

test('a changed file and SIGHUP are both taken up', async (t) => {
  const backend = await startRawBackend(t)
  const gateway = await startChildGateway(t, simple(backend.url, ['/one']))
  await replaceConfig(gateway, simple(backend.url, ['/one', '/two']))
  await until(
    async () => (await call(gateway.port, 'GET', '/two')).status === 200,
    'the change of the file is seen',
  )
  const { reloads } = (await readStatus(gateway)).configuration
  gateway.process.kill('SIGHUP')
  await until(async () => {
    const now = (await readStatus(gateway)).configuration.reloads
    return now.succeeded > reloads.succeeded
  }, 'SIGHUP is heard')
})

test('H08 an invalid configuration is refused whole, the old one serves on, and the mistake is told', async (t) => {
  const backend = await startRawBackend(t)
  const config = simple(backend.url, ['/one'])
  const gateway = await startTestGateway(t, config)
  const invalid: [string, string, RegExp][] = [
    ['not YAML', '{ "gateway": [', /dispatch\.yaml:\d+/],
    ['an unknown key', configText({ ...config, functoins: {} }), /unknown key "functoins"/],
    ['a function that is not there', configText(simple(backend.url, ['/one', '/two'], 'nobody')), /nobody/],
    [
      'a setting that needs a restart',
      configText({ ...config, gateway: { threads: 2 } }),
      /gateway\.threads changed; restart/,
    ],
    ['an empty file', '', /./],
  ]
  let failed = 0
  for (const [what, text, mistake] of invalid) {
    await gateway.write(text)
    await gateway.running.reload()
    const { configuration } = await readStatus(gateway)
    assert.match(configuration.lastError?.mistakes.join('\n') ?? '', mistake, what)
    assert.ok(configuration.reloads.failed > failed, what)
    failed = configuration.reloads.failed
    assert.equal((await call(gateway.port, 'GET', '/one')).status, 200, what)
    assert.equal((await call(gateway.port, 'GET', '/two')).status, 404, `${what}: a part of it was taken`)
  }
  await gateway.write(configText(simple(backend.url, ['/one', '/two'])))
  await gateway.running.reload()
  assert.equal((await call(gateway.port, 'GET', '/two')).status, 200)
  assert.equal((await readStatus(gateway)).configuration.lastError, null)
})

test('H09 a reload that removes a route and its backend lets running calls finish', async (t) => {
  const backend = await startRawBackend(t)
  const other = await startRawBackend(t)
  const config = simple(backend.url, ['/slow'])
  const gateway = await startTestGateway(t, config)
  backend.answer = ({ socket, target }) => {
    if (target === '/slow?head') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf ')
  }
  const before = openCall(gateway.port, 'GET', '/slow')
  const during = openCall(gateway.port, 'GET', '/slow?head')
  await until(() => backend.requests.length === 2, 'both are with the function')
  await until(() => during.received.includes('half'), 'one is being answered')

  await gateway.write(configText(simple(other.url, ['/new'])))
  await gateway.running.reload()
  assert.equal((await call(gateway.port, 'GET', '/slow')).status, 404)
  assert.equal((await call(gateway.port, 'GET', '/new')).status, 200)
  // Reloads after that do not reach for what the old calls still hold.
  for (let i = 0; i < 3; i++) await gateway.running.reload()

  for (const { target, socket } of backend.requests) socket.write(target === '/slow' ? OK : 'other')
  await Promise.all([before.until(1, 3000), during.until(1, 3000)])
  assert.equal(before.answers[0]?.body.toString(), 'ok')
  assert.equal(during.answers[0]?.body.toString(), 'half other')
  await until(() => backend.open.size === 0, 'connections of the removed backend are closed', 8000)
})

test('H13 when the configuration cannot be read a running gateway serves the last good one, and says so', async (t) => {
  const backend = await startRawBackend(t)
  const gateway = await startTestGateway(t, simple(backend.url, ['/one']))
  await rm(gateway.configFile)
  await gateway.running.reload()
  assert.equal((await call(gateway.port, 'GET', '/one')).status, 200)
  const { configuration } = await readStatus(gateway)
  assert.match(configuration.lastError?.mistakes.join() ?? '', /there is no such file/)
  assert.equal((await fetch(`${gateway.management}/readyz`)).status, 200)
})

test('H13 a restart without a configuration that can be read refuses to start', async (t) => {
  const backend = await startRawBackend(t)
  const gateway = await startChildGateway(t, simple(backend.url, ['/one']))
  const file = join(gateway.directory, 'dispatch.yaml')
  gateway.process.kill('SIGTERM')
  assert.equal(await gateway.exited, 0)
  await rename(file, `${file}.away`)
  const refused = launch(['up', '--config', file], gateway.directory)
  t.after(() => refused.process.kill('SIGKILL'))
  assert.notEqual(await refused.exited, 0)
  assert.match(refused.output(), /dispatch\.yaml/)
})

test('H13 without an identity provider a restarted gateway is ready, serves what needs no key, and answers 503 for the rest', async (t) => {
  const backend = await startRawBackend(t)
  const gateway = await startTestGateway(t, {
    ...simple(backend.url, ['/open']),
    identity: {
      issuers: [
        {
          issuer: 'https://idp.test',
          audiences: ['a'],
          jwks: { url: 'http://127.0.0.1:9/keys', timeout: '300ms' },
        },
      ],
    },
    routes: [
      { path: '/open', function: 'fn', auth: 'none' },
      { path: '/closed', function: 'fn' },
    ],
  })
  assert.equal((await fetch(`${gateway.management}/readyz`)).status, 200)
  assert.equal((await call(gateway.port, 'GET', '/open')).status, 200)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const token = [
    part({ alg: 'RS256', kid: 'k' }),
    part({ iss: 'https://idp.test', aud: 'a', sub: 's', iat: now, exp: now + 60 }),
    'c2lnbmF0dXJl'.repeat(28),
  ].join('.')
  const closed = await call(gateway.port, 'GET', '/closed', { headers: [`Authorization: Bearer ${token}`] })
  assert.equal(closed.status, 503)
  assert.equal(closed.code, 'GW_IDENTITY_UNAVAILABLE')
  await until(
    async () => (await readStatus(gateway)).issuers[0]?.state === 'failing',
    'the status tells which issuer',
  )
})

function simple(url: string, paths: readonly string[], fn = 'fn'): Record<string, unknown> {
  return {
    backends: { raw: { driver: 'http', url } },
    functions: { fn: { deployments: ['raw'], timeout: '20s' } },
    routes: paths.map((path) => ({ path, function: path === '/two' ? fn : 'fn', auth: 'none' })),
  }
}

/** In one step, as an editor or an orchestrator does. */
async function replaceConfig({ directory }: ChildGateway, config: Record<string, unknown>): Promise<void> {
  const file = join(directory, 'dispatch.yaml')
  await writeFile(`${file}.new`, configText(config))
  await rename(`${file}.new`, file)
}

/** Status of the answer of the management API. */
async function reload({ management, directory }: ChildGateway): Promise<number> {
  const token = (await readFile(join(directory, '.dispatch/management-token'), 'utf8')).trim()
  const response = await fetch(`${management}/v1/reload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  await response.arrayBuffer()
  return response.status
}

/** Answers each request with its own path, one request a packet. */
async function startEcho(t: TestContext): Promise<{ readonly url: string }> {
  return await startRawUpstream(t, (socket) => {
    socket.setNoDelay(true)
    socket.on('data', (request: Buffer) => {
      const path = request.toString('latin1', 0, 200).split(' ')[1]!
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`)
    })
  })
}
