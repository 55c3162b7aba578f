import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ALGORITHMS } from '../../../gateway/config/schema/identity.ts'
import { readJwk, readPublicKey, readSecret } from '../../../gateway/identity/keys.ts'
import { VerificationKey } from '../../../gateway/identity/verification-key.ts'
import { jwk, p256, p384, p521, pem, rsa } from './fixture.ts'

const RSA = jwk(rsa.publicKey, { kid: 'a' })
const EC = jwk(p256.publicKey, { kid: 'a' })
const BOTH = ['RS256', 'PS256', 'ES256']

function algorithmsOf(read: VerificationKey | string): readonly string[] {
  assert.ok(read instanceof VerificationKey, String(read))
  return read.algorithms
}

function unusable(read: VerificationKey | string, why: RegExp): void {
  assert.ok(typeof read === 'string', 'this key must not be used')
  assert.match(read, why)
}

test('a key without alg has the algorithms of the issuer that fit its kind (D07)', () => {
  assert.deepEqual(algorithmsOf(readJwk(RSA, BOTH)), ['RS256', 'PS256'])
  assert.deepEqual(algorithmsOf(readJwk(EC, BOTH)), ['ES256'])
  assert.deepEqual(algorithmsOf(readJwk(jwk(p384.publicKey), ALGORITHMS)), ['ES384'])
  assert.deepEqual(algorithmsOf(readJwk(jwk(p521.publicKey), ALGORITHMS)), ['ES512'])
  assert.ok(!algorithmsOf(readJwk(RSA, ALGORITHMS)).some((name) => name.startsWith('HS')))
})

test('the alg of a key is binding (D07)', () => {
  assert.deepEqual(algorithmsOf(readJwk({ ...RSA, alg: 'PS256' }, BOTH)), ['PS256'])
  unusable(readJwk({ ...RSA, alg: 'PS512' }, BOTH), /no algorithm of the issuer/)
  unusable(readJwk(EC, ['RS256']), /no algorithm of the issuer/)
})

test('a symmetric key in a public set is not used (D31)', () => {
  const oct = { kty: 'oct', k: randomBytes(32).toString('base64url') }
  for (const more of [{}, { alg: 'HS256' }, { use: 'sig' }]) {
    unusable(readJwk({ ...oct, ...more }, [...BOTH, 'HS256']), /symmetric/)
  }
})

test('a key for another purpose is not used (D34)', () => {
  for (const use of ['enc', '', 'SIG', null, ['sig']]) unusable(readJwk({ ...RSA, use }, BOTH), /use/)
  for (const key_ops of [['encrypt'], ['sign'], [], 'verify', null]) {
    unusable(readJwk({ ...RSA, key_ops }, BOTH), /key_ops/)
  }
  algorithmsOf(readJwk({ ...RSA, use: 'sig', key_ops: ['verify'] }, BOTH))
  algorithmsOf(readJwk({ ...RSA, key_ops: ['sign', 'verify'] }, BOTH))
})

test('a key whose kty, crv and alg do not fit each other is not used (D35)', () => {
  const wrong: [object, RegExp][] = [
    [{ ...RSA, alg: 'ES256' }, /alg does not fit/],
    [{ ...RSA, alg: 'HS256' }, /alg does not fit/],
    [{ ...RSA, alg: 'RSA-OAEP' }, /alg does not fit/],
    [{ ...RSA, alg: 'rs256' }, /alg does not fit/],
    [{ ...RSA, alg: null }, /alg does not fit/],
    [{ ...EC, alg: 'RS256' }, /alg does not fit/],
    [{ ...EC, alg: 'ES384' }, /alg does not fit/],
    [jwk(p521.publicKey, { alg: 'ES521' }), /alg does not fit/],
    [{ ...EC, crv: 'P-384' }, /cannot be read/],
    [{ ...EC, crv: 'P-999' }, /cannot be read/],
    [{ ...EC, kty: 'RSA' }, /needs n, e/],
    [{ ...RSA, kty: 'EC' }, /needs crv, x, y/],
    [{ ...RSA, kty: 'rsa' }, /kty/],
    [{ ...RSA, kty: 'AKP' }, /kty/],
    [{ ...RSA, kty: undefined }, /kty/],
    [{ ...RSA, kty: ['RSA'] }, /kty/],
    [{ ...RSA, n: 1 }, /needs n, e/],
    [{ ...EC, y: EC['x'] }, /cannot be read/],
  ]
  for (const [key, why] of wrong) unusable(readJwk(key, [...BOTH, 'ES384', 'ES512', 'HS256']), why)
  const { publicKey: k1 } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  unusable(readJwk(jwk(k1), ALGORITHMS), /kind/)
  unusable(readJwk(jwk(generateKeyPairSync('ed25519').publicKey), ALGORITHMS), /kty/)
})

