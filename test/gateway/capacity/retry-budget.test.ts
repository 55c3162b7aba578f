import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RetryBudget } from '../../../gateway/capacity/retry-budget.ts'

test('a quiet function has a hundred retries in store', () => {
  const budget = new RetryBudget()
  assert.equal(taken(budget, 200), 100)
})

test('the store does not grow in quiet times', () => {
  const budget = new RetryBudget()
  for (let i = 0; i < 10_000; i++) budget.deposit()
  assert.equal(taken(budget, 200), 100)
})

test('in an outage no more than a fifth of the calls is tried again', () => {
  const budget = new RetryBudget()
  let retries = 0
  for (let i = 0; i < 10_000; i++) {
    budget.deposit()
    if (budget.tryTake()) retries++
  }
  assert.ok(retries >= 2000 && retries <= 2101, `${retries}`)
})

function taken(budget: RetryBudget, tries: number): number {
  let count = 0
  for (let i = 0; i < tries; i++) if (budget.tryTake()) count++
  return count
}
