import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Log } from '../../../gateway/contract/plugin.ts'
import { AdminTarget } from '../../../kong-plugins/sync/admin/admin-target.ts'
import { Reconciler } from '../../../kong-plugins/sync/reconciler.ts'
import type { Wanted } from '../configuration.ts'
import { FaultyAdmin } from '../faulty-admin.ts'
import { StandIn } from '../stand-in/kong.ts'
import { configOf } from './configuration.ts'

const HASTY = { tries: 2, random: () => 0, pause: async () => {} }

/** A reconciler with a Kong, and a clock that only the test moves. */
async function start(t: TestContext, routes: readonly Wanted[], fields: Record<string, unknown> = {}) {
  const kong = await StandIn.open({ database: true })
  const admin = await FaultyAdmin.open(kong.url)
  const logged: string[] = []
  const note = (_fields: object, message: string): void => void logged.push(message)
  const log: Log = { info: note, warn: note, error: note }
  const clock = { nowMs: 1_700_000_000_000 }
  const configure = (wanted: readonly Wanted[]) => configOf(wanted, { ...fields, admin: { url: admin.url } })
  const source = { config: await configure(routes), loadedAt: clock.nowMs }
  const reconciler = new Reconciler(source, log, {
    open: ({ admin: config }) => new AdminTarget({ ...config, timeout: 2000 }, HASTY),
    now: () => clock.nowMs,
    random: () => 0.5,
  })
  t.after(async () => {
    await reconciler.close()
    admin.close()
    await kong.close()
  })
  return {
    kong,
    admin,
    reconciler,
    logged,
    /** Moves the clock and lets happen what is due then. */
    async pass(ms: number) {
      clock.nowMs += ms
      reconciler.tick()
      await reconciler.idle()
      return reconciler.status()!
    },
    async reload(wanted: readonly Wanted[]) {
      source.config = await configure(wanted)
      source.loadedAt = ++clock.nowMs
    },
  }
}

test('it writes at once, then looks now and then and writes nothing', async (t) => {
  const { admin, pass } = await start(t, [{ path: '/a' }], { every: '30s' })
  const first = await pass(0)
  assert.equal(first.state, 'in-step')
  assert.equal(first.lagMs, 0)
  assert.equal(first.actualDigest, first.desiredDigest)
  assert.deepEqual(first.entities, { services: 1, upstreams: 1, targets: 1, routes: 1, plugins: 1 })
  admin.reset()
  assert.equal((await pass(20_000)).total.looks, 1, 'nothing is due yet')
  const second = await pass(10_000)
  assert.equal(second.total.looks, 2)
  assert.equal(admin.writes, 0)
})

test('another configuration is written at the next tick', async (t) => {
  const { admin, pass, reload } = await start(t, [{ path: '/a' }])
  await pass(0)
  admin.reset()
  await reload([{ path: '/a' }, { path: '/b' }])
  const status = await pass(0)
  assert.equal(status.state, 'in-step')
  assert.equal(admin.writes, 2)
})

test('I08 what somebody changed is found and put right within the interval, and counted', async (t) => {
  const { kong, pass } = await start(t, [{ path: '/a' }, { path: '/b' }], { every: '30s' })
  await pass(0)
  const routes = (await (await fetch(`${kong.url}/routes`)).json()) as { data: { id: string }[] }
  const [one, other] = routes.data
  await fetch(`${kong.url}/routes/${one!.id}`, { method: 'DELETE' })
  await fetch(`${kong.url}/routes/${other!.id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: '{"strip_path":true}',
  })
  const status = await pass(33_000)
  assert.deepEqual([status.state, status.total.driftFound, status.total.driftRepaired], ['in-step', 2, 2])
  const after = (await (await fetch(`${kong.url}/routes`)).json()) as { data: { strip_path: boolean }[] }
  assert.deepEqual(
    after.data.map(({ strip_path }) => strip_path),
    [false, false],
  )
})

test('I13 a Kong that is down is asked ever more seldom, and brought in step when it is back', async (t) => {
  const { admin, pass, logged, reload } = await start(t, [{ path: '/a' }])
  await pass(0)
  admin.down()
  await reload([{ path: '/a' }, { path: '/b' }])
  await pass(0)
  const started = (await pass(0)).total.looks
  for (let second = 0; second < 600; second++) await pass(1000)
  const down = (await pass(0))!
  assert.equal(down.state, 'failing')
  assert.ok(down.lagMs >= 600_000)
  const looks = down.total.looks - started
  assert.ok(looks >= 10 && looks <= 30, `${looks} looks in ten minutes`)
  assert.equal(logged.filter((line) => line.includes('not in step')).length, 1, 'said once')
  await admin.up()
  const back = await pass(60_000)
  assert.deepEqual([back.state, back.lagMs, back.lastError], ['in-step', 0, null])
})

test('I10 a configuration that lost its routes deletes none of them, and says so', async (t) => {
  const many = Array.from({ length: 30 }, (_, i) => ({ path: `/r${i}` }))
  const { kong, pass, reload } = await start(t, many)
  await pass(0)
  await reload([{ path: '/left' }])
  const status = await pass(0)
  assert.deepEqual([status.state, status.withheld], ['partly', 30])
  assert.match(status.problems[0]!, /30 entities would be deleted/)
  const routes = (await (await fetch(`${kong.url}/routes?size=100`)).json()) as { data: unknown[] }
  assert.equal(routes.data.length, 31)
})

test('what a run was doing is given up when another configuration comes', async (t) => {
  const { admin, reconciler, reload, pass } = await start(t, [{ path: '/a' }])
  const held = new Promise<void>((resolve) => {
    admin.fault = ({ write }) => {
      if (write !== 2) return null
      resolve()
      return { kind: 'hang' }
    }
  })
  reconciler.tick()
  await held
  admin.fault = () => null
  await reload([{ path: '/b' }])
  reconciler.tick()
  await reconciler.idle()
  const status = await pass(0)
  assert.equal(status.state, 'in-step')
})

test('it ends while Kong does not answer', async (t) => {
  const { admin, reconciler } = await start(t, [{ path: '/a' }])
  admin.fault = () => ({ kind: 'hang' })
  reconciler.tick()
  await reconciler.close()
  assert.equal(reconciler.status()!.state, 'pending')
})

test('with `sync: false` Kong is left alone', async (t) => {
  const { admin, pass } = await start(t, [{ path: '/a' }], { sync: false })
  const status = await pass(100_000)
  assert.deepEqual([status.state, status.lagMs, admin.seen.length], ['off', 0, 0])
})
