import assert from 'node:assert/strict'
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import type { JwksState, KeyFeed } from '../../../gateway/identity/key-feed.ts'
import { REASONS } from '../../../gateway/identity/rejections.ts'
import { Federation, send } from './federation.ts'
import { admitted, claims, forge, ISSUER, jwk, NOW, p256, refused, rsa, token } from './fixture.ts'
import { KeyServer } from './key-server.ts'

const OLD = jwk(rsa.publicKey, { kid: 'old' })
const NEW = jwk(p256.publicKey, { kid: 'new' })
const byOld = token({}, { kid: 'old' })
const byNew = token({}, { kid: 'new', alg: 'ES256' }, p256.privateKey)

let world: Federation

beforeEach(async () => {
  world = await Federation.found(OLD)
})
afterEach(() => world.close())

test('tokens are verified with published keys', async () => {
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  admitted(send(thread, byOld))
  thread.close()
})

test('rotation: both keys are good while both are published, then at once only the new one (D38)', async () => {
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  admitted(send(thread, byOld))

  world.server.publish(NEW, OLD)
  world.now += 30_000
  admitted(await send(thread, byNew))
  admitted(send(thread, byOld))

  world.server.publish(NEW)
  world.now += 600_000
  const [old, fresh] = [
    token({ iat: world.now / 1000, exp: world.now / 1000 + 3600 }, { kid: 'old' }),
    token(
      { iat: world.now / 1000, exp: world.now / 1000 + 3600 },
      { kid: 'new', alg: 'ES256' },
      p256.privateKey,
    ),
  ]
  admitted(send(thread, old))
  admitted(send(thread, fresh))
  await world.sources.tick()
  assert.equal(refused(send(thread, old)).reason, REASONS['key-unknown'])
  admitted(send(thread, fresh))
  assert.equal(world.server.fetches, 3)
})

test('a key that replaces another under the same kid takes its tokens away', async () => {
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  admitted(send(thread, byOld))
  world.server.publish({ ...NEW, kid: 'old' })
  world.now += 600_000
  const late = token({ exp: world.now / 1000 + 60 }, { kid: 'old' })
  admitted(send(thread, late))
  await world.sources.tick()
  assert.equal(refused(send(thread, late)).reason, REASONS['key-unknown'])
})

test('a token without kid finds the key that replaced another without kid', async () => {
  const [first, second] = [p256, generateKeyPairSync('ec', { namedCurve: 'P-256' })]
  world.server.publish(jwk(first.publicKey))
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  admitted(send(thread, forge({ alg: 'ES256' }, claims(), first.privateKey)))
  const bySecond = forge({ alg: 'ES256' }, claims(), second.privateKey)
  assert.equal(refused(send(thread, bySecond)).reason, REASONS.signature)
  world.server.publish(jwk(second.publicKey))
  world.now += 30_000
  admitted(await send(thread, bySecond))
})

test('keys are per issuer, even when both publish the same kid (D41)', async () => {
  const other = await KeyServer.open({ ...NEW, kid: 'old' })
  const issuers = [world.issuer(), world.issuer({ url: other.url }, { issuer: 'https://other.example.com' })]
  await world.sources.open(issuers)
  const thread = world.thread(issuers)
  const forOther = { iss: 'https://other.example.com' }
  admitted(send(thread, byOld))
  admitted(send(thread, token(forOther, { kid: 'old', alg: 'ES256' }, p256.privateKey)))
  refused(send(thread, token(forOther, { kid: 'old' })))
  refused(send(thread, token({}, { kid: 'old', alg: 'ES256' }, p256.privateKey)))
  await other.close()
})

test('a symmetric key in the set signs nothing (D31)', async () => {
  const secret = 'everybody who reads the set knows this secret'
  const k = Buffer.from(secret).toString('base64url')
  world.server.publish(OLD, { kty: 'oct', kid: 'oct', alg: 'HS256', k })
  const trusting = world.issuer({}, { algorithms: ['RS256', 'HS256'] })
  await world.sources.open([trusting])
  const thread = world.thread([trusting])
  const key = createSecretKey(Buffer.from(secret))
  assert.equal(
    refused(send(thread, token({}, { kid: 'oct', alg: 'HS256' }, key))).reason,
    REASONS['key-unknown'],
  )
  admitted(send(thread, byOld))
})

test('a set without a usable key is believed: its tokens are refused', async () => {
  world.server.publish(jwk(rsa.publicKey, { kid: 'old', use: 'enc' }))
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  assert.equal(refused(send(thread, byOld)).reason, REASONS['key-unknown'])
})

test('tokens of an issuer that a reload removed are refused, those of the others are not (E19)', async () => {
  const other = world.issuer({}, { issuer: 'https://other.example.com' })
  await world.sources.open([world.issuer(), other])
  const before = world.thread([world.issuer(), other])
  admitted(send(before, byOld))
  await world.sources.update([other])
  const thread = world.thread([other])
  before.close()
  assert.equal(refused(send(thread, byOld)).reason, REASONS['issuer-unknown'])
  admitted(send(thread, token({ iss: other.issuer }, { kid: 'old' })))
})

test('an older state never replaces a newer one, nor that of one issuer another', () => {
  const state = (version: number, keys: Record<string, unknown>[], issuer = ISSUER): JwksState => {
    return { issuer, version, state: 'ready', attemptedAt: NOW, fetchedAt: NOW, keys }
  }
  let announce: (state: JwksState) => void = () => assert.fail()
  const feed: KeyFeed = {
    current: () => state(5, [OLD]),
    refresh: () => assert.fail(),
    subscribe: (listener) => {
      announce = listener
      return () => {}
    },
  }
  const thread = world.thread([world.issuer()], feed)
  announce(state(4, [NEW]))
  announce(state(5, [NEW]))
  announce(state(9, [NEW], 'https://other.example.com'))
  admitted(send(thread, byOld))
  refused(send(thread, byNew))
  announce(state(6, [NEW]))
  admitted(send(thread, byNew))
  refused(send(thread, byOld))
})
