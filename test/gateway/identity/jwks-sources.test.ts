import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { JwksConfig } from '../../../gateway/config/schema.ts'
import { JwksSources } from '../../../gateway/identity/jwks-sources.ts'
import type { JwksState } from '../../../gateway/identity/key-feed.ts'
import { ISSUER, issuerConfig, jwk, LogBook, NOW, p256, p384, rsa } from './fixture.ts'
import { jwksConfig, KeyServer } from './key-server.ts'

const OLD = jwk(rsa.publicKey, { kid: 'old' })
const NEW = jwk(p256.publicKey, { kid: 'new' })

let server: KeyServer
let sources: JwksSources
let log: LogBook
let now: number

beforeEach(async () => {
  now = NOW
  log = new LogBook()
  server = await KeyServer.open(OLD)
  sources = new JwksSources(log, () => now)
})
afterEach(async () => {
  await sources.close()
  await server.close()
})

function issuer(settings: Partial<JwksConfig> = {}, name = ISSUER) {
  return issuerConfig({ issuer: name, jwks: jwksConfig(server.url, settings) })
}

function keyIds(state: JwksState | null = sources.current(ISSUER)) {
  return state?.keys.map((key) => key['kid'])
}

test('every issuer with a JWKS is fetched once on open, others not', async () => {
  await sources.open([issuer(), issuer({}, 'other'), issuerConfig({ issuer: 'configured' })])
  assert.equal(server.fetches, 2)
  assert.deepEqual(keyIds(), ['old'])
  assert.deepEqual(keyIds(sources.current('other')), ['old'])
  assert.equal(sources.current('configured'), null)
  assert.equal(sources.current('unheard of'), null)
})

test('what is known is plain data that can be sent to a thread', async () => {
  await sources.open([issuer()])
  const state = sources.current(ISSUER)
  assert.deepEqual(structuredClone(state), state)
  assert.deepEqual(state, {
    issuer: ISSUER,
    version: 2,
    state: 'ready',
    attemptedAt: NOW,
    fetchedAt: NOW,
    keys: [OLD],
  })
})

test('keys are fetched anew in the background when they are due, and not before', async () => {
  await sources.open([issuer()])
  server.publish(NEW, OLD)
  now += 599_999
  await sources.tick()
  assert.equal(server.fetches, 1)
  now += 1
  await Promise.all([sources.tick(), sources.tick()])
  assert.equal(server.fetches, 2)
  assert.deepEqual(keyIds(), ['new', 'old'])
})

test('a missing key is asked for once per cooldown, and not at all when it has come meanwhile', async () => {
  await sources.open([issuer()])
  now += 29_999
  await sources.refresh(ISSUER, 'new')
  assert.equal(server.fetches, 1)
  now += 1
  assert.deepEqual(keyIds(await sources.refresh(ISSUER, 'old')), ['old'])
  assert.equal(server.fetches, 1)
  server.publish(NEW)
  assert.deepEqual(keyIds(await sources.refresh(ISSUER, 'new')), ['new'])
  await sources.refresh(ISSUER, 'other')
  await sources.refresh(ISSUER, null)
  assert.equal(server.fetches, 2)
})

test('all who ask during a fetch get its answer', async () => {
  await sources.open([issuer()])
  now += 30_000
  const arrived = server.hold()
  const asked = Array.from({ length: 100 }, (_, index) => sources.refresh(ISSUER, `k${index}`))
  const background = sources.tick()
  const answer = await arrived
  answer(NEW)
  for (const state of await Promise.all(asked)) assert.deepEqual(keyIds(state), ['new'])
  await background
  assert.equal(server.fetches, 2)
})

test('failures keep the keys, are logged, and are repeated with growing pauses up to the cooldown', async () => {
  await sources.open([issuer()])
  server.answerWith('no', {}, 500)
  now += 600_000
  const start = now
  const times: number[] = []
  for (; now <= start + 100_000; now += 500) {
    const before = server.fetches
    await sources.tick()
    if (server.fetches > before) times.push((now - start) / 1000)
  }
  assert.deepEqual(times, [0, 1, 3, 7, 15, 31, 61, 91])
  assert.deepEqual(keyIds(), ['old'])
  const state = sources.current(ISSUER)!
  assert.deepEqual([state.state, state.fetchedAt], ['failing', NOW])
  assert.equal(log.lines.length, times.length)
  assert.deepEqual(log.lines[0]!.fields, { issuer: ISSUER, detail: 'it answered 500', fetchedAt: NOW })

  server.publish(NEW)
  now += 30_000
  await sources.tick()
  assert.deepEqual(keyIds(), ['new'])
  assert.equal(log.lines.at(-1)!.message, 'the JWKS is reachable again')
})

