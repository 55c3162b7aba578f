import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalQuantile } from '../../../bench/statistics/normal-quantile.ts'
import { changeBetween, FEWEST_PAIRS, ratioInterval } from '../../../bench/statistics/ratio-interval.ts'
import { spread } from '../../../bench/statistics/spread.ts'
import { BUSY, NoisyMachine } from './noise.ts'

test('the middle half of values is found between them', () => {
  assert.deepEqual(spread([4, 1, 3, 2]), { low: 1.75, median: 2.5, high: 3.25 })
  assert.deepEqual(spread([7]), { low: 7, median: 7, high: 7 })
})

test('quantiles of the normal distribution are those of the tables', () => {
  for (const [share, value] of [
    [0.5, 0],
    [0.975, 1.96],
    [0.995, 2.5758],
    [0.025, -1.96],
  ] as const) {
    assert.ok(Math.abs(normalQuantile(share) - value) < 5e-4, `${share}`)
  }
})

test('equal ratios have an interval without width', () => {
  const { ratio, low, high } = ratioInterval(new Array(20).fill(0.5), 0.01)
  for (const value of [ratio, low, high]) assert.ok(Math.abs(value - 0.5) < 1e-12)
})

test('a fifth of ruined slices hardly moves the ratio', () => {
  const ratios = Array.from({ length: 30 }, (_, i) => (i % 5 === 0 ? 9 : 0.98 + (i % 4) / 100))
  assert.ok(Math.abs(ratioInterval(ratios, 0.05).ratio - 1) < 0.03)
})

test('too few pairs are refused', () => {
  assert.throws(() => ratioInterval(new Array(FEWEST_PAIRS - 1).fill(1), 0.05), RangeError)
})

test('the interval of a noisy machine misses the true ratio as rarely as it says', () => {
  let missed = 0
  for (let seed = 1; seed <= 2000; seed++) {
    const { low, high } = ratioInterval(new NoisyMachine(seed, BUSY).ratios(40, 0.4), 0.05)
    if (low > 0.4 || high < 0.4) missed++
  }
  assert.ok(missed < 2000 * 0.065, `${missed} of 2000`)
})

test('a change is as uncertain as both of its sides together', () => {
  const change = changeBetween({ ratio: 0.5, low: 0.4, high: 0.6 }, { ratio: 0.5, low: 0.5, high: 0.5 })
  assert.equal(change.ratio, 1)
  assert.ok(Math.abs(change.low - 0.5 / 0.6) < 1e-12)
  assert.ok(Math.abs(change.high - 0.5 / 0.4) < 1e-12)
})
