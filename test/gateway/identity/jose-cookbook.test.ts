import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Algorithm } from '../../../gateway/config/schema.ts'
import { KeySet } from '../../../gateway/identity/key-set.ts'
import { readJwk, readSecret } from '../../../gateway/identity/keys.ts'
import { readSignedToken } from '../../../gateway/identity/token-syntax.ts'
import type { VerificationKey } from '../../../gateway/identity/verification-key.ts'
import { verifySignature } from '../../../gateway/identity/verify-signature.ts'
import { Corpus } from './corpus.ts'
import { ANYBODY, authenticatorFor, bearing, refused } from './fixture.ts'

const corpus = new Corpus('jose-cookbook')

interface Example {
  readonly input: { readonly alg?: Algorithm; readonly key?: Record<string, string> }
  readonly signing?: { readonly protected?: { readonly alg: Algorithm } }
  readonly output: { readonly compact?: string; readonly json?: object; readonly json_flat?: object }
}

const VERIFIED: readonly [file: string, algorithm: Algorithm][] = [
  ['jws/4_1.rsa_v15_signature.json', 'RS256'],
  ['jws/4_2.rsa-pss_signature.json', 'PS384'],
  ['jws/4_3.ecdsa_signature.json', 'ES512'],
  ['jws/4_4.hmac-sha2_integrity_protection.json', 'HS256'],
]
const NESTED = '6.nesting_signatures_and_encryption.json'

/** The key of an example, as an issuer would publish it or share it. */
function keyOf(jwk: Record<string, string>, algorithm: Algorithm): VerificationKey | string {
  if (jwk['k'] !== undefined) return readSecret(jwk['kid']!, algorithm, Buffer.from(jwk['k'], 'base64url'))
  const { d, p, q, dp, dq, qi, ...published } = jwk
  return readJwk(published, [algorithm])
}

function verifies(text: string, jwk: Record<string, string>, algorithm: Algorithm): boolean {
  const key = keyOf(jwk, algorithm)
  const read = readSignedToken(text)
  if (typeof key === 'string' || typeof read === 'string') return false
  return verifySignature(read, new KeySet([key])) === key
}

test('the signatures of RFC 7520 verify with their algorithm and no other', corpus.options, () => {
  const nested = (corpus.json(NESTED) as { sign: Example }).sign
  const examples = VERIFIED.map(([file, algorithm]) => [corpus.json(file) as Example, algorithm] as const)
  for (const [{ input, output }, algorithm] of [...examples, [nested, 'PS256'] as const]) {
    for (const other of ['RS256', 'PS256', 'PS384', 'ES256', 'ES512', 'HS256', 'HS384'] as const) {
      const verified = verifies(output.compact!, input.key!, other)
      assert.equal(verified, other === algorithm, `${algorithm} as ${other}`)
    }
  }
})

test(
  'every other example is refused: no EdDSA, no detached or unencoded payload, no encryption (D04, D16, E16)',
  corpus.options,
  () => {
    const verified = new Set(VERIFIED.map(([file]) => file))
    const files = corpus
      .list()
      .filter((file) => !verified.has(file) && !file.startsWith('jwk/') && file !== NESTED)
    assert.equal(files.length, 21)
    const authenticator = authenticatorFor()
    const encrypted = (corpus.json(NESTED) as { encrypt: Example }).encrypt
    for (const { input, output } of [...files.map((file) => corpus.json(file) as Example), encrypted]) {
      const texts = [
        output.compact,
        ...[output.json, output.json_flat].map((form) => form && JSON.stringify(form)),
      ]
      for (const text of texts.filter((text) => text !== undefined)) {
        refused(authenticator.authenticate(bearing(text), ANYBODY))
        const { key, alg } = input
        if (key?.['kty'] !== undefined && typeof alg === 'string') assert.ok(!verifies(text, key, alg))
      }
    }
  },
)

test('the keys of the cookbook are used when they are public and for signatures', corpus.options, () => {
  const usable = corpus
    .list('jwk')
    .filter((file) => typeof readJwk(corpus.json(file), ['RS256', 'ES512']) !== 'string')
  assert.deepEqual(usable, ['jwk/3_1.ec_public_key.json', 'jwk/3_3.rsa_public_key.json'])
})
