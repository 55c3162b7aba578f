import assert from 'node:assert/strict'
import { createSecretKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { test } from 'node:test'
import { ALGORITHMS } from '../../../gateway/config/schema/identity.ts'
import type { Algorithm, IssuerConfig } from '../../../gateway/config/schema.ts'
import { REASONS } from '../../../gateway/identity/rejections.ts'
import {
  ANYBODY,
  admitted,
  authenticatorFor,
  bearing,
  claims,
  encode,
  forge,
  jwk,
  p256,
  p384,
  p521,
  pem,
  refused,
  rsa,
  token,
} from './fixture.ts'

const secret = 'a secret that is at least as long as the longest of the hashes: 64 bytes'
const curves: Record<string, { publicKey: KeyObject; privateKey: KeyObject }> = {
  '256': p256,
  '384': p384,
  '512': p521,
}

function signerOf(algorithm: Algorithm): KeyObject {
  if (algorithm.startsWith('HS')) return createSecretKey(Buffer.from(secret))
  return algorithm.startsWith('ES') ? curves[algorithm.slice(2)]!.privateKey : rsa.privateKey
}

function keyOf(algorithm: Algorithm, id = 'main'): IssuerConfig['keys'][number] {
  if (algorithm.startsWith('HS')) return { id, algorithm, publicKey: null, secret }
  const { publicKey } = algorithm.startsWith('ES') ? curves[algorithm.slice(2)]! : rsa
  return { id, algorithm, publicKey: pem(publicKey), secret: null }
}

function accepting(algorithm: Algorithm) {
  return authenticatorFor({ algorithms: [algorithm], keys: [keyOf(algorithm)] })
}

for (const algorithm of ALGORITHMS) {
  test(`${algorithm} signs for a key of ${algorithm} and for no other`, () => {
    const text = token({}, { alg: algorithm }, signerOf(algorithm))
    admitted(accepting(algorithm).authenticate(bearing(text), ANYBODY))
    for (const other of ALGORITHMS) {
      if (other === algorithm) continue
      const rejection = refused(accepting(other).authenticate(bearing(text), ANYBODY))
      assert.equal(rejection.reason, REASONS['algorithm-refused'])
    }
    const both = ALGORITHMS.filter((name) => name !== algorithm)
    const keys = both.map((name, index) => keyOf(name, index === 0 ? 'main' : name))
    const mixed = authenticatorFor({ algorithms: [...ALGORITHMS], keys })
    assert.equal(refused(mixed.authenticate(bearing(text), ANYBODY)).reason, REASONS['key-unknown'])
  })

  test(`one changed bit in a token of ${algorithm} is noticed`, () => {
    const authenticator = accepting(algorithm)
    const [head, payload, sig] = token({}, { alg: algorithm }, signerOf(algorithm)).split('.')
    const bytes = Buffer.from(sig!, 'base64url')
    for (const index of [0, bytes.length >> 1, bytes.length - 1]) {
      const changed = Buffer.from(bytes)
      changed[index]! ^= 1
      refused(authenticator.authenticate(bearing(`${head}.${payload}.${encode(changed)}`), ANYBODY))
    }
    const other = encode(claims({ sub: 'bob' }))
    refused(authenticator.authenticate(bearing(`${head}.${other}.${sig}`), ANYBODY))
    const cut = [
      bytes.subarray(1),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, bytes]),
      Buffer.alloc(bytes.length),
    ]
    for (const each of cut)
      refused(authenticator.authenticate(bearing(`${head}.${payload}.${encode(each)}`), ANYBODY))
  })
}

