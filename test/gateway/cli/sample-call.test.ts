import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registry } from '../../../gateway/built-in.ts'
import { grantsFor, sampleCall } from '../../../gateway/cli/sample-call.ts'
import { parseConfig } from '../../../gateway/config/load-config.ts'

const BOTH = { http: '127.0.0.1:80', https: '127.0.0.1:443', management: '127.0.0.1:90' }

test('a route that needs a token is shown before a public one, over HTTPS when the authority is at hand', async () => {
  const config = await configOf([
    { path: '/public', auth: 'none' },
    { path: '/b/:name/*', auth: { scopes: ['s'] } },
  ])
  assert.equal(
    sampleCall({ config, addresses: BOTH }, 'a b.pem', 'default', 'TOKEN'),
    "curl --cacert 'a b.pem' -H 'authorization: Bearer TOKEN' https://127.0.0.1:443/b/world/",
  )
  assert.equal(
    sampleCall({ config, addresses: BOTH }, null, 'default', 'TOKEN'),
    "curl -H 'authorization: Bearer TOKEN' http://127.0.0.1:80/b/world/",
  )
})

test('a public route is shown without the token', async () => {
  const config = await configOf([{ path: '/users/:id', auth: 'none' }])
  const call = sampleCall({ config, addresses: BOTH }, null, 'default', 'TOKEN')
  assert.equal(call, 'curl http://127.0.0.1:80/users/id')
})

test('a route for any host comes first; otherwise the host is sent', async () => {
  const hosted = { path: '/a', hosts: ['*.example.com'] }
  const alone = await configOf([hosted])
  assert.match(
    sampleCall({ config: alone, addresses: BOTH }, null, 'default', 'T')!,
    /-H 'host: www\.example\.com'/,
  )
  const both = await configOf([hosted, { path: '/b' }])
  assert.match(sampleCall({ config: both, addresses: BOTH }, null, 'default', 'T')!, /\/b$/)
})

test('a route that the token cannot open, or that takes no GET, is not shown', async () => {
  const config = await configOf([
    { path: '/other-issuer', auth: { issuers: ['https://idp.example'] } },
    { path: '/post', methods: ['POST'] },
  ])
  assert.equal(sampleCall({ config, addresses: BOTH }, null, 'default', 'T'), null)
  const own = await configOf([{ path: '/own' }])
  assert.equal(sampleCall({ config: own, addresses: BOTH }, null, 'stranger', 'T'), null)
})

test('the token is granted what the routes of its organization ask for, once each', async () => {
  const config = await configOf([
    { path: '/a', auth: { scopes: ['x', 'y'], roles: ['admin'] } },
    { path: '/b', auth: { scopes: ['y'] } },
    { path: '/c', auth: { scopes: ['z'], issuers: ['https://idp.example'] } },
    { path: '/d', auth: 'none' },
  ])
  assert.deepEqual(grantsFor('default', config.routes), { scopes: ['x', 'y'], roles: ['admin'] })
  assert.deepEqual(grantsFor('stranger', config.routes), { scopes: [], roles: [] })
})

async function configOf(routes: readonly object[]) {
  const text = JSON.stringify({
    identity: {
      development: true,
      issuers: [
        {
          issuer: 'https://idp.example',
          audiences: ['a'],
          jwks: { url: 'https://idp.example/jwks' },
        },
      ],
    },
    backends: { far: { driver: 'http', url: 'http://127.0.0.1:1' } },
    functions: { f: { deployments: ['far'] } },
    routes: routes.map((route) => ({ ...route, function: 'f' })),
  })
  return (await parseConfig(text, '/nowhere/dispatch.yaml', registry)).config
}
