import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { numbered, type Wanted } from './configuration.ts'
import { type Gateway, KongUnderTest, needs } from './kong-under-test.ts'

const THOUSANDS = 5000
/** On a machine that does other things too. */
const LONGEST_MS = 60_000

describe('a Kong with thousands of routes', { skip: await needs(true) }, () => {
  let kong: KongUnderTest
  let gateway: Gateway
  let wanted: Wanted[]
  before(async () => {
    kong = await KongUnderTest.open()
    wanted = numbered(THOUSANDS)
    gateway = await kong.gateway(wanted)
  })
  after(() => kong.close())

  async function measured(what: string, limitMs = LONGEST_MS) {
    kong.admin.reset()
    const began = performance.now()
    const round = await gateway.round()
    const tookMs = performance.now() - began
    assert.ok(tookMs < limitMs, `${what} took ${Math.round(tookMs)} ms`)
    assert.deepEqual(round.result?.failures ?? [], [])
    return round
  }

  test(`I11 is brought to ${THOUSANDS} routes in one round`, async (t) => {
    const began = performance.now()
    await measured('the first sync')
    t.diagnostic(`first sync of ${THOUSANDS} routes: ${Math.round(performance.now() - began)} ms`)
    assert.equal((await kong.all('routes')).length, THOUSANDS)
  })

  test('I11 has nothing to do afterwards, and is asked for pages of a thousand', async () => {
    const { plan } = await measured('a look')
    assert.deepEqual(plan.changes, [])
    assert.equal(kong.admin.writes, 0)
    const pages = kong.admin.seen.filter(({ path }) => path.startsWith('/routes?'))
    assert.ok(
      pages.length >= THOUSANDS / 1000 && pages.length <= THOUSANDS / 1000 + 1,
      `${pages.length} pages`,
    )
    assert.ok(kong.admin.seen.length < 30, `${kong.admin.seen.length} requests`)
  })

  for (const [what, change] of [
    ['changed', (all: Wanted[]) => all.with(2500, { path: '/p2500', methods: ['GET'] })],
    ['at another path', (all: Wanted[]) => all.with(2501, { path: '/elsewhere' })],
    ['new', (all: Wanted[]) => [...all, { path: '/one-more' }]],
    ['gone', (all: Wanted[]) => all.toSpliced(2500, 1)],
  ] as const)
    test(`one route that is ${what} takes two writes at most`, async () => {
      wanted = change(wanted)
      await kong.reconfigure(gateway, wanted)
      await measured('one change')
      assert.ok(kong.admin.writes <= 2, `${kong.admin.writes} writes`)
      kong.admin.reset()
      assert.deepEqual((await gateway.round()).plan.changes, [])
      const reads = kong.admin.seen.filter(({ path }) => /^\/(routes|plugins)\?/.test(path))
      assert.ok(reads.length <= THOUSANDS / 1000 + 2, `${reads.length} pages to see that nothing differs`)
    })

  test('one route that was edited by hand takes one', async () => {
    const { body } = await kong.byHand('GET', `/routes?tags=dispatch-edge-owner:${kong.owner}&size=1`)
    await kong.byHand('PATCH', `/routes/${body.data[0].id}`, { paths: ['/hacked'] })
    await measured('one repair')
    assert.equal(kong.admin.writes, 1)
  })

  test('I11 is brought to 10 000 routes, each of which is there', async () => {
    wanted = numbered(10_000)
    await kong.reconfigure(gateway, wanted)
    await measured('5 000 more')
    const live = await kong.all('routes')
    assert.equal(new Set(live.map(({ paths }) => paths[0])).size, 10_000)
    assert.deepEqual((await measured('a look')).plan.changes, [])
  })
})