test('keys that are useless are left out with a warning, the others work (D31, D34, D35)', async () => {
  const wrong = [
    { kty: 'oct', kid: 'oct', k: 'c2VjcmV0' },
    jwk(rsa.publicKey, { kid: 'enc', use: 'enc' }),
    jwk(rsa.publicKey, { kid: 'ops', key_ops: ['encrypt'] }),
    { kty: 'AKP', kid: 'unknown' },
    'text',
    jwk(p384.publicKey, { kid: 'alg', alg: 'RS256' }),
    jwk(rsa.privateKey, { kid: 'private' }),
  ]
  server.publish(OLD, ...(wrong as object[]), NEW)
  await sources.open([issuer()])
  assert.deepEqual(keyIds(), ['old', 'new'])
  assert.equal(log.lines.length, 1)
  const { level, fields } = log.lines[0]!
  const { keys } = fields as { keys: { keyId: string | null }[] }
  assert.equal(level, 'warn')
  const named = ['oct', 'enc', 'ops', 'unknown', null, 'alg', 'private']
  assert.deepEqual(
    keys.map(({ keyId }) => keyId),
    named,
  )
  assert.ok(!JSON.stringify(log.lines).includes('c2VjcmV0'))

  now += 600_000
  await sources.tick()
  assert.equal(log.lines.length, 1)
  server.publish(NEW, { kty: 'oct' })
  now += 600_000
  await sources.tick()
  assert.equal(log.lines.length, 2)
})

test('of an endless set the first hundred keys are used', async () => {
  server.publish(...Array.from({ length: 200 }, (_, index) => ({ ...NEW, kid: `k${index}` })))
  await sources.open([issuer()])
  assert.equal(keyIds()?.length, 100)
})

test('listeners hear every new state, each newer than the one before, until they stop', async () => {
  const heard: JwksState[] = []
  const stop = sources.subscribe((state) => heard.push(state))
  await sources.open([issuer(), issuer({}, 'other')])
  server.answerWith('no', {}, 500)
  now += 600_000
  await sources.tick()
  assert.deepEqual(
    heard.filter((state) => state.issuer === ISSUER).map((state) => state.state),
    ['pending', 'ready', 'failing'],
  )
  assert.deepEqual(
    heard.map((state) => state.version),
    [1, 2, 3, 4, 5, 6],
  )
  stop()
  now += 600_000
  await sources.tick()
  assert.equal(heard.length, 6)
})

test('a reload that leaves the JWKS as it is keeps the keys and fetches nothing', async () => {
  await sources.open([issuer()])
  await sources.update([{ ...issuer(), audiences: ['more'], algorithms: ['ES256'] }])
  assert.equal(server.fetches, 1)
  assert.deepEqual(keyIds(), ['old'])
})

test('a reload with another address drops the keys and fetches the new ones', async () => {
  await sources.open([issuer()])
  const { version } = sources.current(ISSUER)!
  const heard: JwksState[] = []
  sources.subscribe((state) => heard.push(state))
  const moved = await KeyServer.open(NEW)
  await sources.update([issuerConfig({ jwks: jwksConfig(moved.url) })])
  assert.deepEqual(
    heard.map((state) => [state.state, keyIds(state)]),
    [
      ['pending', []],
      ['ready', ['new']],
    ],
  )
  assert.ok(heard[0]!.version > version)
  await moved.close()
})

test('a reload without the issuer forgets it (E19)', async () => {
  await sources.open([issuer(), issuer({}, 'other')])
  await sources.update([issuer({}, 'other')])
  assert.equal(sources.current(ISSUER), null)
  await assert.rejects(sources.refresh(ISSUER, 'old'), /no JWKS/)
  assert.deepEqual(keyIds(sources.current('other')), ['old'])
  now += 600_000
  await sources.tick()
  assert.equal(server.fetches, 3)
})

test('an answer that comes after a reload is not taken', async () => {
  const arrived = server.hold()
  const opened = sources.open([issuer()])
  const answer = await arrived
  const heard: JwksState[] = []
  sources.subscribe((state) => heard.push(state))
  const moved = await KeyServer.open(NEW)
  await sources.update([issuerConfig({ jwks: jwksConfig(moved.url) })])
  answer(OLD)
  await opened
  assert.deepEqual(keyIds(), ['new'])
  assert.deepEqual(
    heard.map((state) => keyIds(state)),
    [[], ['new']],
  )
  await moved.close()
})

test('closing cuts what is running and announces nothing more', async () => {
  const arrived = server.hold()
  const opened = sources.open([issuer()])
  await arrived
  const heard: JwksState[] = []
  sources.subscribe((state) => heard.push(state))
  await sources.close()
  await opened
  assert.deepEqual(heard, [])
  assert.deepEqual(log.lines, [])
})

test('other settings for the same URL keep the keys, also while the issuer is down', async () => {
  await sources.open([issuer({ refresh: 600_000 })])
  assert.deepEqual(keyIds(), ['old'])
  server.answerWith('', {}, 500)
  await sources.update([issuer({ refresh: 1_200_000 })])
  assert.deepEqual(keyIds(), ['old'])
  assert.equal(sources.current(ISSUER)?.state, 'failing')
  assert.equal(sources.current(ISSUER)?.fetchedAt, NOW)
})
