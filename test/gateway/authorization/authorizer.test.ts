import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthorizer } from '../../../gateway/authorization/authorizer.ts'
import type { AuthConfig } from '../../../gateway/config/schema.ts'
import type { Principal } from '../../../gateway/contract/principal.ts'

const ALICE: Principal = {
  subject: 'alice',
  issuer: 'https://idp.example.com',
  organization: 'acme',
  roles: [],
  scopes: [],
  groups: [],
  key: '["https://idp.example.com","alice"]',
  expiresAt: Number.POSITIVE_INFINITY,
  credential: 'jwt',
}

function check(auth: Partial<AuthConfig>, principal: Partial<Principal>, realm = 'dispatch') {
  const demands: AuthConfig = {
    scopes: [],
    roles: [],
    organizations: ['acme'],
    issuers: null,
    apiKeys: true,
    forwardCredential: false,
    ...auth,
  }
  return createAuthorizer(demands, realm).check({ ...ALICE, ...principal })
}

test('a principal of the organization may call a route that demands nothing more', () => {
  assert.equal(check({}, {}), undefined)
})

test('a principal of another organization may not, whatever it can show (D30)', () => {
  const powers = { roles: ['admin'], scopes: ['invoke', '*'] }
  for (const organization of ['partner', 'default', 'ACME', 'acme ', 'acm', 'acme2', '', '*']) {
    const rejection = check({ roles: ['admin'], scopes: ['invoke'] }, { organization, ...powers })
    assert.equal(rejection?.code, 'GW_FORBIDDEN')
    assert.equal(rejection.status, 403)
    assert.deepEqual(rejection.headers, [])
    assert.equal(rejection.detail, '')
  }
})

test('a route can be open to further organizations', () => {
  const organizations = ['acme', 'partner']
  assert.equal(check({ organizations }, { organization: 'partner' }), undefined)
  assert.equal(check({ organizations }, { organization: 'other' })?.code, 'GW_FORBIDDEN')
})

test('a missing scope is named (E04)', () => {
  const rejection = check({ scopes: ['fn:invoke', 'fn:read'] }, { scopes: ['fn:read'] })
  assert.equal(rejection?.code, 'GW_SCOPE_MISSING')
  assert.equal(rejection.status, 403)
  assert.deepEqual(rejection.headers, [
    'www-authenticate',
    'Bearer realm="dispatch", error="insufficient_scope", scope="fn:invoke fn:read"',
  ])
})

test('scopes are equal or they are not (E05)', () => {
  const scopes = ['invoke']
  for (const owned of ['inv', 'invoke2', 'INVOKE', 'invoke ', '', '*', 'invoke read', 'fn:invoke']) {
    assert.equal(check({ scopes }, { scopes: [owned] })?.code, 'GW_SCOPE_MISSING', owned)
  }
  assert.equal(check({ scopes }, { scopes: [] })?.code, 'GW_SCOPE_MISSING')
  assert.equal(check({ scopes }, { scopes: ['other', 'invoke'] }), undefined)
})

test('every scope is needed, one of the roles is enough', () => {
  const demands = { scopes: ['a', 'b'], roles: ['admin', 'owner'] }
  assert.equal(check(demands, { scopes: ['b', 'a', 'c'], roles: ['owner'] }), undefined)
  assert.equal(check(demands, { scopes: ['a'], roles: ['owner'] })?.code, 'GW_SCOPE_MISSING')
  for (const roles of [[], ['adm'], ['Admin'], ['admin owner']]) {
    const rejection = check(demands, { scopes: ['a', 'b'], roles })
    assert.equal(rejection?.code, 'GW_FORBIDDEN')
    assert.deepEqual(rejection.headers, [])
  }
})

test('a refusal is made once', () => {
  const authorizer = createAuthorizer(
    {
      scopes: ['a'],
      roles: [],
      organizations: ['acme'],
      issuers: null,
      apiKeys: true,
      forwardCredential: false,
    },
    'dispatch',
  )
  assert.equal(authorizer.check(ALICE), authorizer.check({ ...ALICE }))
})

test('a realm or scope that would break the header is refused at load', () => {
  assert.throws(() => check({}, {}, 'a\r\nb'), RangeError)
  assert.throws(() => check({ scopes: ['é'] }, {}), RangeError)
  const rejection = check({ scopes: ['a'] }, {}, 'say "hi"')
  assert.equal(rejection?.headers[1], 'Bearer realm="say \\"hi\\"", error="insufficient_scope", scope="a"')
})
