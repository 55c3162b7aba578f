import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IssuerConfig } from '../../../gateway/config/schema.ts'
import { createAuthenticator } from '../../../gateway/identity/authenticator.ts'
import { REASONS } from '../../../gateway/identity/rejections.ts'
import {
  ANYBODY,
  admitted,
  authenticatorFor,
  bearing,
  ISSUER,
  identityConfig,
  issuerConfig,
  NO_FEED,
  NOW,
  refused,
  token,
} from './fixture.ts'

function principalOf(changes: object, settings?: Partial<IssuerConfig>) {
  return admitted(authenticatorFor(settings).authenticate(bearing(token(changes)), ANYBODY))
}

test('claims become a principal that nobody can change', () => {
  const principal = principalOf({ roles: ['admin'], scope: 'read write', groups: ['staff'] })
  assert.deepEqual(principal, {
    subject: 'alice',
    issuer: ISSUER,
    organization: 'default',
    roles: ['admin'],
    scopes: ['read', 'write'],
    groups: ['staff'],
    key: '["https://idp.example.com","alice"]',
    // `exp` and the difference between the clocks that is tolerated.
    expiresAt: NOW + 330_000,
    credential: 'jwt',
  })
  for (const part of [principal, principal.roles, principal.scopes, principal.groups])
    assert.ok(Object.isFrozen(part))
})

test('scopes come as a string, as a list, or as scp (E05)', () => {
  const forms: [object, string[]][] = [
    [{ scope: 'a b' }, ['a', 'b']],
    [{ scope: ' a  b ' }, ['a', 'b']],
    [{ scope: ['a', 'b'] }, ['a', 'b']],
    [{ scp: 'a b' }, ['a', 'b']],
    [{ scp: ['a', 'b'] }, ['a', 'b']],
    [{ scope: 'a', scp: 'b' }, ['a']],
    [{ scope: '', scp: 'b' }, []],
    [{}, []],
  ]
  for (const [changes, scopes] of forms) assert.deepEqual(principalOf(changes).scopes, scopes)
})

test('what is no list of names grants nothing', () => {
  for (const value of [1, true, null, {}, { 0: 'a', length: 1 }, [1, null, {}, ['a']], []]) {
    const { scopes, roles, groups } = principalOf({ scope: value, roles: value, groups: value })
    assert.deepEqual([scopes, roles, groups], [[], [], []])
  }
})

test('a single role or group needs no list', () => {
  const { roles, groups } = principalOf({ roles: 'team lead', groups: 'staff' })
  assert.deepEqual([roles, groups], [['team lead'], ['staff']])
})

test('the names of the claims are those that the issuer is configured with', () => {
  const mapped = {
    subject: 'appid',
    roles: 'https://example.com/roles',
    scopes: 'permissions',
    groups: 'teams',
  }
  const changes = {
    ...{ sub: undefined, appid: 'app', 'https://example.com/roles': ['r'], permissions: ['p'], teams: ['t'] },
    ...{ roles: ['wrong'], scope: 'wrong', groups: ['wrong'] },
  }
  const { subject, roles, scopes, groups } = principalOf(changes, { claims: mapped })
  assert.deepEqual([subject, roles, scopes, groups], ['app', ['r'], ['p'], ['t']])
})

test('a token without a usable subject is refused', () => {
  for (const sub of [undefined, null, '', 1, ['alice'], {}, 'x'.repeat(1025)]) {
    const rejection = refused(authenticatorFor().authenticate(bearing(token({ sub })), ANYBODY))
    assert.equal(rejection.reason, REASONS.subject)
  }
  for (const sub of ['x'.repeat(1024), 'a\r\nb\u0000', '👩‍🚀', ' ', '\ud800'])
    assert.equal(principalOf({ sub }).subject, sub)
})

test('the same subject at two issuers is two principals (E21)', () => {
  const other = issuerConfig({ issuer: 'https://other.example.com' })
  const identity = identityConfig({ issuers: [issuerConfig(), other] })
  const authenticator = createAuthenticator(identity, NO_FEED, { clock: () => NOW })
  const one = admitted(authenticator.authenticate(bearing(token()), ANYBODY))
  const two = admitted(authenticator.authenticate(bearing(token({ iss: other.issuer })), ANYBODY))
  assert.equal(one.subject, two.subject)
  assert.notEqual(one.key, two.key)
  assert.notEqual(one.issuer, two.issuer)
})

test('no subject can be chosen so that its key is that of another issuer', () => {
  const short = principalOf({ iss: 'a', sub: 'b","c' }, { issuer: 'a' })
  const long = principalOf({ iss: 'a","b', sub: 'c' }, { issuer: 'a","b' })
  assert.notEqual(short.key, long.key)
})

test('an issuer speaks for one organization, whatever its tokens say', () => {
  assert.equal(principalOf({ org: 'acme' }, { organization: 'partner' }).organization, 'partner')
})

test('an issuer that speaks for several organizations names one that it may speak for', () => {
  const organizations = { claim: 'org', allowed: ['acme', 'partner'] }
  assert.equal(principalOf({ org: 'acme' }, { organizations }).organization, 'acme')
  assert.equal(principalOf({ org: 'partner' }, { organizations }).organization, 'partner')
  for (const org of ['other', 'default', 'ACME', 'acme ', '', undefined, null, ['acme'], { acme: 1 }, 1]) {
    const answer = authenticatorFor({ organizations }).authenticate(bearing(token({ org })), ANYBODY)
    const rejection = refused(answer, 403)
    assert.equal(rejection.code, 'GW_FORBIDDEN')
    assert.deepEqual(rejection.headers, [])
  }
})
