import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import type { KeyFeed } from '../../../gateway/identity/key-feed.ts'
import { REASONS } from '../../../gateway/identity/rejections.ts'
import { Federation, send } from './federation.ts'
import { admitted, claims, encode, jwk, NOW, refused, rsa, token } from './fixture.ts'

const OLD = jwk(rsa.publicKey, { kid: 'old' })
const byOld = token({}, { kid: 'old' })
const DAY = 86_400_000

let world: Federation

beforeEach(async () => {
  world = await Federation.found(OLD)
})
afterEach(() => world.close())

test('10 000 unknown key ids in 10 seconds cause at most one fetch (D13)', async () => {
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  world.now += 30_000
  const answers = Array.from({ length: 10_000 }, () => {
    world.now += 1
    return send(thread, strange())
  })
  for (const answer of await Promise.all(answers))
    assert.equal(refused(answer).reason, REASONS['key-unknown'])
  assert.equal(world.server.fetches, 2)
  assert.ok(!(send(thread, strange()) instanceof Promise))
  assert.equal(world.server.fetches, 2)
})

test('one unknown key id after the other causes one fetch per cooldown (D13)', async () => {
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  for (let second = 0; second < 120; second++) {
    world.now += 1000
    refused(await send(thread, strange()))
  }
  assert.equal(world.server.fetches, 1 + 4)
})

test('odd key ids ask nobody for anything (D12)', async () => {
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  world.now += 30_000
  for (const kid of ['', 'k'.repeat(257), ['old'], { old: 1 }, 1, null]) {
    assert.equal(refused(send(thread, strange(kid))).reason, REASONS.malformed)
  }
  assert.equal(world.server.fetches, 1)
})

test('tokens that are refused anyway ask nobody for a key', async () => {
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  world.now += 30_000
  const wrong = [{ exp: 1, iat: 1 }, { aud: 'other' }, { iss: 'other' }, { nonce: 'x' }]
  for (const changes of wrong) refused(send(thread, token(changes, { kid: 'unknown' })))
  refused(send(thread, strange().replace(/^[^.]*/, encode({ alg: 'HS256', kid: 'unknown' }))))
  assert.equal(world.server.fetches, 1)
})

test('1000 calls on cold threads cause exactly one fetch, and all are served (D39)', async () => {
  const arrived = world.server.hold()
  const opened = world.sources.open([world.issuer()])
  const answer = await arrived
  const threads = [world.thread(), world.thread(), world.thread(), world.thread()]
  const answers = Array.from({ length: 1000 }, (_, index) => send(threads[index % 4]!, byOld))
  assert.ok(answers.every((each) => each instanceof Promise))
  answer(OLD)
  for (const each of await Promise.all(answers)) admitted(each)
  await opened
  assert.equal(world.server.fetches, 1)
  for (const thread of threads) admitted(send(thread, byOld))
})

test('what goes wrong with the JWKS leaves the old keys in use (D37)', async () => {
  await world.sources.open([world.issuer({ timeout: 100 })])
  const thread = world.thread([world.issuer({ timeout: 100 })])
  const faults: (() => void)[] = [
    () => world.server.answerWith('', {}, 404),
    () => world.server.answerWith('', {}, 500),
    () => world.server.answerWith('<!doctype html>'),
    () => world.server.answerWith('{"keys":['),
    () => world.server.answerWith(' '.repeat(300_000)),
    () => world.server.answerWith('', { location: 'http://127.0.0.1/' }, 302),
    () => world.server.answerWith('x', { 'content-encoding': 'gzip' }),
    () => void world.server.hold(),
  ]
  for (const [index, fault] of faults.entries()) {
    fault()
    world.now += 600_000
    await world.sources.tick()
    assert.equal(world.server.fetches, index + 2)
    admitted(send(thread, token({ iat: world.now / 1000, exp: world.now / 1000 + 60 }, { kid: 'old' })))
    assert.equal(refused(await send(thread, strange())).reason, REASONS['key-unknown'])
  }
})

test('keys are used until they are too old to be believed, then the answer is 503 until there are new ones', async () => {
  await world.sources.open([world.issuer()])
  const thread = world.thread([world.issuer({}, { maxLifetime: 10 * DAY })])
  const long = token({ exp: NOW / 1000 + 5 * 86_400 }, { kid: 'old' })
  world.server.answerWith('', {}, 500)
  world.now = NOW + DAY - 1
  admitted(send(thread, long))
  admitted(send(thread, long))
  world.now = NOW + DAY
  const rejection = refused(await send(thread, long), 503)
  assert.equal(rejection.code, 'GW_IDENTITY_UNAVAILABLE')
  assert.deepEqual(rejection.headers, ['retry-after', '5'])
  refused(send(thread, long), 503)

  world.server.publish(OLD)
  world.now += 30_000
  admitted(await send(thread, long))
})

test('an issuer that could never be reached is 503, not 401, and is asked once per cooldown', async () => {
  world.server.answerWith('', {}, 500)
  await world.sources.open([world.issuer()])
  const thread = world.thread()
  for (let call = 0; call < 100; call++) refused(send(thread, byOld), 503)
  assert.equal(world.server.fetches, 1)
  assert.equal(refused(send(thread, token({ aud: 'other' }))).reason, REASONS.audience)
  world.server.publish(OLD)
  world.now += 1000
  await world.sources.tick()
  admitted(send(thread, byOld))
})

test('a feed that is stuck or fails costs its calls a bounded wait and a 503', async () => {
  const feeds: Partial<KeyFeed>[] = [
    { refresh: () => new Promise(() => {}) },
    { refresh: () => Promise.reject(new Error('the port is closed')) },
    {
      refresh: () => {
        throw new Error('the port is closed')
      },
    },
  ]
  for (const feed of feeds) {
    const stuck = { current: () => null, subscribe: () => () => {}, ...feed } as KeyFeed
    const thread = world.thread([world.issuer({ timeout: 100 })], stuck)
    const answers = await Promise.all([send(thread, byOld), send(thread, byOld)])
    for (const answer of answers) refused(answer, 503)
  }
})

/** A token that costs nothing to make: where no key fits, nobody looks at the signature. */
function strange(kid: unknown = randomUUID()): string {
  const times = { iat: world.now / 1000, exp: world.now / 1000 + 60 }
  return `${encode({ alg: 'RS256', kid })}.${encode(claims(times))}.AAAA`
}
