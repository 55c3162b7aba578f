import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawTime } from '../../../gateway/simulation/draw-time.ts'
import { EventQueue } from '../../../gateway/simulation/event-queue.ts'
import { seededAt, seededRandom } from '../../../gateway/simulation/seeded.ts'
import { TimeHistogram } from '../../../gateway/simulation/time-histogram.ts'

test('events happen in their order, and those of one moment as they were added', () => {
  const queue = new EventQueue<{ at: number; name: number }>()
  const random = seededRandom(3)
  for (let i = 0; i < 2000; i++) queue.add({ at: Math.floor(random() * 50), name: i })
  let before = { at: -1, name: -1 }
  for (let i = 0; i < 2000; i++) {
    const event = queue.take()!
    assert.ok(event.at > before.at || (event.at === before.at && event.name > before.name))
    before = event
  }
  assert.equal(queue.take(), null)
  assert.equal(queue.nextAt, Number.POSITIVE_INFINITY)
})

test('chance is even, and that of a call does not depend on other calls', () => {
  let sum = 0
  for (let i = 0; i < 20_000; i++) sum += seededAt(1, i, 2, 3)
  assert.ok(Math.abs(sum / 20_000 - 0.5) < 0.01)
  assert.equal(seededAt(1, 5, 2, 3), seededAt(1, 5, 2, 3))
  assert.notEqual(seededAt(1, 5, 2, 3), seededAt(1, 5, 3, 2))
})

test('drawn times have the mean and the spread that were asked for', () => {
  const times = Array.from({ length: 50_000 }, (_, i) =>
    drawTime({ mean: 100, spread: 0.5 }, seededAt(1, i, 0, 0), seededAt(1, i, 0, 1)),
  )
  const mean = times.reduce((sum, one) => sum + one, 0) / times.length
  const deviation = Math.sqrt(times.reduce((sum, one) => sum + (one - mean) ** 2, 0) / times.length)
  assert.ok(Math.abs(mean - 100) < 2, `the mean is ${mean}`)
  assert.ok(Math.abs(deviation - 50) < 3, `the deviation is ${deviation}`)
  assert.equal(drawTime(80, 0.1, 0.9), 80)
})

test('quantiles are at most two percent off', () => {
  const histogram = new TimeHistogram()
  for (let i = 1; i <= 10_000; i++) histogram.add(i / 10)
  for (const share of [0.01, 0.5, 0.95, 0.99]) {
    assert.ok(Math.abs(histogram.quantile(share) / (1000 * share) - 1) < 0.02, `${share}`)
  }
  assert.equal(new TimeHistogram().quantile(0.5), 0)
})
