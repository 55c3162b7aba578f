import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { ApiKeyConfig } from '../../../gateway/config/schema.ts'
import { createAuthenticator } from '../../../gateway/identity/authenticator.ts'
import { REASONS } from '../../../gateway/identity/rejections.ts'
import { ANYBODY, admitted, identityConfig, issuerConfig, NO_FEED, NOW, refused, token } from './fixture.ts'

function apiKey(value: string, settings: Partial<ApiKeyConfig> = {}): ApiKeyConfig {
  const hash = `sha256:${createHash('sha256').update(value).digest('hex')}`
  return {
    name: 'ci',
    hash,
    organization: 'default',
    scopes: ['invoke'],
    roles: ['bot'],
    expires: null,
    ...settings,
  }
}

const keys = [
  apiKey('key of ci'),
  apiKey('key of acme', { name: 'acme', organization: 'acme', scopes: [] }),
  apiKey('old', { name: 'old', expires: NOW }),
  apiKey('fresh', { name: 'fresh', expires: NOW + 1 }),
  apiKey('upper', {
    name: 'upper',
    hash: apiKey('upper').hash.replace(/[a-f0-9]{64}/, (hex) => hex.toUpperCase()),
  }),
]
const identity = identityConfig({ apiKeys: { header: 'x-api-key', keys } })
const authenticator = createAuthenticator(identity, NO_FEED, { clock: () => NOW })

function send(value: string, auth = ANYBODY) {
  return authenticator.authenticate({ rawHeaders: ['X-Api-Key', value], query: '' }, auth)
}

test('an API key proves the principal that it was made for', () => {
  assert.deepEqual(admitted(send('key of ci')), {
    subject: 'ci',
    issuer: 'api-key',
    organization: 'default',
    roles: ['bot'],
    scopes: ['invoke'],
    groups: [],
    key: '["api-key","ci"]',
    expiresAt: Number.POSITIVE_INFINITY,
    credential: 'api-key',
  })
  assert.equal(admitted(send('key of acme')).organization, 'acme')
  assert.ok(Object.isFrozen(admitted(send('key of ci'))))
  assert.equal(admitted(send('upper')).subject, 'upper')
})

test('no other value is a key, its hash in particular', () => {
  const values = [
    '',
    'key',
    'key of ci ',
    'KEY OF CI',
    keys[0]!.hash,
    keys[0]!.hash.slice(7),
    'x'.repeat(100_000),
  ]
  for (const value of values) {
    const rejection = refused(send(value))
    assert.equal(rejection.code, 'GW_CREDENTIAL_INVALID')
    assert.equal(rejection.reason, REASONS['api-key-unknown'])
    assert.deepEqual(rejection.headers, ['www-authenticate', 'Bearer realm="dispatch"'])
  }
})

test('an API key is good until it expires', () => {
  assert.equal(refused(send('old')).reason, REASONS['api-key-expired'])
  admitted(send('fresh'))
})

test('a route that takes no API keys refuses a good one', () => {
  const rejection = refused(send('key of ci', { ...ANYBODY, apiKeys: false }))
  assert.equal(rejection.reason, REASONS['api-key-not-on-route'])
})

test('routes that name issuers still take API keys, unless they say otherwise', () => {
  admitted(send('key of ci', { ...ANYBODY, issuers: [] }))
})

test('an API key is not a bearer token, nor the other way round', () => {
  const bearer = { rawHeaders: ['Authorization', 'Bearer key of ci'], query: '' }
  assert.equal(refused(authenticator.authenticate(bearer, ANYBODY)).reason, REASONS.malformed)
  assert.equal(refused(send(token())).reason, REASONS['api-key-unknown'])
})

test('no issuer can be configured whose principals look like API keys', () => {
  const issuers = [issuerConfig({ issuer: 'api-key' })]
  assert.throws(() => createAuthenticator(identityConfig({ issuers }), NO_FEED), /api-key/)
})
