import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { RICH } from './configuration.ts'
import { type Gateway, KongUnderTest, needs } from './kong-under-test.ts'

/** An edit by hand of one entity of ours: how it is found, and what is done to it. */
interface Edit {
  readonly what: string
  readonly kind: string
  readonly named?: string
  readonly method: 'PATCH' | 'DELETE' | 'PUT'
  readonly body?: object
  /** Writes that put it right. */
  readonly writes: number
}

const EDITS: readonly Edit[] = [
  {
    what: 'a route with another path',
    kind: 'routes',
    method: 'PATCH',
    body: { paths: ['/hacked'] },
    writes: 1,
  },
  {
    what: 'a route that strips its path',
    kind: 'routes',
    method: 'PATCH',
    body: { strip_path: true },
    writes: 1,
  },
  { what: 'a route without a service', kind: 'routes', method: 'PATCH', body: { service: null }, writes: 1 },
  {
    what: 'a route with other hosts',
    kind: 'routes',
    method: 'PATCH',
    body: { hosts: ['evil.example'] },
    writes: 1,
  },
  {
    what: 'a route of another name',
    kind: 'routes',
    method: 'PATCH',
    body: { name: 'renamed-by-hand' },
    writes: 1,
  },
  { what: 'a service that retries', kind: 'services', method: 'PATCH', body: { retries: 5 }, writes: 1 },
  { what: 'a service that is off', kind: 'services', method: 'PATCH', body: { enabled: false }, writes: 1 },
  {
    what: 'a service to elsewhere',
    kind: 'services',
    method: 'PATCH',
    body: { host: 'evil.example' },
    writes: 1,
  },
  {
    what: 'an upstream that asks elsewhere',
    kind: 'upstreams',
    method: 'PATCH',
    body: { healthchecks: { active: { http_path: '/other' } } },
    writes: 1,
  },
  { what: 'a target without weight', kind: 'targets', method: 'PATCH', body: { weight: 0 }, writes: 1 },
  { what: 'a target that is gone', kind: 'targets', method: 'DELETE', writes: 1 },
  {
    what: 'a plugin that is off',
    kind: 'plugins',
    named: 'cors',
    method: 'PATCH',
    body: { enabled: false },
    writes: 1,
  },
  {
    what: 'a plugin with another setting',
    kind: 'plugins',
    named: 'rate-limiting',
    method: 'PATCH',
    body: { config: { minute: 100_000 } },
    writes: 1,
  },
  { what: 'a plugin that is gone', kind: 'plugins', named: 'ip-restriction', method: 'DELETE', writes: 1 },
  { what: 'a route without its tags', kind: 'routes', method: 'PATCH', body: { tags: null }, writes: 1 },
  { what: 'a route with one more tag', kind: 'routes', method: 'PATCH', body: { tags: ['mine'] }, writes: 1 },
  {
    what: 'a plugin without its tags',
    kind: 'plugins',
    named: 'cors',
    method: 'PATCH',
    body: { tags: [] },
    writes: 1,
  },
  // The record goes with the tags of the service.
  { what: 'a service without its tags', kind: 'services', method: 'PATCH', body: { tags: null }, writes: 1 },
  {
    what: 'an upstream without its tags',
    kind: 'upstreams',
    method: 'PATCH',
    body: { tags: null },
    writes: 1,
  },
  { what: 'a target without its tags', kind: 'targets', method: 'PATCH', body: { tags: null }, writes: 1 },
]

describe('I08 an edit by hand is seen and put right in one round', { skip: await needs(true) }, () => {
  let kong: KongUnderTest
  let gateway: Gateway
  before(async () => {
    kong = await KongUnderTest.open()
    gateway = await kong.gateway([{ ...RICH, hosts: ['api.example.com'] }])
    await gateway.round()
  })
  after(() => kong.close())

  for (const { what, kind, named, method, body, writes } of EDITS)
    test(what, async () => {
      const path = await pathOf(kind, named)
      const edited = await kong.byHand(method, path, body)
      assert.ok(edited.status < 300, JSON.stringify(edited.body))
      kong.admin.reset()
      const round = await gateway.round()
      assert.ok(round.plan.changes.length > 0)
      assert.deepEqual(round.result?.failures, [])
      assert.equal(
        kong.admin.writes,
        writes,
        kong.admin.seen.map((seen) => `${seen.method} ${seen.path}`).join('\n'),
      )
      await nothingLeft()
    })

  test('a route that is gone, with its plugins', async () => {
    assert.equal((await kong.byHand('DELETE', await pathOf('routes'))).status, 204)
    kong.admin.reset()
    assert.deepEqual((await gateway.round()).result?.failures, [])
    assert.equal(kong.admin.writes, 5)
    await nothingLeft()
  })

  test('an upstream that is gone, with its targets', async () => {
    assert.equal((await kong.byHand('DELETE', await pathOf('upstreams'))).status, 204)
    assert.deepEqual((await gateway.round()).result?.failures, [])
    await nothingLeft()
  })

  test('all of it gone', async () => {
    for (const kind of ['plugins', 'routes', 'services', 'upstreams'])
      for (const { id } of await kong.all(kind)) await kong.byHand('DELETE', `/${kind}/${id}`)
    assert.deepEqual((await gateway.round()).result?.failures, [])
    await nothingLeft()
  })

  test('a plugin without its tags, on a route that is no longer wanted, goes with it', async () => {
    const kong = await KongUnderTest.open()
    try {
      const gateway = await kong.gateway([RICH, { path: '/b' }])
      await gateway.round()
      const cors = (await kong.all('plugins')).find(({ name }) => name === 'cors')
      await kong.byHand('PATCH', `/plugins/${cors.id}`, { tags: null })
      await kong.reconfigure(gateway, [{ path: '/b' }])
      assert.deepEqual((await gateway.round()).result?.failures, [])
      assert.equal((await kong.all('routes')).length, 1)
      assert.equal((await kong.byHand('GET', `/plugins/${cors.id}`)).status, 404)
      assert.deepEqual((await gateway.round()).plan.changes, [])
    } finally {
      await kong.close()
    }
  })

  test('what the repair is told of is what the edit did', async () => {
    await kong.byHand('PATCH', await pathOf('services'), { retries: 3 })
    const [change] = (await gateway.round()).plan.changes
    assert.equal(change?.action, 'repair')
    assert.deepEqual(change?.action === 'repair' && change.differences, [
      { path: 'retries', is: 3, shouldBe: 0 },
    ])
  })

  async function nothingLeft(): Promise<void> {
    kong.admin.reset()
    const { plan } = await gateway.round()
    assert.deepEqual(plan.changes, [])
    assert.equal(kong.admin.writes, 0)
  }

  async function pathOf(kind: string, named?: string): Promise<string> {
    const [upstream] = await kong.all('upstreams')
    if (kind === 'targets') {
      const { body } = await kong.byHand('GET', `/upstreams/${upstream.id}/targets`)
      return `/upstreams/${upstream.id}/targets/${body.data[0].id}`
    }
    const found = (await kong.all(kind)).find(({ name }) => named === undefined || name === named)
    return `/${kind}/${found.id}`
  }
})
