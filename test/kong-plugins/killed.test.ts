import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { numbered } from './configuration.ts'
import type { Fault } from './faulty-admin.ts'
import { KongUnderTest, needs } from './kong-under-test.ts'

const LIMITED = {
  path: '/limited',
  plugins: { 'request-size': { limit: '1MiB' } },
  kong: { plugins: ['request-size'] },
}
const BEFORE = [LIMITED, ...numbered(2)]
/** Something of everything: new, changed, gone. */
const AFTER = [
  { ...LIMITED, plugins: { 'request-size': { limit: '2MiB' } } },
  { path: '/p0', methods: ['GET'] },
  { path: '/new' },
]

const skip = await needs(true)

describe('the Admin API is killed at the k-th write, for every k', { skip }, () => {
  for (const [what, routes, from] of [
    ['of the first sync', BEFORE, null],
    ['of a change', AFTER, BEFORE],
    ['of taking everything away', [], BEFORE],
  ] as const)
    for (const effect of [false, true])
      test(`${what}, ${effect ? 'after' : 'before'} its effect: the next round finishes it`, async () => {
        for (let k = 1; ; k++) {
          const kong = await KongUnderTest.open()
          try {
            const gateway = await kong.gateway(from ?? routes)
            if (from) {
              await gateway.round()
              await kong.reconfigure(gateway, routes)
            }
            const theirs = `/services/${randomUUID()}`
            await kong.byHand('PUT', theirs, { name: `${kong.owner}-theirs`, host: 'theirs.example' })
            const untouched = (await kong.byHand('GET', theirs)).body
            kong.admin.reset()
            kong.admin.fault = ({ write }) => (write === k ? { kind: 'kill', effect } : null)
            const broken = await gateway.round().then(
              ({ result }) => result?.stopped ?? null,
              () => 'unreachable',
            )
            kong.admin.fault = () => null
            if (kong.admin.writes < k) {
              assert.equal(broken, null)
              assert.ok(k > 4, 'there was something to kill')
              return
            }
            assert.equal(broken, 'unreachable', `k = ${k}`)
            await kong.admin.up()
            const { result } = await gateway.round()
            assert.deepEqual(result?.failures ?? [], [], `k = ${k}`)
            const { plan, record } = await gateway.round()
            assert.deepEqual(plan.changes, [], `k = ${k}`)
            assert.equal(record?.state, gateway.desired.digest)
            assert.deepEqual((await kong.byHand('GET', theirs)).body, untouched)
          } finally {
            await kong.close()
          }
        }
      })
})

describe('one bad answer is no reason to stop', { skip }, () => {
  let kong: KongUnderTest
  before(async () => {
    kong = await KongUnderTest.open()
  })
  after(() => kong.close())

  const faults: [string, Fault][] = [
    ['429 with Retry-After', { kind: 'status', status: 429, retryAfter: '1' }],
    ['500', { kind: 'status', status: 500 }],
    ['503 without JSON', { kind: 'status', status: 503, body: '<html>busy</html>' }],
    ['a connection that is cut before the effect', { kind: 'cut-before' }],
    ['a connection that is cut after the effect', { kind: 'cut-after' }],
    ['a slow answer', { kind: 'slow', delayMs: 20 }],
  ]
  for (const [what, fault] of faults)
    test(`${what}: each write is tried again, and one round does all`, async () => {
      const gateway = await kong.gateway(BEFORE)
      const seen = new Set<string>()
      // Every request fails once, reads too.
      kong.admin.fault = ({ method, path }) => {
        const key = `${method} ${path}`
        if (seen.has(key)) return null
        seen.add(key)
        return fault
      }
      const { result } = await gateway.round()
      assert.deepEqual([result?.failures, result?.stopped], [[], null])
      kong.admin.fault = () => null
      assert.deepEqual((await gateway.round()).plan.changes, [])
      for (const kind of ['plugins', 'routes', 'services', 'upstreams'])
        for (const { id } of await kong.all(kind)) await kong.byHand('DELETE', `/${kind}/${id}`)
    })

  test('an Admin API that does not answer is given up, and nothing hangs', async () => {
    const gateway = await kong.gateway(numbered(1), { timeoutMs: 200 })
    kong.admin.fault = ({ write }) => (write > 0 ? { kind: 'hang' } : null)
    const began = performance.now()
    const { result } = await gateway.round()
    assert.equal(result?.stopped, 'unreachable')
    assert.ok(performance.now() - began < 30_000)
    kong.admin.fault = () => null
    assert.deepEqual((await gateway.round()).result?.failures ?? [], [])
  })
})
