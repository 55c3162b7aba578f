import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KeySet, readKeySet, replaceKeySet } from '../../../gateway/identity/key-set.ts'
import { jwk, p256, p384, rsa } from './fixture.ts'

const ALLOWED = ['RS256', 'PS256', 'ES256', 'ES384']

function setOf(...keys: unknown[]): KeySet {
  return readKeySet(keys, ALLOWED).set
}

test('keys are found by kid and algorithm', () => {
  const set = setOf(jwk(rsa.publicKey, { kid: 'a' }), jwk(p256.publicKey, { kid: 'b' }), jwk(p384.publicKey))
  assert.deepEqual(set.candidates('a', 'RS256'), [set.keys[0]])
  assert.deepEqual(set.candidates('a', 'PS256'), [set.keys[0]])
  assert.deepEqual(set.candidates('a', 'ES256'), [])
  assert.deepEqual(set.candidates('b', 'ES256'), [set.keys[1]])
  assert.deepEqual(set.candidates('A', 'RS256'), [])
  assert.deepEqual(set.candidates('', 'ES384'), [])
  assert.deepEqual(set.candidates(null, 'ES384'), [set.keys[2]])
  assert.deepEqual(set.candidates('a', 'RS512'), [])
})

test('of two keys with one kid those that fit are tried, in the order of the document', () => {
  const [one, two, three] = [jwk(rsa.publicKey), jwk(p256.publicKey), jwk(p384.publicKey)]
  for (const order of [
    [one, two, three],
    [three, two, one],
  ]) {
    const set = setOf(...order.map((key) => ({ ...key, kid: 'same' })))
    assert.deepEqual(
      set.candidates('same', 'RS256'),
      set.keys.filter((key) => key.algorithms.includes('RS256')),
    )
    assert.deepEqual(
      set.candidates('same', 'ES256'),
      set.keys.filter((key) => key.algorithms.includes('ES256')),
    )
  }
  const twins = setOf(
    { ...one, kid: 'same', alg: 'RS256' },
    { ...one, kid: 'same', alg: 'PS256' },
    { ...one, kid: 'same' },
  )
  assert.deepEqual(twins.candidates('same', 'RS256'), [twins.keys[0], twins.keys[2]])
})

test('useless keys are left out and named (D35)', () => {
  const { set, usable, ignored } = readKeySet(
    [{ kty: 'oct', kid: 'x' }, jwk(rsa.publicKey), null, { kid: 5 }],
    ALLOWED,
  )
  assert.equal(set.keys.length, 1)
  assert.deepEqual(usable, [jwk(rsa.publicKey)])
  assert.deepEqual(
    ignored.map(({ index, keyId }) => [index, keyId]),
    [
      [0, 'x'],
      [2, null],
      [3, null],
    ],
  )
})

test('a key that stays is the same key, one that goes is withdrawn', () => {
  const [stays, goes] = [jwk(rsa.publicKey, { kid: 'a' }), jwk(p256.publicKey, { kid: 'b' })]
  const old = setOf(stays, goes)
  const next = replaceKeySet(old, setOf(jwk(p384.publicKey, { kid: 'c' }), { ...stays, x5t: 'more' }))
  assert.equal(next.keys[1], old.keys[0])
  assert.deepEqual(
    old.keys.map((key) => key.withdrawn),
    [false, true],
  )
  assert.deepEqual(
    next.keys.map((key) => key.withdrawn),
    [false, false],
  )
})

test('a key is another one when its kid, its algorithms or its material are others', () => {
  const key = jwk(rsa.publicKey, { kid: 'a' })
  for (const changed of [{ ...key, kid: 'b' }, { ...key, alg: 'PS256' }, jwk(p256.publicKey, { kid: 'a' })]) {
    const old = setOf(key)
    replaceKeySet(old, setOf(changed))
    assert.equal(old.keys[0]!.withdrawn, true)
  }
})
