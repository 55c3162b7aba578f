import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import jwt from 'jsonwebtoken'
import type { Config } from '../../../gateway/config/schema.ts'
import {
  DEVELOPMENT_ISSUER,
  type DevelopmentClaims,
  openDevelopmentIssuer,
} from '../../../gateway/development/issuer.ts'
import { stateDirectoryOf } from '../../../gateway/development/state-directory.ts'
import { temporaryFolder } from './temporary-folder.ts'

type IssuerFacts = Parameters<typeof openDevelopmentIssuer>[1]

const CLAIMS: DevelopmentClaims = {
  subject: 'ada',
  organization: 'acme',
  roles: ['admin'],
  scopes: ['read', 'write'],
  lifetimeMs: 3_600_000,
}

test('a token says who, of which organization, with what, for how long', async (t) => {
  const issuer = await openDevelopmentIssuer(stateDirectoryOf(await temporaryFolder(t)), facts())
  const token = issuer.mintToken(CLAIMS)
  const key = issuer.config.keys[0]!
  const verified = jwt.verify(token, key.publicKey!, {
    algorithms: ['ES256'],
    issuer: issuer.config.issuer,
    audience: 'dispatch',
    complete: true,
  })
  assert.deepEqual({ ...verified.header }, { alg: 'ES256', typ: 'JWT', kid: key.id })
  const payload = verified.payload as jwt.JwtPayload
  assert.equal(payload.iss, DEVELOPMENT_ISSUER)
  assert.equal(payload.sub, 'ada')
  assert.equal(payload['org'], 'acme')
  assert.deepEqual(payload['roles'], ['admin'])
  assert.equal(payload['scope'], 'read write')
  assert.equal(payload.exp! - payload.iat!, 3600)
  assert.notEqual(issuer.mintToken(CLAIMS), token, 'each token is one of its own')
})

test('the issuer is one as any other, and holds no private key', async (t) => {
  const { config } = await openDevelopmentIssuer(stateDirectoryOf(await temporaryFolder(t)), facts())
  assert.deepEqual(config.audiences, ['dispatch'])
  assert.deepEqual(config.algorithms, ['ES256'])
  assert.deepEqual(config.organizations, { claim: 'org', allowed: ['default', 'acme', 'partner'] })
  assert.equal(config.organization, null)
  assert.equal(createPublicKey(config.keys[0]!.publicKey!).asymmetricKeyType, 'ec')
  assert.doesNotMatch(JSON.stringify(config), /PRIVATE/)
  assert.deepEqual(structuredClone(config), config, 'can be posted to a thread')
})

test('the key id is the thumbprint of RFC 7638', async (t) => {
  const { config } = await openDevelopmentIssuer(stateDirectoryOf(await temporaryFolder(t)), facts())
  const jwk = createPublicKey(config.keys[0]!.publicKey!).export({ format: 'jwk' })
  const members = `{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(members))
  assert.equal(config.keys[0]!.id, Buffer.from(digest).toString('base64url'))
})

test('the key is made once, by whoever comes first', async (t) => {
  const folder = await temporaryFolder(t)
  const issuers = await Promise.all(
    Array.from({ length: 5 }, () => openDevelopmentIssuer(stateDirectoryOf(folder), facts())),
  )
  assert.equal(new Set(issuers.map(({ config }) => config.keys[0]!.id)).size, 1)
  const token = issuers[0]!.mintToken(CLAIMS)
  assert.ok(jwt.verify(token, issuers[4]!.config.keys[0]!.publicKey!, { algorithms: ['ES256'] }))
  assert.match(await readFile(stateDirectoryOf(folder).path('issuer-key.pem'), 'utf8'), /PRIVATE KEY/)
})

test('a token that no route could accept is not minted', async (t) => {
  const issuer = await openDevelopmentIssuer(stateDirectoryOf(await temporaryFolder(t)), facts())
  assert.throws(() => issuer.mintToken({ ...CLAIMS, organization: 'acne' }), {
    name: 'RangeError',
    message: 'the configuration has no organization acne; it has default, acme, partner',
  })
  for (const lifetimeMs of [0, 999, 31 * 86_400_000, Number.NaN]) {
    assert.throws(() => issuer.mintToken({ ...CLAIMS, lifetimeMs }), RangeError)
  }
})

test('a configuration without development identity has no issuer', async (t) => {
  const none = { ...facts(), identity: { development: null } as Config['identity'] }
  await assert.rejects(openDevelopmentIssuer(stateDirectoryOf(await temporaryFolder(t)), none))
})

/** The part of a loaded configuration that the issuer reads. */
function facts(): IssuerFacts {
  return {
    identity: { development: { organization: 'acme', audience: 'dispatch' } },
    functions: [{ organization: 'default' }, { organization: 'acme' }],
    routes: [{ organization: 'partner' }],
  } as unknown as IssuerFacts
}
