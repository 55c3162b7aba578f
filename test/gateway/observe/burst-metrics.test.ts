import assert from 'node:assert/strict'
import { test } from 'node:test'
import { burstMetrics } from '../../../gateway/observe/burst-metrics.ts'
import type { BurstStatus } from '../../../gateway/observe/burst-status.ts'
import { STATUS } from '../management/support.ts'

const BUDGET = STATUS.burst[0]!

function samplesOf(budgets: readonly BurstStatus[], most: number) {
  return (name: string) => {
    const metric = burstMetrics(() => budgets, most).find((one) => one.name === name)!
    return metric.read()
  }
}

test('what functions burst is counted once, and the budget of their organization beside it', () => {
  const shared = { ...BUDGET, functionName: null, share: 0.9 }
  const samples = samplesOf([shared, BUDGET, { ...BUDGET, functionName: 'f', mostMoney: null }], 10)
  const hello = { organization: 'default', function: 'hello' }
  const f = { organization: 'default', function: 'f' }
  assert.deepEqual(samples('burst_spend_total'), [
    { labels: hello, value: 6 },
    { labels: f, value: 6 },
  ])
  assert.deepEqual(samples('burst_calls_total')[0], { labels: hello, value: 40 })
  assert.deepEqual(samples('burst_in_flight')[0], { labels: hello, value: 1 })
  assert.deepEqual(samples('burst_budget_ratio'), [
    { labels: { organization: 'default' }, value: 0.9 },
    { labels: hello, value: 0.75 },
  ])
  assert.deepEqual(samples('burst_refusals_total').slice(0, 3), [
    { labels: { organization: 'default', reason: 'concurrency' }, value: 3 },
    { labels: { organization: 'default', reason: 'rate' }, value: 0 },
    { labels: { organization: 'default', reason: 'money' }, value: 1 },
  ])
})

test('however many budgets there are, the number of series is bounded', () => {
  const budgets = Array.from({ length: 5000 }, (_, i) => ({
    ...BUDGET,
    functionName: i % 2 === 0 ? null : `f${i}`,
    share: i / 10_000,
  }))
  const samples = samplesOf(budgets, 50)
  const other = { organization: 'other', function: 'other' }
  assert.equal(samples('burst_spend_total').length, 26)
  assert.deepEqual(samples('burst_spend_total').at(-1), { labels: other, value: 6 * 2475 })
  assert.equal(samples('burst_budget_ratio').length, 52)
  assert.deepEqual(samples('burst_budget_ratio').at(-1), { labels: other, value: 0.4999 })
  assert.equal(samples('burst_refusals_total').length, 52 * 3)
})
