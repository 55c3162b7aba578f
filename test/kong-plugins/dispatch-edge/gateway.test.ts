import assert from 'node:assert/strict'
import http from 'node:http'
import { after, test } from 'node:test'
import { startTestGateway, type TestGateway } from '../../e2e/gateway.ts'
import { startUpstream, type Upstream } from '../../e2e/upstream.ts'
import { KEY } from './assertion.ts'
import { openWasmLua } from './lua.ts'
import { ALICE, LuaPlugin, type PluginCall } from './lua-plugin.ts'

/** What the plugin says, sent to a gateway as Kong would send it. */
process.env['TEST_ASSERTION_KEY'] = KEY.secret

const ends: (() => unknown)[] = []
after(async () => {
  for (const end of ends.toReversed()) await end()
})

interface Both {
  readonly plugin: LuaPlugin
  readonly gateway: TestGateway
  readonly upstream: Upstream
}

let opened: Promise<Both> | null = null

async function open(): Promise<Both> {
  const cleanup = { after: (end: () => unknown) => ends.push(end) }
  const upstream = await startUpstream(cleanup)
  const gateway = await startTestGateway(cleanup, {
    gateway: { trustedProxies: ['127.0.0.1'] },
    identity: {
      kong: {
        keys: [{ id: KEY.id, secret: { env: 'TEST_ASSERTION_KEY' } }],
        subject: 'username',
        audience: 'edge',
      },
    },
    placement: { zone: 'us/a', explain: ['staff'] },
    backends: {
      upstream: { driver: 'http', url: upstream.url, zone: 'eu/a' },
    },
    functions: { recorder: { deployments: ['upstream'] } },
    routes: [{ path: '/*', function: 'recorder' }],
  })
  const plugin = await LuaPlugin.load(openWasmLua())
  ends.push(() => plugin.close())
  await plugin.configure('edge', { audience: 'edge', zone: 'eu/a' })
  await plugin.configure('default', { audience: 'dispatch' })
  await plugin.configure('forger', { audience: 'edge', key_secret: 'f'.repeat(32) })
  return { plugin, gateway, upstream }
}

async function send(call: PluginCall, path = '/hello', from = '127.0.0.1') {
  opened ??= open()
  const { plugin, gateway, upstream } = await opened
  const { status, headers } = await plugin.call({
    config: 'edge',
    uri: '/hello',
    now: Math.floor(Date.now() / 1000),
    ...call,
  })
  assert.equal(status, 0)
  const count = upstream.seen.length
  const raw = headers.flatMap(([name, value]) => [name, value.toString('latin1')])
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = http.request(
      {
        port: gateway.port,
        host: '127.0.0.1',
        localAddress: from,
        path,
        headers: ['Host', 'api.example.com', 'X-Forwarded-Host', 'api.example.com', ...raw],
        agent: false,
      },
      (response) => response.resume().on('end', () => resolve(response)),
    )
    request.on('error', reject).end()
  })
  return { status: answer.statusCode, headers: answer.headers, seen: upstream.seen[count]?.headers ?? null }
}

test('what the plugin says is taken, for the request and the peer that it is for', async () => {
  const { status, headers, seen } = await send({
    ...ALICE,
    acl: ['staff'],
    headers: [
      ['Dispatch-Explain', '1'],
      ['Dispatch-Subject', 'root'],
    ],
  })
  assert.equal(status, 200)
  assert.deepEqual(
    [seen!['dispatch-subject'], seen!['dispatch-roles'], seen!['dispatch-assertion']],
    ['alice', 'staff', undefined],
  )
  // The zone of the plugin, not that of the gateway.
  assert.equal(JSON.parse(String(headers['dispatch-explain'])).zone, 'eu/a')
  assert.equal((await send(ALICE, '/hello?x=1')).status, 200)
  assert.equal((await send(ALICE, '/other')).status, 401)
  assert.equal((await send(ALICE, '/hello', '127.0.0.2')).status, 401)
  assert.equal((await send({ consumer: ALICE.consumer })).status, 401)
})

test('what a plugin with another key or audience says is not, nor what is over', async () => {
  const nowS = Math.floor(Date.now() / 1000)
  for (const call of [{ config: 'forger' }, { config: 'default' }, { now: nowS - 20 }, { now: nowS + 20 }]) {
    const { status, seen } = await send({ ...ALICE, ...call })
    assert.deepEqual([status, seen], [401, null], JSON.stringify(call))
  }
})
