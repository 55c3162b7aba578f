import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DECAY_MS, LatencyEstimate } from '../../../gateway/capacity/latency-estimate.ts'
import { SharedMemory, SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'

const NOW = Date.UTC(2026, 10, 1)

/** An estimate of a function that has answered within 20 ms just now. */
function warm(): LatencyEstimate {
  const latency = new LatencyEstimate(new SharedMemory(), 'default/f@b/f')
  latency.answered(20, NOW, false)
  return latency
}

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9 * Math.max(1, expected), `${actual} is not ${expected}`)
}

test('a slow answer is believed at once and forgiven slowly', () => {
  const latency = warm()
  latency.answered(200, NOW, false)
  assert.equal(latency.cost(NOW), 200)
  latency.answered(20, NOW + 1000, false)
  const kept = Math.exp(-1000 / DECAY_MS)
  assertClose(latency.cost(NOW + 1000), 200 * kept + 20 * (1 - kept))
})

test('it decays while nobody calls, to one millisecond', () => {
  const latency = warm()
  assert.equal(latency.cost(NOW), 20)
  assertClose(latency.cost(NOW + DECAY_MS), 20 / Math.E)
  assert.equal(latency.cost(NOW + 60 * DECAY_MS), 1)
  assert.equal(new LatencyEstimate(new SharedMemory(), 'new').cost(NOW), 1)
})

test('a clock that steps back changes nothing', () => {
  const latency = warm()
  assert.equal(latency.cost(NOW - 60_000), 20)
  assert.equal(latency.idleMs(NOW - 60_000), 0)
  latency.answered(10, NOW - 60_000, false)
  assert.equal(latency.cost(NOW - 60_000), 20)
})

test('a failure costs its penalty, however fast it came, or its time when that is longer', () => {
  const latency = warm()
  latency.failed(1, 1000, NOW)
  assert.equal(latency.cost(NOW), 1000)
  latency.failed(30_000, 1000, NOW)
  assert.equal(latency.cost(NOW), 30_000)
})

test('the first answer of all is a cold start when it is slow', () => {
  const latency = new LatencyEstimate(new SharedMemory(), 'f')
  assert.equal(latency.answered(3000, NOW, false), true)
  assert.equal(latency.cost(NOW), 1)
  assert.equal(latency.answered(20, NOW + 30, false), false)
  assert.equal(latency.cost(NOW + 30), 20)
})

test('a slow answer after a minute of silence is a cold start and left out', () => {
  const latency = warm()
  assert.equal(latency.answered(3000, NOW + 63_000, false), true)
  assert.ok(latency.cost(NOW + 63_000) < 20)
})

test('a slow answer to a call that came a moment earlier is none', () => {
  const latency = warm()
  assert.equal(latency.answered(3000, NOW + 62_999, false), false)
  assert.equal(latency.cost(NOW + 62_999), 3000)
})

test('all calls that waited for the same start are left out', () => {
  const latency = warm()
  const arrival = NOW + 100_000
  assert.equal(latency.answered(3000, arrival + 3000, false), true)
  assert.equal(latency.answered(2500, arrival + 3010, false), true, 'it came 510 ms after the first')
  assert.equal(latency.answered(600, arrival + 3700, false), false, 'it came when the function was warm')
})

test('what takes long is a cold start only when it takes five times as long as usual', () => {
  const latency = new LatencyEstimate(new SharedMemory(), 'f')
  latency.answered(400, NOW, false)
  assert.equal(latency.answered(2000, NOW + 70_000, false), false)
  assert.equal(latency.cost(NOW + 70_000), 2000)
  const quick = warm()
  assert.equal(quick.answered(500, NOW + 70_000, false), false)
  const slow = new LatencyEstimate(new SharedMemory(), 'g')
  slow.answered(400, NOW, false)
  assert.equal(slow.answered(2001, NOW + 70_000, false), true)
})

test('where the inventory says that nothing runs, the next slow answer is a cold start', () => {
  const latency = warm()
  latency.cold = true
  assert.equal(latency.cold, true)
  assert.equal(latency.answered(3000, NOW + 5000, false), true)
  assert.equal(latency.cold, false, 'an answer refutes the inventory')
  assert.equal(latency.answered(3000, NOW + 9000, false), false)
})

test('a failure is never a cold start', () => {
  const latency = warm()
  latency.failed(3000, 1000, NOW + 100_000)
  assert.equal(latency.cost(NOW + 100_000), 3000)
})

test('a fast answer of 5xx does not make the function look fast', () => {
  const latency = warm()
  for (let i = 1; i <= 100; i++) latency.answered(1, NOW + i * 100, true)
  assert.equal(latency.cost(NOW + 10_000), 20)
  latency.answered(300, NOW + 10_000, true)
  assert.equal(latency.cost(NOW + 10_000), 300)
})

test('an answer of 5xx lowers the share of successes; others and time bring it back', () => {
  const latency = warm()
  assert.equal(latency.successShare(NOW), 1)
  for (let i = 0; i < 20; i++) latency.answered(20, NOW, true)
  assertClose(latency.successShare(NOW), 0.9 ** 20)
  assertClose(1 - latency.successShare(NOW + DECAY_MS), (1 - 0.9 ** 20) / Math.E)
  latency.answered(20, NOW, false)
  assertClose(1 - latency.successShare(NOW), (1 - 0.9 ** 20) * 0.9)
})

test('one that answers every second call with 5xx has about half of the share', () => {
  const latency = warm()
  for (let i = 0; i < 1000; i++) latency.answered(20, NOW + i, i % 2 === 0)
  const share = latency.successShare(NOW + 1000)
  assert.ok(share > 0.4 && share < 0.6, `it is ${share}`)
})

test('it knows how long nobody has had an answer', () => {
  const latency = new LatencyEstimate(new SharedMemory(), 'f')
  assert.equal(latency.idleMs(NOW), Number.POSITIVE_INFINITY)
  latency.answered(20, NOW, true)
  assert.equal(latency.idleMs(NOW + 1234), 1234)
  latency.failed(20, 1000, NOW + 1234)
  assert.equal(latency.idleMs(NOW + 2000), 2000, 'a failure is no answer')
})

test('all threads see one estimate, in whatever piece of memory it lies', () => {
  const memory = new SharedMemory()
  memory.claim('odd', 3)
  const first = new LatencyEstimate(memory, 'f')
  const second = new LatencyEstimate(new SharedMemoryView(memory.map()), 'f')
  first.answered(20, NOW, false)
  second.failed(5, 1000, NOW + 1)
  assert.equal(first.cost(NOW + 1), 1000)
  assert.equal(second.idleMs(NOW + 1), 1)
})
