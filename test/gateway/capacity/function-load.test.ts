import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FunctionLoad } from '../../../gateway/capacity/function-load.ts'
import { releaseHeldBy } from '../../../gateway/capacity/held-count.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'

const NOW = 1_800_000_000_000
const THREADS = 2

function loads(memory = new SharedMemory()): [FunctionLoad, FunctionLoad] {
  return [new FunctionLoad(memory, 'f', THREADS, 0), new FunctionLoad(memory, 'f', THREADS, 1)]
}

/** Calls of this duration on so many slots, all taken, while others wait. */
function saturate(load: FunctionLoad, heldMs: number, slots: number, turns = 200): number {
  let now = NOW
  load.released(heldMs)
  load.tryWait(1000, false, slots, now)
  for (let i = 0; i < turns; i++) {
    now += heldMs / slots
    load.released(heldMs)
    load.served(Math.round(now))
  }
  load.left(false)
  return Math.round(now)
}

test('the bound of waiting calls is exact over threads', () => {
  const [one, other] = loads()
  assert.ok(one.tryWait(2, false, 1, NOW))
  assert.ok(other.tryWait(2, true, 1, NOW))
  assert.ok(!one.tryWait(2, false, 1, NOW))
  assert.equal(one.waiting, 2)
  assert.equal(one.waitingForAny, 1)
  other.left(true)
  assert.ok(one.tryWait(2, false, 1, NOW))
})

test('none waits where none may', () => {
  const [load] = loads()
  assert.ok(!load.tryWait(0, false, 1, NOW))
  assert.equal(load.waiting, 0)
})

test('what waited on a thread that died waits no more', () => {
  const memory = new SharedMemory()
  const [one, other] = loads(memory)
  one.tryWait(5, false, 1, NOW)
  other.tryWait(5, false, 1, NOW)
  other.tryWait(5, true, 1, NOW)
  releaseHeldBy(1, memory)
  assert.equal(one.waiting, 1)
  assert.equal(one.waitingForAny, 1)
})

test('the pace is the one at which waiting calls get their turn', () => {
  for (const [heldMs, slots] of [
    [100, 10],
    [2000, 1],
    [10, 8],
  ] as const) {
    const [load] = loads()
    const now = saturate(load, heldMs, slots)
    const expected = (1000 * slots) / heldMs
    assert.ok(Math.abs(load.drainPerSecond / expected - 1) < 0.15, `${load.drainPerSecond} of ${expected}`)
    const wait = load.predictMs(10, now)
    assert.ok(Math.abs(wait / ((9.5 * heldMs) / slots) - 1) < 0.15, `${wait} ms`)
  }
})

test('turns of ten at once, as of calls that began together, are averaged', () => {
  const [load] = loads()
  load.released(100)
  load.tryWait(100, false, 10, NOW)
  for (let round = 1; round <= 20; round++)
    for (let i = 0; i < 10; i++) {
      load.released(100)
      load.served(NOW + 100 * round)
    }
  assert.ok(load.drainPerSecond > 65 && load.drainPerSecond < 150, String(load.drainPerSecond))
})

test('before anybody waited the pace is guessed from the calls in flight and their duration', () => {
  const [load] = loads()
  assert.equal(load.predictMs(1, NOW), 0)
  for (let i = 0; i < 10; i++) load.released(200)
  load.tryWait(100, false, 20, NOW)
  assert.ok(Math.abs(load.predictMs(6, NOW) - 55) < 1)
})

test('a pace of long ago is not believed', () => {
  const [load] = loads()
  const now = saturate(load, 1000, 1)
  for (let i = 0; i < 1000; i++) load.released(10)
  load.tryWait(100, false, 10, now + 60_000)
  assert.ok(load.drainPerSecond > 500, String(load.drainPerSecond))
})

test('a backend that stands still lengthens the prediction by the time it stands', () => {
  const [load] = loads()
  const now = saturate(load, 100, 10)
  load.tryWait(100, false, 10, now)
  const before = load.predictMs(5, now)
  assert.ok(load.predictMs(5, now + 100) === before)
  assert.ok(load.predictMs(5, now + 5000) > 4000)
})

test('durations are averaged, and the percentile is that of the time to the head', () => {
  const [one, other] = loads()
  for (let i = 0; i < 200; i++) {
    one.answered(20, NOW)
    other.released(120)
  }
  assert.equal(Math.round(other.toHeadMs), 20)
  assert.equal(Math.round(one.heldMs), 120)
  assert.ok(other.p95Ms! > 18 && other.p95Ms! < 22)
})

test('a refused call is told when those before it will have been served, or later', () => {
  const [load] = loads()
  const now = saturate(load, 1000, 2)
  for (let i = 0; i < 6; i++) load.tryWait(100, false, 2, now)
  // Six wait, two a second.
  assert.equal(load.retryAfterSeconds(2, now, 0), 2)
  for (let i = 0; i < 6; i++) assert.ok(load.retryAfterSeconds(2, now, 0.5) >= 3)
})

test('what was promised is forgotten when nobody was refused for a while', () => {
  const [load] = loads()
  const now = saturate(load, 100, 10)
  for (let i = 0; i < 1000; i++) load.retryAfterSeconds(10, now, 0)
  assert.ok(load.retryAfterSeconds(10, now + 1000, 0) >= 9)
  assert.equal(load.retryAfterSeconds(10, now + 5000, 0), 1)
})

test('the answer is from 1 to 30 seconds, whatever is known', () => {
  const [unknown] = loads()
  assert.equal(unknown.retryAfterSeconds(0, NOW, 0.99), 1)
  const [slow] = loads()
  const now = saturate(slow, 60_000, 1, 5)
  for (let i = 0; i < 20; i++) slow.tryWait(100, false, 1, now)
  assert.equal(slow.retryAfterSeconds(1, now, 0.99), 30)
})
