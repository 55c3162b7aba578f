import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DurationPercentile } from '../../../gateway/capacity/duration-percentile.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'

const NOW = 1_800_000_000_000

function percentile(): DurationPercentile {
  return new DurationPercentile(new SharedMemory(), 'f')
}

test('nothing is said from a few samples', () => {
  const durations = percentile()
  for (let i = 0; i < 23; i++) durations.observe(10, NOW)
  assert.equal(durations.p95Ms, null)
  durations.observe(10, NOW)
  assert.ok(near(durations.p95Ms, 10))
})

test('the percentile is right within a bucket, from a tenth of a millisecond to ten minutes', () => {
  for (const scale of [0.002, 0.1, 1, 50, 6000]) {
    const durations = percentile()
    // 1 to 100, each ten times, in an order that mixes them.
    for (let i = 0; i < 1000; i++) durations.observe((((i * 37) % 100) + 1) * scale, NOW + i)
    const expected = 95 * scale
    assert.ok(near(durations.p95Ms, Math.max(0.1, expected)), `${durations.p95Ms} instead of ${expected}`)
  }
})

test('one of twenty that is slow is the percentile, one of fifty is not', () => {
  const often = percentile()
  const rarely = percentile()
  for (let i = 0; i < 960; i++) {
    often.observe(i % 16 === 0 ? 500 : 10, NOW)
    rarely.observe(i % 50 === 0 ? 500 : 10, NOW)
  }
  assert.ok(near(often.p95Ms, 500))
  assert.ok(near(rarely.p95Ms, 10))
})

test('old samples fade: what became slow is known soon, and forgotten again', () => {
  const durations = percentile()
  for (let i = 0; i < 5000; i++) durations.observe(10, NOW)
  for (let i = 0; i < 128; i++) durations.observe(100, NOW)
  assert.ok(near(durations.p95Ms, 100))
  for (let i = 0; i < 5000; i++) durations.observe(10, NOW)
  assert.ok(near(durations.p95Ms, 10))
})

test('of a quiet function a sample fades with the time', () => {
  const durations = percentile()
  for (let i = 0; i < 200; i++) durations.observe(1000, NOW + 1000 * i)
  assert.ok(near(durations.p95Ms, 1000))
  for (let i = 200; i < 1224; i++) durations.observe(20, NOW + 1000 * i)
  assert.ok(near(durations.p95Ms, 20))
})

test('what is no duration counts as none, what is endless as the longest', () => {
  const durations = percentile()
  for (const odd of [Number.NaN, -1, 0]) for (let i = 0; i < 100; i++) durations.observe(odd, NOW)
  assert.ok(durations.p95Ms! <= 0.1)
  for (let i = 0; i < 1000; i++) durations.observe(Number.POSITIVE_INFINITY, NOW)
  assert.ok(durations.p95Ms! > 500_000)
})

/** Within the width of a bucket. */
function near(actual: number | null, expected: number): boolean {
  return actual !== null && actual > expected / 1.11 && actual < expected * 1.11
}
