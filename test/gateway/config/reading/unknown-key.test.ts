import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messagesIn } from '../sample.ts'

test('an unknown key is told with the key that was meant, or with the place where it belongs', async () => {
  const text = `
gatway: {}
gateway: { keepAlive: 10s, trusted_proxies: [] }
routes:
  - { path: /a, function: f, auth: none, method: GET, jwks: 5, first: {}, colour: red }
`
  assert.deepEqual(
    (await messagesIn(text)).filter((message) => message.includes('unknown')),
    [
      '2 gatway: unknown key "gatway"',
      '3 gateway.keepAlive: unknown key "keepAlive"; it belongs to gateway.timeouts',
      '3 gateway.trusted_proxies: unknown key "trusted_proxies" → trustedProxies',
      '5 routes[0].method: unknown key "method" → methods',
      '5 routes[0].jwks: unknown key "jwks"; it belongs to identity.issuers[]',
      '5 routes[0].first: unknown key "first"; it belongs to `plugins:`, it is a plugin',
      '5 routes[0].colour: unknown key "colour"',
    ],
  )
})

test('keys of one list or map are checked where their schema has alternatives', async () => {
  const messages = await messagesIn(
    'identity: { development: { organisation: acme } }\nroutes: [{ path: /a, function: f, auth: { scop: [a] } }]\n',
  )
  assert.deepEqual(
    messages.filter((message) => message.includes('unknown')),
    [
      '1 identity.development.organisation: unknown key "organisation" → organization',
      '2 routes[0].auth.scop: unknown key "scop" → scopes',
    ],
  )
})
