import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load, messagesIn } from '../sample.ts'

const environment = { S32: 's'.repeat(32), S31: 's'.repeat(31), UMLAUTS: 'ü'.repeat(16) }
const TRUSTED = 'gateway: { trustedProxies: [10.0.0.0/8] }\n'
const KEYS = 'keys: [{ id: k1, secret: { env: S32 } }]'
const ROUTE =
  'backends: { b: { driver: plain, url: "http://127.0.0.1:1" } }\nfunctions: { f: { deployments: [b] } }\n'

const kong = (rest = KEYS, gateway = TRUSTED) => `${gateway}identity: { kong: { ${rest} } }\n`
const messages = (text: string) => messagesIn(text, { environment })
const taken = (text: string) => load(text, { environment })

test('identity.kong is complete with keys alone', async () => {
  const { config } = await load(kong(), { environment })
  assert.deepEqual(config.identity.kong, {
    keys: [{ id: 'k1', secret: environment.S32 }],
    audience: 'dispatch',
    skew: 5000,
    maxLifetime: 60_000,
    boundToRequest: true,
    subject: 'id',
    organization: 'default',
    organizations: null,
    rolePrefix: null,
  })
})

test('keys are there, each once, long enough and never written down', async () => {
  assert.deepEqual(await messages(kong('keys: []')), ['2 identity.kong.keys: the list is empty'])
  assert.deepEqual(await messages(kong('audience: a')), ['2 identity.kong.keys: "keys" is missing'])
  assert.deepEqual(await messages(kong('keys: [{ id: k1, secret: { env: S31 } }]')), [
    '2 identity.kong.keys[0].secret: the secret has less than 32 bytes',
  ])
  await taken(kong('keys: [{ id: k1, secret: { env: UMLAUTS } }]'))
  const twice = 'keys: [{ id: k1, secret: { env: S32 } }, { id: k1, secret: { env: UMLAUTS } }]'
  assert.deepEqual(await messages(kong(twice)), ['2 identity.kong.keys[1].id: the key "k1" is there already'])
  const [bad] = await messages(kong('keys: [{ id: "k 1", secret: { env: S32 } }]'))
  assert.match(bad!, /identity\.kong\.keys\[0\]\.id: /)
  const [inline] = await messages(kong(`keys: [{ id: k1, secret: ${environment.S32} }]`))
  assert.match(inline!, /identity\.kong\.keys\[0\]\.secret: /)
})

test('somebody is trusted to speak for Kong', async () => {
  const nobody = ['1 identity.kong: nobody is heard: no proxy is trusted']
  assert.deepEqual(await messages(kong(KEYS, '')), nobody)
  const [empty] = await messages(kong(KEYS, 'gateway: { trustedProxies: [] }\n'))
  assert.match(empty!, /nobody is heard/)
  const [onlyTheCertificate] = await messages(
    kong(KEYS, 'gateway: { https: { clientCertificate: { ca: none, subjects: [kong] } } }\n'),
  )
  assert.match(onlyTheCertificate!, /https\.clientCertificate\.ca: the authorities cannot be used/)
  const [, noSubjects] = await messages(
    kong(KEYS, 'gateway: { https: { clientCertificate: { ca: none, subjects: [] } } }\n'),
  )
  assert.match(noSubjects!, /subjects: the list is empty/)
})

test('callers are of one organization, or of one that a group names', async () => {
  const both = `${KEYS}, organization: acme, organizations: { prefix: "org:", allowed: [acme] }`
  assert.deepEqual(await messages(kong(both)), [
    '2 identity.kong.organizations: both `organization` and `organizations` are given',
  ])
  const named = await load(kong(`${KEYS}, organizations: { prefix: "org:", allowed: [acme] }`), {
    environment,
  })
  assert.equal(named.config.identity.kong?.organization, null)
})

test('a route that only Kong speaks for can be called, and names it as an issuer', async () => {
  const route = (auth: string) => `${kong()}${ROUTE}routes: [{ path: /x, function: f${auth} }]\n`
  for (const auth of ['', ', auth: { issuers: [kong] }', ', auth: { issuers: [kong-user], scopes: [a] }']) {
    assert.deepEqual((await taken(route(auth))).warnings, [], auth)
  }
  assert.deepEqual(await messages(route(', auth: { issuers: [kongs] }')), [
    '5 routes[0].auth.issuers[0]: there is no issuer "kongs" → kong',
  ])
  const strangers = route('').replace(KEYS, `${KEYS}, organization: acme`)
  assert.match(
    (await taken(strangers)).warnings[0]!.message,
    /no issuer and no API key has principals of "default"/,
  )
})