test('a public key in any form is no HMAC secret (D06)', () => {
  const text = pem(rsa.publicKey)
  const der = rsa.publicKey.export({ type: 'spki', format: 'der' })
  const forms = [
    ...[
      text,
      text.trim(),
      `\n${text}`,
      ` ${text}`,
      text.replaceAll('\n', '\r\n'),
      JSON.stringify(jwk(rsa.publicKey)),
    ],
    ...[der, der.toString('base64'), Buffer.from(String(jwk(rsa.publicKey)['n']), 'base64url')],
    String(jwk(rsa.publicKey)['n']),
  ]
  const everything = authenticatorFor({
    algorithms: [...ALGORITHMS],
    keys: [keyOf('RS256', 'main'), keyOf('HS256', 'shared')],
  })
  for (const form of forms) {
    const stolen = createSecretKey(Buffer.from(form as string))
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const confused = token({}, { alg }, stolen)
      const onlyRsa = refused(authenticatorFor().authenticate(bearing(confused), ANYBODY))
      assert.equal(onlyRsa.reason, REASONS['algorithm-refused'])
      assert.equal(
        refused(everything.authenticate(bearing(confused), ANYBODY)).reason,
        REASONS['key-unknown'],
      )
      const unnamed = forge({ alg }, claims(), stolen)
      refused(everything.authenticate(bearing(unnamed), ANYBODY))
    }
  }
})

test('no degenerate signature passes for ES256 (D08)', () => {
  const authenticator = accepting('ES256')
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
  const above = Buffer.alloc(32, 0xff)
  const zero = Buffer.alloc(32)
  const one = Buffer.concat([zero.subarray(1), Buffer.of(1)])
  const signed = `${encode({ alg: 'ES256', kid: 'main' })}.${encode(claims())}`
  const der = sign('sha256', Buffer.from(signed), p256.privateKey)
  const good = sign('sha256', Buffer.from(signed), { key: p256.privateKey, dsaEncoding: 'ieee-p1363' })
  admitted(authenticator.authenticate(bearing(`${signed}.${encode(good)}`), ANYBODY))
  const [r, s] = [good.subarray(0, 32), good.subarray(32)]
  const wrong = [
    ...[Buffer.concat([zero, zero]), Buffer.concat([one, zero]), Buffer.concat([zero, one])],
    ...[Buffer.concat([order, s]), Buffer.concat([r, order]), Buffer.concat([r, above])],
    ...[der, good.subarray(1), good.subarray(0, 63), Buffer.concat([good, zero.subarray(31)])],
    ...[Buffer.concat([zero.subarray(31), good]), Buffer.concat([s, r])],
  ]
  for (const each of wrong) {
    const rejection = refused(authenticator.authenticate(bearing(`${signed}.${encode(each)}`), ANYBODY))
    assert.equal(rejection.reason, REASONS.signature)
  }
})

test('a token without kid is tried with every key that fits, in order', () => {
  const keys = [keyOf('ES256', 'a'), { ...keyOf('RS256', 'b') }, keyOf('HS256', 'c')]
  const authenticator = authenticatorFor({ algorithms: ['ES256', 'RS256', 'HS256'], keys })
  for (const alg of ['ES256', 'RS256', 'HS256'] as const) {
    admitted(authenticator.authenticate(bearing(forge({ alg }, claims(), signerOf(alg))), ANYBODY))
    const named = token({}, { alg, kid: 'd' }, signerOf(alg))
    assert.equal(refused(authenticator.authenticate(bearing(named), ANYBODY)).reason, REASONS['key-unknown'])
  }
})

test('one token costs at most four verifications', () => {
  const pairs = Array.from({ length: 5 }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
  const keys = pairs.map(({ publicKey }, index) => ({
    ...keyOf('ES256', `k${index}`),
    publicKey: pem(publicKey),
  }))
  const authenticator = authenticatorFor({ algorithms: ['ES256'], keys })
  for (const [index, { privateKey }] of pairs.entries()) {
    const answer = authenticator.authenticate(bearing(forge({ alg: 'ES256' }, claims(), privateKey)), ANYBODY)
    if (index < 4) admitted(answer)
    else assert.equal(refused(answer).reason, REASONS.signature)
    admitted(
      authenticator.authenticate(bearing(token({}, { alg: 'ES256', kid: `k${index}` }, privateKey)), ANYBODY),
    )
  }
})
