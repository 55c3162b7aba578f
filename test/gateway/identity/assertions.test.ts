import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KongIdentityConfig } from '../../../gateway/config/schema.ts'
import type { Principal } from '../../../gateway/contract/principal.ts'
import { Assertion } from '../../../gateway/identity/assertion.ts'
import { Assertions } from '../../../gateway/identity/assertions.ts'
import {
  canonical,
  claimsFor,
  digestOf,
  headerOf,
  KEY,
  OTHER_KEY,
  signAssertion,
} from '../../kong-plugins/dispatch-edge/assertion.ts'
import { NOW, NOW_S } from './fixture.ts'
import { kongIdentityConfig } from './kong-identity.ts'

const CALL = { method: 'GET', host: 'api.example.com', path: '/hello' }

function verifier(settings: Partial<KongIdentityConfig> = {}, clock = () => NOW, most = 100): Assertions {
  return new Assertions(kongIdentityConfig(settings), most, clock)
}

function verify(text: string, assertions = verifier(), target = CALL.path): Assertion | string {
  return assertions.verify(text, CALL.method, CALL.host, target)
}

function good(changes: object = {}, key = KEY): string {
  return signAssertion(claimsFor(CALL, NOW, changes), key)
}

function principalOf(verdict: Assertion | string): Principal {
  assert.ok(verdict instanceof Assertion, `refused: ${verdict}`)
  assert.ok(verdict.principal !== null)
  return verdict.principal
}

test('whom Kong authenticated is a principal', () => {
  const groups = ['staff', 'ünï']
  const text = good({ credential: 'c-1', groups, scope: 'fn:read fn:write', zone: 'eu/a' })
  const verdict = verify(text)
  assert.ok(verdict instanceof Assertion, String(verdict))
  assert.equal(verdict.zone, 'eu/a')
  assert.deepEqual(principalOf(verdict), {
    subject: 'b32379d9-3d28-5683-a79c-72139be6e34f',
    issuer: 'kong',
    organization: 'default',
    roles: groups,
    scopes: ['fn:read', 'fn:write'],
    groups,
    key: '["kong","b32379d9-3d28-5683-a79c-72139be6e34f"]',
    expiresAt: Number.POSITIVE_INFINITY,
    credential: 'assertion',
  })
})

test('somebody whom Kong has no consumer for has an issuer of its own', () => {
  const { issuer, subject } = principalOf(verify(good({ consumer: undefined, user: 'alice' })))
  assert.deepEqual([issuer, subject], ['kong-user', 'alice'])
})

test('an assertion about nobody tells where the call came in, and no principal', () => {
  const verdict = verify(good({ consumer: undefined, zone: 'eu/a' }))
  assert.ok(verdict instanceof Assertion)
  assert.deepEqual([verdict.issuer, verdict.principal, verdict.zone], [null, null, 'eu/a'])
})

test('every key of the configuration may sign, and no other', () => {
  principalOf(verify(good({}, OTHER_KEY)))
  assert.equal(verify(good({}, { id: 'k3', secret: KEY.secret })), 'assertion-key-unknown')
  assert.equal(verify(good({}, { id: 'k1', secret: OTHER_KEY.secret })), 'assertion-signature')
  assert.equal(verify(good(), verifier({ keys: [OTHER_KEY] })), 'assertion-key-unknown')
})

test('a header with other bytes is none, whatever it means', () => {
  const claims = claimsFor(CALL, NOW)
  for (const header of [
    '{"alg":"none","kid":"k1","typ":"dispatch-assertion+jwt"}',
    '{"alg":"HS512","kid":"k1","typ":"dispatch-assertion+jwt"}',
    '{"kid":"k1","alg":"HS256","typ":"dispatch-assertion+jwt"}',
    '{"alg":"HS256","kid":"k1","typ":"JWT"}',
    '{"alg":"HS256", "kid":"k1","typ":"dispatch-assertion+jwt"}',
    '{"alg":"HS256","kid":"k1","typ":"dispatch-assertion+jwt","crit":[]}',
    '',
  ]) {
    assert.equal(verify(signAssertion(claims, KEY, header)), 'assertion-key-unknown', header)
  }
})

