import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALGORITHMS } from '../../../gateway/config/schema/identity.ts'
import type { Algorithm } from '../../../gateway/config/schema.ts'
import { createAuthenticator } from '../../../gateway/identity/authenticator.ts'
import { JwksSources } from '../../../gateway/identity/jwks-sources.ts'
import { KeySet, readKeySet } from '../../../gateway/identity/key-set.ts'
import { readSecret } from '../../../gateway/identity/keys.ts'
import { readSignedToken } from '../../../gateway/identity/token-syntax.ts'
import { VerificationKey } from '../../../gateway/identity/verification-key.ts'
import { verifySignature } from '../../../gateway/identity/verify-signature.ts'
import { Corpus } from './corpus.ts'
import {
  ANYBODY,
  authenticatorFor,
  bearing,
  identityConfig,
  issuerConfig,
  LogBook,
  NOW,
  refused,
} from './fixture.ts'
import { jwksConfig, KeyServer } from './key-server.ts'

const corpus = new Corpus('wycheproof')

interface Jwk extends Record<string, unknown> {
  readonly alg?: Algorithm
  readonly kid?: string
  readonly k?: string
}

interface Group {
  readonly public?: Jwk
  readonly private: Jwk
  readonly tests: readonly {
    readonly tcId: number
    readonly jws?: string
    readonly jwe?: string
    readonly result: string
  }[]
}

/** Vectors that are not decided as the corpus says, and why that is right. */
const DEVIATIONS: ReadonlyMap<number, string> = new Map([
  ...[367, 370].map((id) => [id, 'the same bytes as the valid vector 357'] as const),
  ...[372, 373].map((id) => [id, 'has a character that is not base64url'] as const),
  ...[346, 350].map((id) => [id, 'is signed with PS384 by a key that is for PS256'] as const),
  ...[347, 351].map((id) => [id, 'its key is for ES521, which does not exist'] as const),
  ...[259, 264, 268, 272, 320, 325].map((id) => [id, 'has no payload, so it cannot be a token'] as const),
])

function groupsOf(file: string): readonly Group[] {
  return (corpus.json(`testvectors_v1/${file}`) as { testGroups: Group[] }).testGroups
}

function keysOf(group: Group): KeySet {
  if (group.public !== undefined)
    return readKeySet([group.public], group.public.alg ? [group.public.alg] : ALGORITHMS).set
  const { k, kid, alg } = group.private
  const key = readSecret(kid!, alg!, Buffer.from(k!, 'base64url'))
  assert.ok(key instanceof VerificationKey, String(key))
  return new KeySet([key])
}

function accepts(jws: string, keys: KeySet): boolean {
  const read = readSignedToken(jws)
  return typeof read !== 'string' && verifySignature(read, keys) instanceof VerificationKey
}

test('signatures are judged as Project Wycheproof says (D03–D08, D34)', corpus.options, (t) => {
  const deviating: number[] = []
  let count = 0
  for (const group of groupsOf('json_web_signature_test.json')) {
    const keys = keysOf(group)
    for (const { tcId, jws, result } of group.tests) {
      count++
      if (accepts(jws!, keys) !== (result === 'valid')) deviating.push(tcId)
    }
  }
  assert.equal(count, 401)
  assert.deepEqual(
    deviating,
    [...DEVIATIONS.keys()].sort((a, b) => a - b),
  )
  for (const [id, why] of DEVIATIONS) t.diagnostic(`#${id} ${why}`)
})

test('no invalid signature is a credential', corpus.options, async () => {
  const server = await KeyServer.open()
  let count = 0
  for (const group of groupsOf('json_web_signature_test.json')) {
    server.publish(group.public ?? group.private)
    const trusted = issuerConfig({ algorithms: [...ALGORITHMS], jwks: jwksConfig(server.url) })
    const sources = new JwksSources(new LogBook(), () => NOW)
    await sources.open([trusted])
    const authenticator = createAuthenticator(identityConfig({ issuers: [trusted] }), sources, {
      clock: () => NOW,
    })
    for (const { jws } of group.tests.filter(({ result }) => result === 'invalid')) {
      count++
      refused(authenticator.authenticate(bearing(jws!), ANYBODY))
    }
    await sources.close()
  }
  await server.close()
  assert.equal(count, 355)
})

test('no encrypted token is a credential (E16)', corpus.options, () => {
  const authenticator = authenticatorFor()
  const tests = groupsOf('json_web_encryption_test.json').flatMap((group) => group.tests)
  assert.equal(tests.length, 139)
  for (const { jwe } of tests) refused(authenticator.authenticate(bearing(jwe!), ANYBODY))
})
