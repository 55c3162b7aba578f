import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { numbered } from './configuration.ts'
import { KongUnderTest, needs } from './kong-under-test.ts'

describe('two gateways of one owner', { skip: await needs(true) }, () => {
  let kong: KongUnderTest
  beforeEach(async () => {
    kong = await KongUnderTest.open()
  })
  afterEach(() => kong.close())

  const pathsInKong = async () => (await kong.all('routes')).map(({ paths }) => paths[0]).sort()

  test('with one configuration agree: what one wrote the other leaves, however often they look', async () => {
    const [a, b] = [await kong.gateway(numbered(3)), await kong.gateway(numbered(3))]
    await a.round()
    kong.admin.reset()
    for (const gateway of [b, a, b, a]) assert.deepEqual((await gateway.round()).plan.changes, [])
    assert.equal(kong.admin.writes, 0)
  })

  test('with one configuration may begin at once, and nothing is broken', async () => {
    const [a, b] = [await kong.gateway(numbered(5)), await kong.gateway(numbered(5))]
    const rounds = await Promise.all([a.round(), b.round()])
    assert.deepEqual(
      rounds.flatMap(({ result }) => result?.failures ?? []),
      [],
    )
    kong.admin.reset()
    for (const gateway of [a, b]) assert.deepEqual((await gateway.round()).plan.changes, [])
    assert.equal(kong.admin.writes, 0)
  })

  test('with one configuration both put right what was edited by hand', async () => {
    const [a, b] = [await kong.gateway(numbered(2)), await kong.gateway(numbered(2))]
    await a.round()
    for (const gateway of [b, a]) {
      const [route] = await kong.all('routes')
      await kong.byHand('PATCH', `/routes/${route.id}`, { paths: ['/hacked'] })
      assert.equal((await gateway.round()).result?.writes, 1)
    }
  })

  test('with different configurations do not flap: the newer one leads, the older one writes nothing', async () => {
    const [older, newer] = [await kong.gateway(numbered(2)), await kong.gateway(numbered(3))]
    await older.round()
    await newer.round()
    kong.admin.reset()
    for (let i = 0; i < 3; i++) {
      const passive = await older.round()
      assert.deepEqual([passive.standing, passive.result], ['passive', null])
      assert.deepEqual((await newer.round()).plan.changes, [])
    }
    assert.equal(kong.admin.writes, 0)
    assert.equal((await pathsInKong()).length, 3)
  })

  test('follow each other through a rollout, and back', async () => {
    const [a, b] = [await kong.gateway(numbered(2)), await kong.gateway(numbered(2))]
    await a.round()
    await kong.reconfigure(b, [{ path: '/new' }])
    await b.round()
    assert.equal((await a.round()).standing, 'passive')
    await kong.reconfigure(a, [{ path: '/new' }])
    assert.deepEqual((await a.round()).plan.changes, [])
    await kong.reconfigure(a, numbered(2))
    await a.round()
    assert.equal((await b.round()).standing, 'passive')
    assert.deepEqual(await pathsInKong(), ['~/p0$', '~/p1$'])
  })

  test('a leader that was paused in the middle of its writes stops when it wakes', async () => {
    const stale = await kong.gateway(numbered(30))
    const newer = await kong.gateway([{ path: '/new' }], { direct: true })
    // Between two writes of the one everything of the other happens, and ten seconds pass.
    let pause: Promise<void> | null = null
    kong.admin.fault = async ({ write }) => {
      if (write >= 15)
        pause ??= newer.round().then(() => {
          kong.nowMs += 10_000
        })
      await pause
      return null
    }
    const round = await stale.round()
    kong.admin.fault = () => null
    assert.equal(round.result?.stopped, 'passive')
    assert.equal(round.standing, 'passive')
    const healed = await newer.round()
    assert.deepEqual(healed.result?.failures ?? [], [])
    assert.deepEqual((await newer.round()).plan.changes, [])
    assert.deepEqual(await pathsInKong(), ['~/new$'])
    assert.equal((await stale.round()).standing, 'passive')
    assert.deepEqual(await pathsInKong(), ['~/new$'])
  })

  test('do not believe a record that somebody made up by hand', async () => {
    const gateway = await kong.gateway(numbered(2))
    await gateway.round()
    const [service] = await kong.all('services')
    const made = ['dispatch-edge-generation:9999999999999', `dispatch-edge-state:${'0'.repeat(32)}`]
    const tags = [...service.tags.filter((tag: string) => !/generation|state/.test(tag)), ...made]
    assert.equal((await kong.byHand('PATCH', `/services/${service.id}`, { tags })).status, 200)
    const { standing, result } = await gateway.round()
    assert.deepEqual([standing, result?.failures], ['agrees', []])
    assert.deepEqual((await gateway.round()).plan.changes, [])
  })

  test('whose leader was killed after its record, before its entities: the next round of either configuration ends it', async () => {
    const [older, newer] = [await kong.gateway(numbered(2)), await kong.gateway(numbered(4))]
    await older.round()
    kong.admin.reset()
    kong.admin.fault = ({ write }) => (write === 2 ? { kind: 'kill', effect: false } : null)
    await newer.round().catch(() => null)
    kong.admin.fault = () => null
    await kong.admin.up()
    assert.equal((await older.round()).standing, 'passive')
    assert.deepEqual((await newer.round()).result?.failures, [])
    assert.equal((await pathsInKong()).length, 4)
  })
})