test('an assertion that was changed anywhere is refused', () => {
  const text = good()
  const assertions = verifier()
  for (let i = 0; i < text.length; i++) {
    const other = text[i] === 'A' ? 'B' : 'A'
    assert.equal(typeof verify(text.slice(0, i) + other + text.slice(i + 1), assertions), 'string', `${i}`)
    assert.equal(typeof verify(text.slice(0, i), assertions), 'string', `cut at ${i}`)
  }
  for (const odd of [
    `${text}=`,
    `${text}.`,
    `.${text}`,
    ` ${text}`,
    `${text},${text}`,
    text.replace('.', '..'),
    text.toUpperCase(),
    '\0',
    '..',
    'x'.repeat(8192),
    `${text}${'A'.repeat(9000)}`,
  ]) {
    assert.equal(typeof verify(odd, assertions), 'string', odd.slice(0, 40))
  }
  principalOf(verify(text, assertions))
})

test('only one spelling of a signature is the signature', () => {
  const text = good()
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(text.at(-1)!)
  for (const other of [last ^ 1, last ^ 2, last ^ 3]) {
    assert.equal(verify(text.slice(0, -1) + alphabet[other]), 'assertion-signature')
  }
  assert.equal(
    verify(text.replaceAll('-', '+').replaceAll('_', '/').replace(/$/, ' ')),
    'assertion-signature',
  )
})

test('claims that are missing, of another type or unknown make it no assertion', () => {
  for (const changes of [
    { aud: undefined },
    { aud: ['dispatch'] },
    { exp: undefined },
    { exp: `${NOW_S + 10}` },
    { exp: NOW_S + 9.5 },
    { exp: -1 },
    { iat: undefined },
    { iat: null },
    { consumer: null },
    { consumer: 'alice' },
    { consumer: [] },
    { consumer: {} },
    { consumer: { id: '' } },
    { consumer: { id: 'x', username: 7 } },
    { consumer: { id: 'x', tags: [] } },
    { credential: '' },
    { groups: 'staff' },
    { groups: [''] },
    { groups: [['a']] },
    { scope: ['a'] },
    { user: 'both' },
    { user: '', consumer: undefined },
    { zone: 5 },
    { req: 'short' },
    { req: `${digestOf(CALL).slice(0, -1)}=` },
    { nbf: NOW_S },
    { consumer: undefined, groups: ['staff'] },
    { consumer: undefined, scope: 'a' },
    { consumer: undefined, credential: 'c' },
  ]) {
    assert.equal(verify(good(changes)), 'assertion-malformed', JSON.stringify(changes))
  }
  const claims = canonical(claimsFor(CALL, NOW))
  for (const text of [
    '',
    'null',
    '[]',
    claims.slice(0, -1),
    claims.replace('{', '{"aud":"other",'),
    `${claims}{}`,
    `\uFEFF${claims}`,
    '{"a":'.repeat(100),
  ]) {
    assert.equal(verify(signAssertion(text)), 'assertion-malformed', text.slice(0, 30))
  }
})

test('an assertion is good from its iat to its exp, by clocks that differ a little', () => {
  const at = (ms: number) => verifier({}, () => NOW + ms)
  const text = good()
  principalOf(verify(text, at(-5000)))
  assert.equal(verify(text, at(-5001)), 'assertion-not-yet-valid')
  principalOf(verify(text, at(14_999)))
  assert.equal(verify(text, at(15_000)), 'assertion-expired')
})

test('one that is known expires too', () => {
  let now = NOW
  const assertions = verifier({}, () => now)
  const text = good()
  const first = verify(text, assertions)
  assert.equal(verify(text, assertions), first)
  now = NOW + 15_000
  assert.equal(verify(text, assertions), 'assertion-expired')
  assert.equal(verify(text, assertions), 'assertion-expired')
})

test('nothing is kept where nothing may be', () => {
  const assertions = verifier({}, () => NOW, 0)
  const text = good()
  assert.notEqual(verify(text, assertions), verify(text, assertions))
})

