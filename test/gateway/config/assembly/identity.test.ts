import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { DEVELOPMENT_ISSUER } from '../../../../gateway/config/assembly/identity-facts.ts'
import { problemOfPublicKey } from '../../../../gateway/config/assembly/issuer-keys.ts'
import { DEVELOPMENT_ISSUER as ISSUED } from '../../../../gateway/development/issuer.ts'
import { readPublicKey, readSecret } from '../../../../gateway/identity/keys.ts'
import { load, messagesIn } from '../sample.ts'

const environment = { S32: 's'.repeat(32), S48: 's'.repeat(48), S64: 's'.repeat(64), S31: 's'.repeat(31) }

const issuer = (rest: string) => `identity: { issuers: [{ issuer: x, audiences: [a], ${rest} }] }\n`

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const ed = generateKeyPairSync('ed25519')

test('an issuer has keys here or publishes them', async () => {
  assert.deepEqual(await messagesIn(issuer('')), ['1 identity.issuers[0].issuer: the issuer has no keys'])
  assert.deepEqual(await messagesIn(issuer('keys: []')), [
    '1 identity.issuers[0].issuer: the issuer has no keys',
  ])
  const both = issuer('keys: [{ id: a, algorithm: HS256, secret: { env: S32 } }], jwks: { url: "https://x" }')
  assert.deepEqual(await messagesIn(both, { environment }), [
    '1 identity.issuers[0].jwks: both `keys` and `jwks` are given',
  ])
})

test('the algorithms of an issuer are those of its keys, or the usual ones of published keys', async () => {
  const algorithmsOf = async (rest: string) =>
    (await load(issuer(rest), { environment })).config.identity.issuers[0]!.algorithms
  assert.deepEqual(await algorithmsOf('jwks: { url: "https://x" }'), ['RS256', 'ES256'])
  assert.deepEqual(await algorithmsOf('jwks: { url: "https://x" }, algorithms: [PS512]'), ['PS512'])
  const keys =
    '{ id: a, algorithm: HS256, secret: { env: S32 } }, { id: b, algorithm: HS512, secret: { env: S64 } }, { id: c, algorithm: HS256, secret: { env: S48 } }'
  assert.deepEqual(await algorithmsOf(`keys: [${keys}]`), ['HS256', 'HS512'])
})

test('a shared secret is never used with published or public keys, and none is no algorithm', async () => {
  assert.deepEqual(await messagesIn(issuer('jwks: { url: "https://x" }, algorithms: [RS256, HS256]')), [
    '1 identity.issuers[0].algorithms[1]: HS256 cannot be used with `jwks`',
  ])
  const pem = JSON.stringify(spki(rsa.publicKey))
  assert.deepEqual(await messagesIn(issuer(`keys: [{ id: a, algorithm: HS256, publicKey: ${pem} }]`)), [
    '1 identity.issuers[0].keys[0].algorithm: HS256 does not take a public key',
  ])
  assert.deepEqual(
    await messagesIn(issuer('keys: [{ id: a, algorithm: RS256, secret: { env: S32 } }]'), { environment }),
    ['1 identity.issuers[0].keys[0].algorithm: RS256 does not take a secret'],
  )
  assert.deepEqual(await messagesIn(issuer('jwks: { url: "https://x" }, algorithms: [none]')), [
    '1 identity.issuers[0].algorithms[0]: "none" cannot stand here',
  ])
  assert.deepEqual(
    await messagesIn(
      issuer('keys: [{ id: a, algorithm: HS256, secret: { env: S32 } }], algorithms: [HS512]'),
      { environment },
    ),
    ['1 identity.issuers[0].keys[0].algorithm: HS256 is not among the algorithms of the issuer'],
  )
})

