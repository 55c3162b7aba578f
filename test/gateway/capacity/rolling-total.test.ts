import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RollingTotal } from '../../../gateway/capacity/rolling-total.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const NOW = Date.UTC(2030, 0, 1, 12, 34, 56)

function totals(threads = 1): { memory: SharedMemory; of: (thread: number) => RollingTotal } {
  const memory = new SharedMemory()
  return { memory, of: (thread) => RollingTotal.claim(memory, 'k', threads, thread, HOUR) }
}

test('what is reserved counts until it is settled, however long that takes', () => {
  const total = totals().of(0)
  assert.ok(total.tryReserve(70, 100, NOW))
  assert.ok(!total.tryReserve(31, 100, NOW + 5 * HOUR))
  assert.ok(total.tryReserve(30, 100, NOW + 5 * HOUR))
  total.settle(70, 10, NOW + 5 * HOUR)
  assert.equal(total.total(NOW + 5 * HOUR), 40)
  assert.equal(total.reserved, 30)
  assert.equal(total.everSettled, 10)
})

test('what is settled counts for an hour and is gone a minute later', () => {
  const total = totals().of(0)
  total.tryReserve(100, 100, NOW)
  total.settle(100, 100, NOW)
  assert.equal(total.total(NOW + HOUR), 100)
  assert.ok(!total.tryReserve(1, 100, NOW + HOUR))
  assert.equal(total.total(NOW + HOUR + MINUTE), 0)
  assert.ok(total.tryReserve(100, 100, NOW + HOUR + MINUTE))
})

test('a limit of 0 lets nothing pass, not even what is free', () => {
  const total = totals().of(0)
  assert.ok(!total.tryReserve(0, 0, NOW))
  assert.ok(!total.tryReserve(1, 0, NOW))
  assert.ok(total.tryReserve(0, 1, NOW))
})

test('after a silence of any length nothing old counts and nothing new is lost', () => {
  for (const silence of [
    2 * HOUR,
    64 * MINUTE,
    128 * MINUTE,
    1024 * 64 * MINUTE + 2 * HOUR,
    400 * 24 * HOUR,
  ]) {
    const total = totals().of(0)
    total.tryReserve(50, 100, NOW)
    total.settle(50, 50, NOW)
    total.tryReserve(5, 100, NOW + silence)
    total.settle(5, 5, NOW + silence)
    assert.equal(total.total(NOW + silence), 5, `${silence}`)
    assert.equal(total.total(NOW + silence + HOUR + MINUTE), 0, `${silence}`)
  }
})

test('a clock that is set back makes nothing count less', () => {
  const { of } = totals(2)
  const ahead = of(0)
  ahead.tryReserve(60, 100, NOW)
  ahead.settle(60, 60, NOW)
  const behind = of(1)
  assert.equal(behind.total(NOW - 5 * HOUR), 60)
  assert.ok(!behind.tryReserve(41, 100, NOW - 5 * HOUR))
  assert.ok(behind.tryReserve(40, 100, NOW - 5 * HOUR))
  behind.settle(40, 40, NOW - 5 * HOUR)
  assert.equal(ahead.total(NOW + HOUR), 100)
  assert.equal(behind.total(NOW + HOUR + MINUTE), 0)
})

test('a thread that is an hour late counts in the time of the others', () => {
  const { of } = totals(2)
  const late = of(1)
  late.tryReserve(10, 100, NOW)
  const other = of(0)
  other.tryReserve(20, 100, NOW + 64 * MINUTE)
  other.settle(20, 20, NOW + 64 * MINUTE)
  late.settle(10, 10, NOW)
  assert.equal(other.total(NOW + 64 * MINUTE), 30)
  assert.equal(other.total(NOW + 64 * MINUTE + HOUR), 30)
  assert.equal(other.total(NOW + 64 * MINUTE + HOUR + MINUTE), 0)
})

test('what a dead thread had reserved counts as used from its end on, and only that', () => {
  const { memory, of } = totals(3)
  const dead = of(1)
  const alive = of(2)
  dead.tryReserve(30, 100, NOW)
  dead.tryReserve(10, 100, NOW)
  alive.tryReserve(20, 100, NOW)
  RollingTotal.forfeitAllOf(1, memory, NOW + HOUR)
  RollingTotal.forfeitAllOf(1, memory, NOW + HOUR)
  assert.equal(alive.total(NOW + HOUR), 60)
  assert.equal(alive.reserved, 20)
  assert.equal(alive.everSettled, 40)
  assert.equal(alive.total(NOW + 2 * HOUR + MINUTE), 20)
  alive.settle(20, 0, NOW + 2 * HOUR + MINUTE)
  assert.equal(alive.total(NOW + 2 * HOUR + MINUTE), 0)
})

test('more may be owed than the limit: it counts, and blocks until it has aged', () => {
  const total = totals().of(0)
  total.tryReserve(100, 100, NOW)
  total.reserve(50)
  total.settle(150, 170, NOW)
  assert.equal(total.total(NOW), 170)
  assert.ok(!total.tryReserve(1, 100, NOW + HOUR))
  assert.ok(total.tryReserve(100, 100, NOW + HOUR + MINUTE))
})

test('amounts are exact to the last unit far beyond 32 bits', () => {
  const total = totals().of(0)
  const limit = 8_000_000 * 1e9
  assert.ok(total.tryReserve(limit - 1, limit, NOW))
  assert.ok(!total.tryReserve(2, limit, NOW))
  assert.ok(total.tryReserve(1, limit, NOW))
  total.settle(limit, limit - 7, NOW)
  assert.equal(total.total(NOW), limit - 7)
  assert.equal(total.total(NOW + HOUR + MINUTE), 0)
})

test('what was used is taken over by another life, and ages there as it would have', () => {
  const before = totals().of(0)
  for (const [amount, at] of [
    [10, NOW],
    [20, NOW + 30 * MINUTE],
    [3, NOW + 30 * MINUTE + 1000],
  ] as const) {
    before.reserve(amount)
    before.settle(amount, amount, at)
  }
  before.reserve(5)
  const uses = before.uses(NOW + 40 * MINUTE)
  assert.deepEqual(
    uses.map(({ amount }) => amount),
    [10, 23, 5],
  )
  const after = totals().of(0)
  after.restore(uses, NOW + 45 * MINUTE)
  assert.equal(after.total(NOW + 45 * MINUTE), 38)
  assert.ok(!after.tryReserve(63, 100, NOW + 45 * MINUTE))
  assert.equal(after.total(NOW + 62 * MINUTE), 28)
  assert.equal(after.total(NOW + 92 * MINUTE), 5)
  assert.equal(after.total(NOW + 102 * MINUTE), 0)
  assert.equal(after.reserved, 0)
})

test('uses of which a clock says that they are yet to come count from now; those that aged do not count', () => {
  const total = totals().of(0)
  const uses = [
    { atMs: NOW - 62 * MINUTE, amount: 7 },
    { atMs: NOW + 5 * HOUR, amount: 2 },
  ]
  total.restore(uses, NOW)
  assert.equal(total.total(NOW), 2)
  assert.equal(total.total(NOW + HOUR + MINUTE), 0)
})