test('what is not a key at all is not used (D35)', () => {
  for (const entry of [null, 1, 'key', [], {}, [RSA], true])
    assert.equal(typeof readJwk(entry, BOTH), 'string')
  for (const kid of [1, '', null, ['a'], 'k'.repeat(257)]) unusable(readJwk({ ...RSA, kid }, BOTH), /kid/)
})

test('a published private key is not used', () => {
  unusable(readJwk(jwk(rsa.privateKey), BOTH), /private/)
  unusable(readJwk(jwk(p256.privateKey), BOTH), /private/)
  for (const name of ['d', 'p', 'k', 'oth']) unusable(readJwk({ ...RSA, [name]: '' }, BOTH), /private/)
})

test('weak RSA keys are not used', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  unusable(readJwk(jwk(short), BOTH), /2048/)
  unusable(readPublicKey('a', 'RS256', pem(short)), /2048/)
  unusable(readJwk({ ...RSA, e: 'AQ' }, BOTH), /exponent|cannot be read/)
  unusable(readJwk({ ...RSA, e: 'Ag' }, BOTH), /exponent|cannot be read/)
})

test('a configured public key is PEM or JWK and has one algorithm and the name that it is given', () => {
  const good: [string, string][] = [
    ['RS256', pem(rsa.publicKey)],
    ['PS512', `\n  ${pem(rsa.publicKey)}\n\n`],
    ['RS384', JSON.stringify(RSA)],
    ['ES256', JSON.stringify(EC)],
    ['ES512', pem(p521.publicKey)],
  ]
  for (const [algorithm, text] of good) {
    const key = readPublicKey('mine', algorithm, text)
    assert.deepEqual(algorithmsOf(key), [algorithm])
    assert.equal((key as VerificationKey).id, 'mine')
  }
})

test('a configured public key that is none is refused with a reason, without showing it', () => {
  const secret = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const bad: [string, string, RegExp][] = [
    ['RS256', secret, /private/],
    ['ES256', p256.privateKey.export({ type: 'sec1', format: 'pem' }).toString(), /private/],
    ['RS256', JSON.stringify(jwk(rsa.privateKey)), /private/],
    ['ES256', pem(rsa.publicKey), /alg does not fit/],
    ['HS256', pem(rsa.publicKey), /alg does not fit/],
    ['ES256', JSON.stringify({ ...EC, alg: 'ES384' }), /alg does not fit/],
    ['RS256', '', /cannot be read/],
    ['RS256', 'MIIB', /cannot be read/],
    ['RS256', '{', /neither PEM nor a JWK/],
    ['RS256', pem(generateKeyPairSync('ed25519').publicKey), /kind/],
  ]
  for (const [algorithm, text, why] of bad) {
    const read = readPublicKey('mine', algorithm, text)
    unusable(read, why)
    assert.ok(!String(read).includes('MII'))
  }
})

test('a secret is as long as its hash, or refused (D14)', () => {
  for (const [algorithm, least] of [
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const) {
    assert.deepEqual(algorithmsOf(readSecret('a', algorithm, 's'.repeat(least))), [algorithm])
    for (const length of [0, 1, least - 1]) {
      unusable(readSecret('a', algorithm, 's'.repeat(length)), new RegExp(`at least ${least} bytes`))
    }
  }
  algorithmsOf(readSecret('a', 'HS256', 'ä'.repeat(16)))
})

test('a public key is not taken for a secret (D06)', () => {
  for (const text of [pem(rsa.publicKey), `\n ${pem(rsa.publicKey)}`, JSON.stringify(RSA)]) {
    unusable(readSecret('a', 'HS256', text), /key file/)
  }
  unusable(readSecret('a', 'RS256', 's'.repeat(64)), /alg does not fit/)
})