test('a key is one key with an id of its own', async () => {
  const keys = [
    '{ id: a, algorithm: HS256 }',
    '{ id: a, algorithm: HS256, secret: { env: S32 } }',
    `{ id: b, algorithm: HS256, secret: { env: S32 }, publicKey: x }`,
    '{ id: "", algorithm: HS256, secret: { env: S32 } }',
  ]
  assert.deepEqual(await messagesIn(issuer(`keys: [${keys.join()}]`), { environment }), [
    '1 identity.issuers[0].keys[0]: the key "a" has no key',
    '1 identity.issuers[0].keys[1].id: the key "a" is there already',
    '1 identity.issuers[0].keys[2]: both `publicKey` and `secret` are given',
    '1 identity.issuers[0].keys[3].id: "" cannot stand here',
  ])
})

test('a secret is as long as the hash of its algorithm', async () => {
  const keys = ['S31 HS256', 'S32 HS256', 'S32 HS384', 'S48 HS384', 'S48 HS512', 'S64 HS512'].map(
    (pair, i) => {
      const [name, algorithm] = pair.split(' ')
      return `{ id: k${i}, algorithm: ${algorithm}, secret: { env: ${name} } }`
    },
  )
  assert.deepEqual(await messagesIn(issuer(`keys: [${keys.join()}]`), { environment }), [
    '1 identity.issuers[0].keys[0].secret: the secret is shorter than 32 bytes',
    '1 identity.issuers[0].keys[2].secret: the secret is shorter than 48 bytes',
    '1 identity.issuers[0].keys[4].secret: the secret is shorter than 64 bytes',
  ])
})

