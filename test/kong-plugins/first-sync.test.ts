import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { numbered, RICH } from './configuration.ts'
import { KongUnderTest, needs } from './kong-under-test.ts'

describe('a Kong that knows nothing of us', { skip: await needs(true) }, () => {
  let kong: KongUnderTest
  beforeEach(async () => {
    kong = await KongUnderTest.open()
  })
  afterEach(() => kong.close())

  test('gets everything in one round, and nothing is left to do', async () => {
    const gateway = await kong.gateway([RICH, ...numbered(3)])
    const first = await gateway.round()
    assert.deepEqual(first.result?.failures, [])
    assert.equal(first.result?.writes, gateway.desired.entities.length)
    assert.equal(kong.admin.writes, gateway.desired.entities.length)
    kong.admin.reset()
    const second = await gateway.round()
    assert.deepEqual([second.plan.changes, second.plan.work], [[], null])
    assert.equal(kong.admin.writes, 0)
  })

  test('I12 gets what is referred to before what refers to it', async () => {
    await (await kong.gateway([RICH])).round()
    const kinds = kong.admin.seen
      .filter(({ write }) => write > 0)
      .map(({ path }) => /targets/.exec(path)?.[0] ?? path.split('/')[1])
    const firstOf = (kind: string) => kinds.indexOf(kind)
    const lastOf = (kind: string) => kinds.lastIndexOf(kind)
    assert.ok(lastOf('services') < firstOf('routes'), kinds.join())
    assert.ok(lastOf('routes') < firstOf('plugins') || firstOf('plugins') < 0, kinds.join())
    assert.ok(lastOf('upstreams') < firstOf('targets'), kinds.join())
  })

  test('I18 gets a service that tries once and waits longer than we do, and routes that buffer nothing', async () => {
    await (await kong.gateway([{ path: '/a' }])).round()
    const [service] = await kong.all('services')
    assert.equal(service.retries, 0)
    for (const timeout of ['connect_timeout', 'read_timeout', 'write_timeout'])
      assert.ok(service[timeout] > 60_000, `${timeout}: ${service[timeout]}`)
    const [route] = await kong.all('routes')
    assert.deepEqual(
      [route.request_buffering, route.response_buffering, route.strip_path, route.preserve_host],
      [false, false, false, true],
    )
    const [upstream] = await kong.all('upstreams')
    assert.ok(upstream.healthchecks.active.healthy.interval > 0)
  })

  test('I19 says afterwards what it was brought to', async () => {
    const gateway = await kong.gateway([{ path: '/a' }])
    const first = await gateway.round()
    assert.equal(first.record?.state, gateway.desired.digest)
    await kong.reconfigure(gateway, [{ path: '/b' }])
    const second = await gateway.round()
    assert.equal(second.record?.state, gateway.desired.digest)
    assert.notEqual(second.record?.state, first.record?.state)
  })

  test('is brought to a changed configuration by no more writes than what changed, and the record', async () => {
    const gateway = await kong.gateway(numbered(20))
    await gateway.round()
    kong.admin.reset()
    await kong.reconfigure(gateway, [...numbered(19), { path: '/p19', methods: ['GET'] }])
    const { result } = await gateway.round()
    assert.deepEqual([result?.writes, result?.failures], [2, []])
    assert.equal(kong.admin.writes, 2)
  })

  test('loses what is no longer wanted, dependants first', async () => {
    const gateway = await kong.gateway([RICH, { path: '/b' }])
    await gateway.round()
    await kong.reconfigure(gateway, [{ path: '/b' }])
    const { result } = await gateway.round()
    assert.deepEqual(result?.failures, [])
    assert.equal((await kong.all('routes')).length, 1)
    assert.deepEqual(
      (await kong.all('plugins')).filter((plugin) => plugin.route !== null),
      [],
    )
  })
})
