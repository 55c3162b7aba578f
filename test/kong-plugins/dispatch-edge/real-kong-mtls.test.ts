import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import {
  createAuthority,
  createServerCertificate,
} from '../../../gateway/development/certificate-authority.ts'
import { createClientAuthority } from '../../e2e/client-certificates.ts'
import { startTestGateway } from '../../e2e/gateway.ts'
import { until } from '../../e2e/observe.ts'
import { startUpstream } from '../../e2e/upstream.ts'
import { freePort } from '../../free-port.ts'
import { DELETION_ORDER, needs } from '../kong-under-test.ts'
import { KEY } from './assertion.ts'
import { askKong, askKongAdmin, NO_KONG } from './real-kong.ts'

/**
 * The whole way: a gateway that only Kong's certificate opens brings its routes, its plugin and that certificate to a
 * real Kong by itself; what Kong authenticates then is a caller here.
 */
const skip = NO_KONG || (await needs(true))
const HOST = 'mtls.test'
/** Kong takes some seconds to act on a change. */
const KONG_ACTS_MS = 20_000

const ends: (() => unknown)[] = []
after(async () => {
  for (const end of ends.toReversed()) await end()
})

test('over certificates, all of it pushed by the gateway, whom Kong authenticates is the caller', {
  skip,
}, async () => {
  const cleanup = { after: (end: () => unknown) => ends.push(end) }
  const owner = `t${randomBytes(5).toString('hex')}`
  const port = await freePort()
  const serverAuthority = await createAuthority(Date.now())
  // nginx checks the name that the client asked for.
  const server = await createServerCertificate(serverAuthority, [HOST, '127.0.0.1'], Date.now())
  const clientAuthority = await createClientAuthority()
  const client = await clientAuthority.issue({ cn: 'kong-of-a-test' })
  Object.assign(process.env, {
    TEST_ASSERTION_KEY: KEY.secret,
    TEST_SERVER_KEY: server.key,
    TEST_CLIENT_KEY: client.key,
  })
  ends.push(() => deleteAllOf(owner))
  const upstream = await startUpstream(cleanup)
  await startTestGateway(cleanup, {
    gateway: {
      http: 'off',
      https: {
        address: `127.0.0.1:${port}`,
        certificate: server.certificate,
        key: { env: 'TEST_SERVER_KEY' },
        clientCertificate: { ca: clientAuthority.certificate, subjects: ['kong-of-a-test'] },
      },
    },
    identity: {
      kong: { keys: [{ id: KEY.id, secret: { env: 'TEST_ASSERTION_KEY' } }], subject: 'username' },
    },
    kong: {
      owner,
      admin: { url: process.env['KONG_ADMIN_URL'] },
      tls: {
        ca: serverAuthority.certificate,
        certificate: client.certificate,
        key: { env: 'TEST_CLIENT_KEY' },
      },
      targets: [`127.0.0.1:${port}`],
      health: { interval: '1s' },
      protocols: ['http'],
    },
    backends: { upstream: { driver: 'http', url: upstream.url } },
    functions: { recorder: { deployments: ['upstream'] } },
    routes: [{ path: '/who', hosts: [HOST], function: 'recorder' }],
  })
  // The gateway's own answer, through Kong.
  await until(
    async () => (await askKong(HOST, '/who')).headers['dispatch-error'] === 'GW_UNAUTHENTICATED',
    'the gateway answers through Kong',
    KONG_ACTS_MS,
  )

  const key = randomBytes(8).toString('hex')
  const consumer = randomUUID()
  await askKongAdmin('PUT', `/consumers/${consumer}`, { username: owner })
  ends.push(() => askKongAdmin('DELETE', `/consumers/${consumer}`))
  await askKongAdmin('POST', `/consumers/${consumer}/key-auth`, { key })
  const keyAuth = randomUUID()
  await askKongAdmin('PUT', `/plugins/${keyAuth}`, {
    name: 'key-auth',
    service: { name: `${owner}.dispatch-edge` },
  })
  ends.push(() => askKongAdmin('DELETE', `/plugins/${keyAuth}`))
  await until(
    async () => (await askKong(HOST, '/who', { headers: { apikey: key } })).status === 200,
    'the key is known to Kong',
    KONG_ACTS_MS,
  )
  const { headers } = upstream.seen.at(-1)!
  assert.deepEqual([headers['dispatch-subject'], headers['dispatch-issuer']], [owner, 'kong'])
  assert.equal((await askKong(HOST, '/who', { headers: { apikey: 'wrong' } })).status, 401)

  // Kong asks with its certificate too whether the gateway is ready.
  const health = await askKongAdmin('GET', `/upstreams/${owner}.dispatch-edge/health`)
  assert.deepEqual(
    (health['data'] as { health: string }[]).map((target) => target.health),
    ['HEALTHY'],
  )
})

async function deleteAllOf(owner: string): Promise<void> {
  for (const kind of DELETION_ORDER) {
    const { data } = await askKongAdmin('GET', `/${kind}?size=1000&tags=dispatch-edge-owner:${owner}`)
    for (const { id } of data as { id: string }[]) await askKongAdmin('DELETE', `/${kind}/${id}`)
  }
}