test('a public key that is taken here is taken by the verifier too, and the other way round', () => {
  const jwk = (key: KeyObject, more = {}) => JSON.stringify({ ...key.export({ format: 'jwk' }), ...more })
  const texts = [
    ...[rsa, small, p256, p384, ed].map(({ publicKey }) => spki(publicKey)),
    ...[rsa, p256, ed].map(({ publicKey }) => jwk(publicKey)),
    ...[rsa, p256].map(({ privateKey }) => jwk(privateKey)),
    ...[rsa, p256, ed].map(({ privateKey }) => privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
    'not a key',
    '{}',
    '{',
    '[]',
    '{"kty":"oct","k":"c2VjcmV0"}',
    '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
  ]
  for (const algorithm of ['RS256', 'PS512', 'ES256', 'ES384', 'ES512']) {
    for (const text of texts) {
      const verifier = readPublicKey('a', algorithm, text)
      const problem = problemOfPublicKey(text, algorithm)
      assert.equal(
        problem === null,
        typeof verifier !== 'string',
        `${algorithm}: ${text.slice(0, 60)}: ${problem} / ${verifier}`,
      )
    }
  }
})

test('a secret that is taken here is taken by the verifier too', async () => {
  for (const [name, secret] of Object.entries(environment)) {
    for (const algorithm of ['HS256', 'HS384', 'HS512']) {
      const text = issuer(`keys: [{ id: a, algorithm: ${algorithm}, secret: { env: ${name} } }]`)
      const isTaken = await load(text, { environment }).then(
        () => true,
        () => false,
      )
      assert.equal(isTaken, typeof readSecret('a', algorithm, secret) !== 'string', `${name} ${algorithm}`)
    }
  }
})

test('an issuer is there once', async () => {
  const one = '{ issuer: x, audiences: [a], jwks: { url: "https://x" } }'
  assert.deepEqual(await messagesIn(`identity:\n  issuers:\n    - ${one}\n    - ${one}\n`), [
    '4 identity.issuers[1].issuer: the issuer "x" is there already, in line 3',
  ])
})

test('principals have one organization or take it from a claim', async () => {
  const both = issuer(
    'jwks: { url: "https://x" }, organization: acme, organizations: { claim: org, allowed: [acme] }',
  )
  assert.deepEqual(await messagesIn(both), [
    '1 identity.issuers[0].organizations: both `organization` and `organizations` are given',
  ])
  const { config } = await load(
    issuer('jwks: { url: "https://x" }, organizations: { claim: org, allowed: [acme] }'),
  )
  assert.equal(config.identity.issuers[0]!.organization, null)
  assert.deepEqual(
    await messagesIn(issuer('jwks: { url: "https://x" }, organizations: { claim: org, allowed: [] }')),
    ['1 identity.issuers[0].organizations.allowed: the list is empty'],
  )
})

test('key sets come over https, or from this machine', async () => {
  for (const url of [
    'https://idp.example.com/keys',
    'http://127.0.0.1:9000/keys',
    'http://[::1]/keys',
    'http://localhost/keys',
  ]) {
    await load(issuer(`jwks: { url: "${url}" }`))
  }
  assert.deepEqual(await messagesIn(issuer('jwks: { url: "http://idp.example.com/keys" }')), [
    '1 identity.issuers[0].jwks.url: http is allowed towards this machine only → https://idp.example.com/keys',
  ])
  assert.deepEqual(await messagesIn(issuer('jwks: { url: "https://x", ca: nope }')), [
    '1 identity.issuers[0].jwks.ca: the authorities cannot be used: it holds no certificate that can be read',
  ])
})

test('API keys are known by hashes, with names and hashes of their own', async () => {
  const hash = (digit: string) => `"sha256:${digit.repeat(64)}"`
  const text = `
identity:
  apiKeys:
    header: Authorization
    keys:
      - { name: a, hash: ${hash('a')}, expires: 2020-01-01T00:00:00Z }
      - { name: a, hash: ${hash('b')}, organization: A_B }
      - { name: c, hash: ${hash('A')}, scopes: ["x y"] }
      - { name: d, hash: secret }
      - { hash: ${hash('d')}, expires: 2027-01-01 }
`
  assert.deepEqual(await messagesIn(text), [
    '4 identity.apiKeys.header: "authorization" cannot carry an API key',
    '7 identity.apiKeys.keys[1].name: the name "a" is there already, in line 6',
    '7 identity.apiKeys.keys[1].organization: "A_B" cannot stand here → a-b',
    '8 identity.apiKeys.keys[2].hash: the API key "a" has the same hash',
    '8 identity.apiKeys.keys[2].scopes[0]: "x y" is not a scope',
    '9 identity.apiKeys.keys[3].hash: this is not a hash of an API key',
    '10 identity.apiKeys.keys[4].name: "name" is missing',
    '10 identity.apiKeys.keys[4].expires: "2027-01-01" is not a moment → 2027-01-01T00:00:00Z',
  ])
})

test('an API key that has expired is a warning', async () => {
  const text = `identity: { apiKeys: { keys: [{ name: ci, hash: "sha256:${'a'.repeat(64)}", expires: 2027-01-01T00:00:00Z }] } }\nroutes: []\n`
  const warningsAt = async (moment: string) =>
    (await load(text, { now: new Date(moment) })).warnings.map(({ message }) => message)
  assert.deepEqual((await warningsAt('2026-12-31T23:59:59Z')).length, 1)
  assert.deepEqual((await warningsAt('2027-01-01T00:00:00Z'))[0], 'the API key "ci" has expired')
})

test('the development issuer is on, off, or told its organization and audience', async () => {
  const developmentOf = async (written: string) =>
    (await load(`identity: { development: ${written} }`)).config.identity.development
  assert.deepEqual(await developmentOf('true'), { organization: 'default', audience: 'dispatch' })
  assert.deepEqual(await developmentOf('{}'), { organization: 'default', audience: 'dispatch' })
  assert.deepEqual(await developmentOf('{ organization: acme }'), {
    organization: 'acme',
    audience: 'dispatch',
  })
  assert.equal(await developmentOf('false'), null)
  assert.equal(await developmentOf(''), null)
  assert.deepEqual(await messagesIn('identity: { development: yes }'), [
    '1 identity.development: "yes" cannot stand here → true',
  ])
  assert.equal(DEVELOPMENT_ISSUER, ISSUED)
})
