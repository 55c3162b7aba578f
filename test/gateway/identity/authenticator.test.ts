import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createAuthorizer } from '../../../gateway/authorization/authorizer.ts'
import { createAuthenticator } from '../../../gateway/identity/authenticator.ts'
import { JwksSources } from '../../../gateway/identity/jwks-sources.ts'
import { REASONS } from '../../../gateway/identity/rejections.ts'
import {
  ANYBODY,
  admitted,
  bearing,
  identityConfig,
  issuerConfig,
  jwk,
  LogBook,
  NO_FEED,
  refused,
  rsa,
} from './fixture.ts'
import { jwksConfig } from './key-server.ts'
import { OpenIdProvider } from './openid-provider.ts'

const OLD = jwk(rsa.privateKey, { kid: 'old', use: 'sig', alg: 'RS256' })
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const NEW = jwk(privateKey, { kid: 'new', use: 'sig', alg: 'RS256' })

let provider: OpenIdProvider

before(async () => {
  provider = await OpenIdProvider.open(OLD)
})
after(() => provider.close())

/** A gateway that trusts the provider; its clock can be put forward. */
async function trust() {
  const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs }
  const issuer = issuerConfig({
    issuer: provider.issuer,
    audiences: ['urn:fn'],
    profile: 'at+jwt',
    skew: 5000,
    jwks: jwksConfig(`${provider.issuer}/jwks`, { refresh: 10_000, cooldown: 5000 }),
    organizations: { claim: 'org', allowed: ['acme'] },
  })
  const sources = new JwksSources(new LogBook(), clock.now)
  await sources.open([issuer])
  const authenticator = createAuthenticator(identityConfig({ issuers: [issuer] }), sources, {
    clock: clock.now,
  })
  const send = (text: string, scheme?: string) => authenticator.authenticate(bearing(text, scheme), ANYBODY)
  return { clock, sources, send }
}

test('an access token of a real provider is accepted for its audience, with its scopes', async () => {
  const { sources, send } = await trust()
  const text = await provider.token('urn:fn')
  const principal = admitted(send(text))
  assert.deepEqual(principal, {
    subject: 'app',
    issuer: provider.issuer,
    organization: 'acme',
    roles: [],
    scopes: ['fn:invoke'],
    groups: [],
    key: JSON.stringify([provider.issuer, 'app']),
    expiresAt: principal.expiresAt,
    credential: 'jwt',
  })
  assert.ok(principal.expiresAt > Date.now())
  assert.equal(send(text), principal)
  assert.equal(refused(send(await provider.token('urn:other'))).reason, REASONS.audience)
  assert.equal(refused(send(await provider.token(null))).reason, REASONS.malformed)
  await sources.close()
})

test('however the scheme is written, a token is verified and kept once', async () => {
  const { send } = await trust()
  const text = await provider.token('urn:fn')
  const schemes = ['Bearer', 'bearer', 'BEARER', 'bEARER']
  const principals = schemes.map((scheme) => admitted(send(text, scheme)))
  for (const principal of principals) assert.equal(principal, principals[0])
})

test('a scope that the provider dropped is missed (E04)', async () => {
  const { sources, send } = await trust()
  const auth = { ...ANYBODY, organizations: ['acme'], scopes: ['fn:read'] }
  const authorizer = createAuthorizer(auth, 'dispatch')
  const [reader, other] = [
    await provider.token('urn:fn', 'fn:read fn:invoke'),
    await provider.token('urn:fn', 'fn:invoke'),
  ]
  assert.equal(authorizer.check(admitted(send(reader))), undefined)
  const missing = authorizer.check(admitted(send(other)))
  assert.equal(missing?.code, 'GW_SCOPE_MISSING')
  assert.match(missing.headers[1]!, /error="insufficient_scope", scope="fn:read"/)
  await sources.close()
})

test('an access token of a real provider expires', async () => {
  const { clock, sources, send } = await trust()
  const text = await provider.token('urn:fn')
  admitted(send(text))
  clock.aheadMs = 58_000
  admitted(send(text))
  clock.aheadMs = 66_000
  assert.equal(refused(send(text)).reason, REASONS.expired)
  await sources.close()
})

test('a real provider rotates its keys (D38)', async () => {
  const { clock, sources, send } = await trust()
  const before = provider.fetches
  const byOld = await provider.token('urn:fn')
  admitted(send(byOld))

  provider.restart(NEW, OLD)
  clock.aheadMs = 5000
  const byNew = await provider.token('urn:fn')
  admitted(await send(byNew))
  admitted(send(byOld))
  assert.equal(provider.fetches, before + 1)

  provider.restart(NEW)
  clock.aheadMs = 15_000
  admitted(send(byOld))
  await sources.tick()
  assert.equal(refused(send(byOld)).reason, REASONS['key-unknown'])
  admitted(send(byNew))
  assert.equal(provider.fetches, before + 2)
  await sources.close()
  provider.restart(OLD)
})

test('a route with authentication refuses an invalid token: nobody becomes anonymous (E17)', async () => {
  const { sources, send } = await trust()
  for (const text of ['x', 'x.y.z', await provider.token('urn:other')]) refused(send(text))
  await sources.close()
})

test('a key, issuer or name that cannot be used is refused at load with a sentence', () => {
  const wrong: [Parameters<typeof issuerConfig>[0], RegExp][] = [
    [
      { keys: [{ id: 'a', algorithm: 'RS256', publicKey: 'x', secret: null }] },
      /key a of issuer .* cannot be read/,
    ],
    [
      { keys: [{ id: 'a', algorithm: 'ES256', publicKey: 'x', secret: null }] },
      /ES256 is not in its algorithms/,
    ],
    [
      { algorithms: ['HS256'], keys: [{ id: 'a', algorithm: 'HS256', publicKey: null, secret: 'short' }] },
      /32 bytes/,
    ],
  ]
  for (const [settings, message] of wrong) {
    assert.throws(
      () => createAuthenticator(identityConfig({ issuers: [issuerConfig(settings)] }), NO_FEED),
      message,
    )
  }
})
