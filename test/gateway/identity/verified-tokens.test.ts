import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthenticator } from '../../../gateway/identity/authenticator.ts'
import { createConfiguredKeys } from '../../../gateway/identity/issuer-keys.ts'
import { REASONS } from '../../../gateway/identity/rejections.ts'
import { VerifiedToken, VerifiedTokens } from '../../../gateway/identity/verified-tokens.ts'
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
  NOW_S,
  refused,
  SKEW_S,
  token,
} from './fixture.ts'

test('a token that was verified gives the same principal again', () => {
  const authenticator = authenticatorFor()
  const text = token()
  const first = admitted(authenticator.authenticate(bearing(text), ANYBODY))
  assert.equal(authenticator.authenticate(bearing(text), ANYBODY), first)
  assert.equal(authenticator.authenticate(bearing(`${text.slice(0, 9)}${text.slice(9)}`), ANYBODY), first)
})

test('without a cache every call is verified', () => {
  const identity = identityConfig({ cache: { tokens: 0 } })
  const authenticator = createAuthenticator(identity, NO_FEED, { clock: () => NOW })
  const first = admitted(authenticator.authenticate(bearing(token()), ANYBODY))
  assert.notEqual(authenticator.authenticate(bearing(token()), ANYBODY), first)
  assert.deepEqual(authenticator.authenticate(bearing(token()), ANYBODY), first)
})

test('a token that was verified is refused from its expiry on, to the millisecond', () => {
  let now = NOW
  const authenticator = createAuthenticator(identityConfig(), NO_FEED, { clock: () => now })
  const call = bearing(token({ exp: NOW_S + 10 }))
  admitted(authenticator.authenticate(call, ANYBODY))
  now = NOW + (10 + SKEW_S) * 1000 - 1
  admitted(authenticator.authenticate(call, ANYBODY))
  now += 1
  assert.equal(refused(authenticator.authenticate(call, ANYBODY)).reason, REASONS.expired)
})

test('tokens that differ anywhere do not meet (E10)', () => {
  const authenticator = authenticatorFor()
  const [alice, bob] = [token({ sub: 'alice' }), token({ sub: 'bob' })]
  assert.equal(admitted(authenticator.authenticate(bearing(alice), ANYBODY)).subject, 'alice')
  assert.equal(admitted(authenticator.authenticate(bearing(bob), ANYBODY)).subject, 'bob')
  const [head, payload, sig] = alice.split('.')
  const mixed = [
    `${head}.${bob.split('.')[1]}.${sig}`,
    `${head}.${payload}.${bob.split('.')[2]}`,
    alice.slice(0, -1),
  ]
  for (const text of mixed) refused(authenticator.authenticate(bearing(text), ANYBODY))
  for (let at = 0; at < alice.length; at += 7) {
    const other = alice[at] === 'x' ? 'y' : 'x'
    refused(authenticator.authenticate(bearing(alice.slice(0, at) + other + alice.slice(at + 1)), ANYBODY))
  }
})

test('a route that does not take the issuer refuses its token, verified or not', () => {
  const authenticator = authenticatorFor()
  const call = bearing(token())
  const elsewhere = { ...ANYBODY, issuers: ['https://other.example.com'] }
  assert.equal(refused(authenticator.authenticate(call, elsewhere)).reason, REASONS['issuer-not-on-route'])
  admitted(authenticator.authenticate(call, { ...ANYBODY, issuers: [ISSUER] }))
  assert.equal(refused(authenticator.authenticate(call, elsewhere)).reason, REASONS['issuer-not-on-route'])
})

test('refused tokens are not kept: they cannot push out the good ones', () => {
  const identity = identityConfig({ cache: { tokens: 2 } })
  const authenticator = createAuthenticator(identity, NO_FEED, { clock: () => NOW })
  const first = admitted(authenticator.authenticate(bearing(token()), ANYBODY))
  for (let index = 0; index < 100; index++) {
    refused(authenticator.authenticate(bearing(token({ sub: `s${index}`, aud: 'other' })), ANYBODY))
  }
  assert.equal(authenticator.authenticate(bearing(token()), ANYBODY), first)
})

test('the least recently used tokens go first, by count and by bytes', () => {
  const keys = createConfiguredKeys(issuerConfig())
  const key = keys.current(NOW)!.keys[0]!
  const principal = admitted(authenticatorFor().authenticate(bearing(token()), ANYBODY))
  const entry = () => new VerifiedToken(principal, keys, key, NOW + 1)

  const byCount = new VerifiedTokens(3)
  for (const text of ['a', 'b', 'c']) byCount.add(text, entry())
  assert.ok(byCount.get('a', NOW))
  byCount.add('d', entry())
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((text) => byCount.get(text, NOW) !== null),
    [true, false, true, true],
  )

  const byBytes = new VerifiedTokens(10)
  for (let index = 0; index < 10; index++) byBytes.add(`${index}${'x'.repeat(8000)}`, entry())
  const kept = Array.from(
    { length: 10 },
    (_, index) => byBytes.get(`${index}${'x'.repeat(8000)}`, NOW) !== null,
  )
  assert.deepEqual(kept, [...Array(8).fill(false), true, true])
})

test('an entry holds until it expires or its key is withdrawn', () => {
  const keys = createConfiguredKeys(issuerConfig())
  const key = keys.current(NOW)!.keys[0]!
  const principal = admitted(authenticatorFor().authenticate(bearing(token()), ANYBODY))
  const tokens = new VerifiedTokens(10)
  const entry = new VerifiedToken(principal, keys, key, NOW)
  tokens.add('a', entry)
  assert.equal(tokens.get('a', NOW - 1), entry)
  assert.equal(tokens.get('a', NOW), null)
  assert.equal(tokens.get('a', NOW - 1), null)
  tokens.add('a', entry)
  key.withdrawn = true
  assert.equal(tokens.get('a', NOW - 1), null)
})

test('it is told how often a token was known and how often one had to be verified', () => {
  const seen = { known: 0, verified: 0 }
  const observer = { tokenKnown: () => void seen.known++, tokenVerified: () => void seen.verified++ }
  const authenticator = createAuthenticator(identityConfig(), NO_FEED, { clock: () => NOW, observer })
  for (let i = 0; i < 3; i++) admitted(authenticator.authenticate(bearing(token()), ANYBODY))
  assert.deepEqual(seen, { known: 2, verified: 1 })
  refused(authenticator.authenticate(bearing('no token at all'), ANYBODY))
  refused(authenticator.authenticate(bearing(`${token().slice(0, -6)}AAAAAA`), ANYBODY))
  assert.deepEqual(seen, { known: 2, verified: 2 })
})