test('an assertion that lives too long, or for no time, is refused', () => {
  assert.equal(verify(good({ exp: NOW_S + 61 })), 'assertion-lifetime')
  assert.equal(verify(good({ exp: NOW_S })), 'assertion-lifetime')
  assert.equal(verify(good({ exp: NOW_S - 1 })), 'assertion-lifetime')
  principalOf(verify(good({ exp: NOW_S + 60 })))
})

test('one for another audience is refused', () => {
  for (const aud of ['other', 'Dispatch', 'dispatch '])
    assert.equal(verify(good({ aud })), 'assertion-audience')
})

test('an assertion is for one method, host and path, known or not; the query may differ', () => {
  const text = good()
  for (const isKnown of [false, true]) {
    const assertions = verifier()
    if (isKnown) principalOf(verify(text, assertions))
    for (const [method, host, target] of [
      ['POST', CALL.host, CALL.path],
      ['get', CALL.host, CALL.path],
      ['GET', 'other.example.com', CALL.path],
      ['GET', '', CALL.path],
      ['GET', CALL.host, '/hell'],
      ['GET', CALL.host, '/hello/'],
      ['GET', CALL.host, '/hello2'],
      ['GET', CALL.host, '/'],
      ['GET', CALL.host, '/%68ello'],
    ] as const) {
      assert.equal(
        assertions.verify(text, method, host, target),
        'assertion-request',
        `${method} ${host} ${target}`,
      )
    }
    principalOf(verify(text, assertions, '/hello?a=1?b'))
    principalOf(verify(text, assertions, '/hello?'))
  }
})

test('one for any request is taken only where the configuration says so', () => {
  const text = good({ req: undefined })
  assert.equal(verify(text), 'assertion-unbound')
  const lax = verifier({ boundToRequest: false })
  principalOf(lax.verify(text, 'PUT', 'anywhere', '/at/all'))
  principalOf(lax.verify(text, 'GET', '', '/'))
  assert.equal(lax.verify(good(), 'PUT', CALL.host, CALL.path), 'assertion-request')
})

test('the subject is what the configuration names, and never something else', () => {
  const consumer = { id: 'i', username: 'u', custom_id: 'c' }
  for (const [subject, expected] of [
    ['id', 'i'],
    ['username', 'u'],
    ['custom-id', 'c'],
  ] as const) {
    assert.equal(principalOf(verify(good({ consumer }), verifier({ subject }))).subject, expected)
  }
  assert.equal(
    verify(good({ consumer: { id: 'i' } }), verifier({ subject: 'username' })),
    'assertion-subject',
  )
  assert.equal(verify(good({ consumer: { id: 'x'.repeat(1025) } })), 'assertion-subject')
})

test('groups are roles, or those with a prefix are', () => {
  const groups = ['role:admin', 'role:', 'staff']
  assert.deepEqual(principalOf(verify(good({ groups }))).roles, groups)
  const some = principalOf(verify(good({ groups }), verifier({ rolePrefix: 'role:' })))
  assert.deepEqual([some.roles, some.groups], [['admin'], groups])
})

test('a group names the organization when it is the only one that does', () => {
  const organizations = { prefix: 'org:', allowed: ['acme', 'globex'] }
  const assertions = verifier({ organization: null, organizations })
  const of = (...groups: string[]) => {
    const verdict = verify(good({ groups: groups.length > 0 ? groups : undefined }), assertions)
    assert.ok(verdict instanceof Assertion)
    assert.equal(verdict.issuer, 'kong')
    return verdict.principal?.organization ?? null
  }
  assert.equal(of('staff', 'org:acme'), 'acme')
  assert.equal(of('org:acme', 'org:acme'), 'acme')
  for (const groups of [
    [],
    ['acme'],
    ['org:'],
    ['org:other'],
    ['org:acme', 'org:globex'],
    ['org:acme', 'org:x'],
  ]) {
    assert.equal(of(...groups), null, groups.join())
  }
})

test('a key id in the header is the whole of it', () => {
  assert.equal(headerOf('k1'), '{"alg":"HS256","kid":"k1","typ":"dispatch-assertion+jwt"}')
  const inside = signAssertion(claimsFor(CALL, NOW), KEY, headerOf('k1","x":"'))
  assert.equal(verify(inside), 'assertion-key-unknown')
})
