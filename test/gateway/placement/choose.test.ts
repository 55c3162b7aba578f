import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAILURES_TO_EJECT } from '../../../gateway/capacity/deployment-health.ts'
import { DeploymentSlot } from '../../../gateway/capacity/deployment-slot.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import { choose, hasOther } from '../../../gateway/placement/choose.ts'
import { Deployment } from '../../../gateway/placement/deployment.ts'

const NOW = Date.UTC(2026, 10, 1)
const ROUNDS = 2000

test('the only deployment is chosen whatever its health and whether it was tried', () => {
  const [only] = deployments(1)
  eject(only!)
  assert.equal(choose([only!], null, NOW), only)
  assert.equal(choose([only!], only!, NOW), only)
})

test('without deployments there is nothing to choose', () => {
  assert.equal(choose([], null, NOW), null)
})

test('idle deployments share the calls', () => {
  const all = deployments(3)
  for (const share of shares(all)) assert.ok(share > 0.2 && share < 0.5, `${share}`)
})

test('the busier of two gets the call only when it is drawn twice', () => {
  const [busy, idle] = deployments(2) as [Deployment, Deployment]
  busy.slot.acquire()
  const [toBusy, toIdle] = shares([busy, idle])
  assert.ok(toBusy! > 0.15 && toBusy! < 0.35, `${toBusy}`)
  assert.ok(toIdle! > 0.65)
})

test('an ejected deployment gets nothing while another is healthy', () => {
  const all = deployments(3)
  eject(all[1]!)
  const [first, second, third] = shares(all)
  assert.equal(second, 0)
  assert.ok(first! > 0.2 && third! > 0.2)
})

test('when all are ejected all are eligible', () => {
  const all = deployments(3)
  all.forEach(eject)
  for (const share of shares(all)) assert.ok(share > 0.2, `${share}`)
})

test('the one that was just tried is not chosen while there is another, not even an ejected one', () => {
  const all = deployments(3)
  assert.equal(shares(all, all[0])[0], 0)
  eject(all[1]!)
  assert.deepEqual(shares(all, all[0]), [0, 0, 1])
  eject(all[2]!)
  const [tried, ...others] = shares(all, all[0])
  assert.equal(tried, 0)
  for (const share of others) assert.ok(share > 0.2)
})

test('an ejection that is over no longer counts', () => {
  const [a, b] = deployments(2) as [Deployment, Deployment]
  eject(a)
  assert.equal(choose([a, b], b, NOW + 29_999), a, 'the only untried one')
  assert.deepEqual(shares([a, b], null, NOW + 29_999), [0, 1])
  for (const share of shares([a, b], null, NOW + 30_000)) assert.ok(share > 0.3)
})

test('another deployment for a second try is one that is not the first', () => {
  const [a, b] = deployments(2) as [Deployment, Deployment]
  assert.equal(hasOther([a], a), false)
  assert.equal(hasOther([a, b], a), true)
})

function deployments(count: number): Deployment[] {
  const memory = new SharedMemory()
  return Array.from({ length: count }, (_, index) => {
    const facts = { organization: 'default', functionName: 'f', name: 'f' }
    return new Deployment({
      facts,
      backend: `b${index}`,
      index,
      invoker: { invoke: () => {}, close: async () => {} },
      slot: new DeploymentSlot(memory, `f@b${index}`, 1, 0, NOW),
      log: { info: () => {}, warn: () => {}, error: () => {} },
    })
  })
}

function eject(deployment: Deployment): void {
  for (let i = 0; i < FAILURES_TO_EJECT; i++) deployment.slot.failed(NOW)
}

/** Share of many choices that each got. */
function shares(all: Deployment[], tried: Deployment | null = null, now = NOW): number[] {
  const counts = new Map<Deployment, number>(all.map((deployment) => [deployment, 0]))
  for (let i = 0; i < ROUNDS; i++) {
    const chosen = choose(all, tried, now)!
    counts.set(chosen, counts.get(chosen)! + 1)
  }
  return all.map((deployment) => counts.get(deployment)! / ROUNDS)
}
