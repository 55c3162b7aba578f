import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { numbered, RICH } from './configuration.ts'
import { KongUnderTest, needs } from './kong-under-test.ts'

describe('what others have in Kong', { skip: await needs(true) }, () => {
  let kong: KongUnderTest
  beforeEach(async () => {
    kong = await KongUnderTest.open()
  })
  afterEach(() => kong.close())

  const id = () => randomUUID()

  /** Entities of somebody else, of every kind that refers to none of ours. */
  async function strangers(): Promise<string[]> {
    const mark = kong.owner
    const [service, route, consumer] = [id(), id(), id()]
    const puts: [string, object][] = [
      [`/services/${service}`, { name: `${mark}-theirs`, host: 'theirs.example', tags: ['theirs'] }],
      [`/routes/${route}`, { name: `${mark}-theirs`, paths: ['/p0'], service: { id: service } }],
      [`/upstreams/${id()}`, { name: `${mark}-theirs` }],
      [`/consumers/${consumer}`, { username: `${mark}-theirs` }],
      [`/plugins/${id()}`, { name: 'cors', route: { id: route } }],
      // Another gateway of another owner.
      [
        `/services/${id()}`,
        {
          name: `${mark}-x.dispatch-edge`,
          host: 'h',
          tags: ['dispatch-edge', `dispatch-edge-owner:${mark}-x`, 'dispatch-edge-digest:0'],
        },
      ],
    ]
    for (const [path, body] of puts) assert.equal((await kong.byHand('PUT', path, body)).status, 200)
    return puts.map(([path]) => path)
  }

  const snapshot = (paths: readonly string[]) =>
    Promise.all(paths.map(async (path) => (await kong.byHand('GET', path)).body))

  test('I09 is the same, down to its time of change, after we came, changed and went', async () => {
    const paths = await strangers()
    const before = await snapshot(paths)
    const gateway = await kong.gateway([RICH, ...numbered(3)])
    await gateway.round()
    await kong.reconfigure(gateway, [{ path: '/other' }])
    await gateway.round()
    await kong.reconfigure(gateway, [])
    const { result } = await gateway.round()
    assert.deepEqual(result?.failures, [])
    assert.deepEqual(await snapshot(paths), before)
  })

  for (const [what, path, name, body] of [
    ['a route', 'routes', '', { paths: ['/theirs'] }],
    ['the upstream', 'upstreams', 'dispatch-edge', {}],
    ['the service', 'services', 'dispatch-edge', { host: 'theirs.example' }],
  ] as const)
    test(`I03 ${what} that has a name of ours stays as it is, is told of, and the rest goes on`, async () => {
      const gateway = await kong.gateway(numbered(3))
      const ours = gateway.desired.entities.find((one) => one.kind === path && one.name.endsWith(name))!
      const theirs = `/${path}/${id()}`
      assert.equal((await kong.byHand('PUT', theirs, { name: ours.name, ...body })).status, 200)
      const before = await snapshot([theirs])
      const { plan, result } = await gateway.round()
      const conflicts = plan.changes.filter(({ action }) => action === 'conflict')
      assert.deepEqual(
        conflicts.map((change) => change.action === 'conflict' && [change.entity.name, change.holder.kind]),
        [[ours.name, path]],
      )
      assert.deepEqual(await snapshot([theirs]), before)
      const writable = new Set(result?.failures.map(({ step }) => step.name))
      if (path === 'routes') {
        assert.deepEqual(writable, new Set())
        assert.equal((await kong.all('routes')).length, 2)
        kong.admin.reset()
        assert.equal((await gateway.round()).plan.work, null, 'a conflict alone is nothing to write')
        assert.equal(kong.admin.writes, 0)
      }
      await kong.byHand('DELETE', theirs)
      const healed = await gateway.round()
      assert.deepEqual(healed.result?.failures, [])
      assert.deepEqual((await gateway.round()).plan.changes, [])
    })

  test('a plugin that others put on a route of ours stays while the route stays, and keeps the route when it should go', async () => {
    const gateway = await kong.gateway(numbered(2))
    await gateway.round()
    const route = (await kong.all('routes')).find(({ paths }) => paths[0].includes('p1'))
    const theirs = `/plugins/${id()}`
    const put = await kong.byHand('PUT', theirs, { name: 'cors', route: { id: route.id } })
    assert.equal(put.status, 200)
    assert.equal((await gateway.round()).plan.work, null)
    await kong.reconfigure(gateway, numbered(1))
    const { plan } = await gateway.round()
    const held = plan.changes.filter(({ action }) => action === 'held')
    assert.equal(held.length, 1)
    assert.equal((await kong.byHand('GET', theirs)).status, 200)
    await kong.byHand('DELETE', theirs)
    assert.deepEqual((await gateway.round()).result?.failures, [])
    assert.equal((await kong.all('routes')).length, 1)
  })

  test('I04 a route that this Kong does not take is told of, and all others are there', async () => {
    const gateway = await kong.gateway(numbered(4))
    kong.admin.fault = ({ path, method }) =>
      method === 'PUT' &&
      path === `/routes/${gateway.desired.entities.find(({ name }) => name.includes('.p2.'))!.id}`
        ? {
            kind: 'status',
            status: 400,
            body: '{"message":"schema violation (paths.1: invalid regex)","fields":{"paths":["invalid regex"]},"name":"schema violation","code":2}',
          }
        : null
    const { result } = await gateway.round()
    assert.deepEqual(
      result?.failures.map(({ step, reason, retryable }) => [step.name.includes('.p2.'), reason, retryable]),
      [[true, 'schema violation (paths.1: invalid regex)', false]],
    )
    assert.equal((await kong.all('routes')).length, 3)
    kong.admin.fault = () => null
    assert.deepEqual((await gateway.round()).result?.failures, [])
    assert.equal((await kong.all('routes')).length, 4)
  })
})
