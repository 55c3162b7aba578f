import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { numbered, RICH } from './configuration.ts'
import { type Gateway, KongUnderTest, needs } from './kong-under-test.ts'

const FOREIGN_SERVICE = { name: 'theirs', host: 'theirs.example' }

describe('a Kong without a database', { skip: await needs(false) }, () => {
  let kong: KongUnderTest
  beforeEach(async () => {
    kong = await KongUnderTest.open({ database: false })
  })
  afterEach(() => kong.close())

  const hash = async () => (await kong.byHand('GET', '/status')).body.configuration_hash

  test('gets everything by one write, and nothing is left to do', async () => {
    const gateway = await kong.gateway([RICH, ...numbered(3)])
    const first = await gateway.round()
    assert.deepEqual([first.result?.failures, first.result?.writes, kong.admin.writes], [[], 1, 1])
    assert.equal(first.record?.state, gateway.desired.digest)
    kong.admin.reset()
    assert.deepEqual((await gateway.round()).plan.changes, [])
    assert.equal(kong.admin.writes, 0)
  })

  test('gets a change, and loses what is no longer wanted, by one write', async () => {
    const gateway = await kong.gateway([RICH, ...numbered(3)])
    await gateway.round()
    await kong.reconfigure(gateway, numbered(2))
    const { result } = await gateway.round()
    assert.deepEqual([result?.failures, result?.writes], [[], 1])
    assert.equal((await kong.all('routes')).length, 2)
    assert.deepEqual((await gateway.round()).plan.changes, [])
  })

  test('I15 that has just that already says so, and nothing is changed', async () => {
    const gateway = await kong.gateway(numbered(2))
    await gateway.round()
    const before = await hash()
    // A look that found something to do where there is nothing: the same content is sent once more.
    const forced = await gateway.round()
    assert.equal(forced.result, null)
    const { session, desired } = gateway
    const look = await session.look(desired, AbortSignal.timeout(10_000))
    const [service] = look.live.owned.filter(({ kind }) => kind === 'services')
    const plan = session.plan(
      desired,
      {
        ...look,
        comparison: {
          ...look.comparison,
          changes: [
            {
              action: 'repair',
              entity: desired.entities.find(({ kind }) => kind === 'services')!,
              live: service!,
              fields: service!.fields,
              differences: [],
            },
          ],
        },
      },
      null,
      gateway.generation,
    )
    const result = await session.target.apply(plan.work!, {
      mayWrite: async () => true,
      onWritten: () => {},
      signal: AbortSignal.timeout(10_000),
    })
    assert.deepEqual(result, { writes: 0, failures: [], stopped: null })
    assert.equal(await hash(), before)
    assert.equal(kong.admin.seen.at(-1)?.status, 304)
  })

  test('I16 that refuses keeps what it had, and what is wrong is told of the entity that it is wrong with', async () => {
    const gateway = await kong.gateway(numbered(3))
    await gateway.round()
    const before = await hash()
    await kong.reconfigure(gateway, [...numbered(3), { path: '/bad' }, { path: '/good' }])
    // This Kong takes less than the one that the route was made for.
    const bad = breakRoute(gateway, '.bad.')
    const { result } = await gateway.round()
    const culprit = result?.failures.find(({ step }) => step.id === bad)
    assert.match(culprit?.reason ?? '', /paths\.1: should start with/)
    assert.equal(culprit?.retryable, false)
    const others = result?.failures.filter(({ step }) => step.id !== bad) ?? []
    assert.ok(others.length > 0)
    for (const { reason } of others) assert.match(reason, /refuses the whole because of route .*bad/)
    assert.equal(await hash(), before)
    assert.equal((await kong.all('routes')).length, 3)
  })

  test('I08 that somebody gave another configuration of ours gets the right one again', async () => {
    const gateway = await kong.gateway(numbered(2))
    await gateway.round()
    const { config } = (await kong.byHand('GET', '/config')).body
    await kong.loadWhole({ config: config.replaceAll('retries: 0', 'retries: 4') })
    assert.equal((await gateway.round()).result?.writes, 1)
    assert.equal((await kong.all('services'))[0].retries, 0)
    assert.deepEqual((await gateway.round()).plan.changes, [])
  })

  for (const [what, theirs] of [
    ['a service', { services: [FOREIGN_SERVICE] }],
    ['a consumer', { consumers: [{ username: 'alice' }] }],
    ['a global plugin', { plugins: [{ name: 'cors' }] }],
    [
      'a certificate authority of another gateway',
      { upstreams: [{ name: 'x', tags: ['dispatch-edge-owner:other'] }] },
    ],
  ] as const)
    test(`I09 that holds ${what} of somebody else is not touched at all`, async () => {
      await kong.loadWhole({ _format_version: '3.0', ...theirs })
      const before = await hash()
      const gateway = await kong.gateway(numbered(2))
      const { result } = await gateway.round()
      assert.ok(result!.failures.length > 0)
      for (const { conflict, reason } of result!.failures) {
        assert.equal(conflict, true)
        assert.match(reason, /would be lost/)
      }
      assert.equal(await hash(), before)
      assert.equal(kong.admin.writes, 0)
      await kong.loadWhole({ _format_version: '3.0' })
      assert.deepEqual((await gateway.round()).result?.failures, [])
    })

  test('I10 the guard keeps what would be too much to delete, also when something else is written', async () => {
    const gateway = await kong.gateway(numbered(20))
    await gateway.round()
    await kong.reconfigure(gateway, [{ path: '/p0', methods: ['GET'] }, { path: '/new' }])
    const guarded = await gateway.round({ always: 10, share: 0.2 })
    assert.equal(guarded.plan.withheld, 19)
    assert.deepEqual(guarded.result?.failures, [])
    assert.equal((await kong.all('routes')).length, 21)
    kong.admin.reset()
    assert.equal((await gateway.round({ always: 10, share: 0.2 })).plan.work, null)
    assert.equal(kong.admin.writes, 0)
    await gateway.round()
    assert.equal((await kong.all('routes')).length, 2)
  })

  for (const [what, fault] of [
    ['429', { kind: 'status', status: 429, retryAfter: '1' }],
    ['504', { kind: 'status', status: 504 }],
    ['a connection that is cut after the effect', { kind: 'cut-after' }],
    ['a connection that is cut before the effect', { kind: 'cut-before' }],
  ] as const)
    test(`answers ${what} once, and is asked again`, async () => {
      const gateway = await kong.gateway(numbered(2))
      kong.admin.fault = ({ write }) => (write === 1 ? fault : null)
      assert.deepEqual((await gateway.round()).result?.failures, [])
      kong.admin.fault = () => null
      assert.deepEqual((await gateway.round()).plan.changes, [])
    })

  test('is killed while it takes the configuration, and has it a round later', async () => {
    for (const effect of [true, false]) {
      const gateway = await kong.gateway(effect ? numbered(2) : numbered(3))
      kong.admin.fault = ({ write }) => (write > 0 ? { kind: 'kill', effect } : null)
      assert.equal((await gateway.round()).result?.stopped, 'unreachable')
      kong.admin.fault = () => null
      await kong.admin.up()
      assert.deepEqual((await gateway.round()).result?.failures ?? [], [])
      assert.deepEqual((await gateway.round()).plan.changes, [])
    }
  })

  test('two gateways with different configurations do not flap', async () => {
    const [older, newer] = [await kong.gateway(numbered(2)), await kong.gateway(numbered(3))]
    await older.round()
    await newer.round()
    kong.admin.reset()
    assert.equal((await older.round()).standing, 'passive')
    assert.deepEqual((await newer.round()).plan.changes, [])
    assert.equal(kong.admin.writes, 0)
  })
})

/** Makes Kong refuse a route that is wanted. Its id. */
function breakRoute(gateway: Gateway, name: string): string {
  const entities = gateway.desired.entities.map((entity) =>
    entity.kind === 'routes' && entity.name.includes(name)
      ? { ...entity, fields: { ...entity.fields, paths: ['nolead'] } }
      : entity,
  )
  gateway.desired = { ...gateway.desired, entities }
  return entities.find((entity) => entity.kind === 'routes' && entity.name.includes(name))!.id
}
