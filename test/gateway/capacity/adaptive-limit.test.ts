import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AdaptiveLimit, LEAST_LIMIT, SEED_LIMIT } from '../../../gateway/capacity/adaptive-limit.ts'
import { SharedMemory, SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'
import { type PlatformParts, QueueingPlatform, type Result } from './queueing-platform.ts'

const EPOCH = Date.UTC(2026, 10, 1)

function newLimit(): AdaptiveLimit {
  return new AdaptiveLimit(new SharedMemory(), 'default/f@b/f', EPOCH)
}

function platform(parts: PlatformParts, limit = newLimit()): QueueingPlatform {
  return new QueueingPlatform(limit, EPOCH, parts)
}

/** Takes 90 to 110 % of this time. */
function steady(ms: number): PlatformParts['serviceMs'] {
  return (random) => ms * (0.9 + 0.2 * random())
}

test('nothing is refused before half of the seed is in flight', () => {
  const result = platform({ servers: 100_000, serviceMs: steady(100) }).run({ seconds: 20, perSecond: 4000 })
  assert.equal(result.refused, 0)
  assert.equal(result.leastLimit, SEED_LIMIT)
})

for (const { servers, ms } of [
  { servers: 8, ms: 20 },
  { servers: 40, ms: 50 },
  { servers: 200, ms: 100 },
]) {
  test(`at three times the load the limit settles near the ${servers} calls that a platform executes at once`, () => {
    const perSecond = (servers / ms) * 1000
    const tested = platform({ servers, serviceMs: steady(ms) })
    const quiet = tested.run({ seconds: 20, perSecond: perSecond / 2 })
    assert.equal(quiet.refused, 0)
    tested.run({ seconds: 20, perSecond: perSecond * 3 })
    const busy = tested.run({ seconds: 60, perSecond: perSecond * 3 })
    assertNear(busy, servers)
    assert.ok(busy.served >= 0.98 * 60 * perSecond, `it served ${busy.served}`)
    assert.ok(busy.meanMs <= 2 * ms, `calls took ${busy.meanMs} ms`)
  })
}

test('a platform that was never seen at rest is found out too', () => {
  const tested = platform({ servers: 40, serviceMs: steady(50) })
  tested.run({ seconds: 40, perSecond: 2400 })
  assertNear(tested.run({ seconds: 20, perSecond: 2400 }), 40)
})

test('a platform that says it is full gets as many calls as it takes, and few more', () => {
  const tested = platform({ servers: 40, queue: 0, serviceMs: steady(50) })
  tested.run({ seconds: 5, perSecond: 2400 })
  const { served, full, arrived } = tested.run({ seconds: 60, perSecond: 2400 })
  assert.ok(served >= 0.9 * 60 * 800, `it served ${served}`)
  assert.ok(full <= 0.001 * arrived, `it was full ${full} times`)
})

test('a function whose calls take very different times is not throttled', () => {
  const bimodal = platform({ servers: 5000, serviceMs: (random) => (random() < 0.1 ? 2000 : 50) })
  assert.equal(bimodal.run({ seconds: 60, perSecond: 2400 }).refused, 0)
  const exponential = platform({ servers: 5000, serviceMs: (random) => -Math.log(1 - random()) * 300 })
  assert.equal(exponential.run({ seconds: 60, perSecond: 2000 }).refused, 0)
})

test('a function that becomes slower on a platform with room is throttled for seconds only', () => {
  const tested = platform({
    servers: 5000,
    serviceMs: (random, now) => (now < EPOCH + 20_000 ? 100 : 300) * (0.9 + 0.2 * random()),
  })
  tested.run({ seconds: 25, perSecond: 2400 })
  const { refused, arrived } = tested.run({ seconds: 20, perSecond: 2400 })
  assert.ok(refused <= 0.01 * arrived, `${refused} of ${arrived} refused`)
})

test('after the load the limit stays high enough for what was served before', () => {
  const tested = platform({ servers: 40, serviceMs: steady(50) })
  tested.run({ seconds: 20, perSecond: 2400 })
  tested.run({ seconds: 20, perSecond: 100 })
  assert.equal(tested.run({ seconds: 20, perSecond: 400 }).refused, 0)
})

test('a full platform cuts the limit to 90 % of what was in flight, once in 100 ms', () => {
  const limit = newLimit()
  limit.overloaded(100, EPOCH)
  assert.equal(limit.current, 90)
  limit.overloaded(50, EPOCH + 99)
  assert.equal(limit.current, 90)
  limit.overloaded(90, EPOCH + 100)
  assert.equal(limit.current, 81)
})

test('what the platform declares is where it begins anew, and its end', () => {
  const limit = newLimit()
  limit.overloaded(100, EPOCH)
  limit.declare(20)
  assert.equal(limit.current, 20)
  limit.overloaded(20, EPOCH + 100)
  limit.declare(20)
  assert.equal(limit.current, 18, 'the same word again changes nothing')
  let now = EPOCH + 200
  for (let i = 0; i < 2000; i++) {
    now += 10
    limit.answered(20, limit.current, now)
  }
  assert.equal(limit.current, 20)
  limit.declare(2)
  assert.equal(limit.current, 2)
  limit.declare(null)
  assert.equal(limit.current, SEED_LIMIT)
})

test('a platform that keeps saying that it is full gets one call at a time; that comes back step by step while it is needed', () => {
  const limit = newLimit()
  for (let i = 0; i < 50; i++) limit.overloaded(1, EPOCH + i * 100)
  assert.equal(limit.current, 1)
  let now = EPOCH + 5000
  const before = limit.current
  for (let i = 0; i < 1000; i++) {
    now += 10
    limit.answered(20, limit.current, now)
  }
  assert.ok(limit.current > before + 50, `it is ${limit.current} after 10 s`)
  assert.ok(limit.current < before + 100, `it is ${limit.current} after 10 s`)
})

test('a limit that is not needed does not move', () => {
  const limit = newLimit()
  limit.overloaded(100, EPOCH)
  let now = EPOCH
  for (let i = 0; i < 5000; i++) {
    now += 10
    limit.answered(i < 2500 ? 20 : 500, 20, now)
  }
  assert.equal(limit.current, 90)
})

test('the same samples at the same times give the same limit', () => {
  const run = (): Result => {
    const tested = platform({ servers: 40, serviceMs: steady(50) })
    return tested.run({ seconds: 20, perSecond: 2400 })
  }
  assert.deepEqual(run(), run())
})

test('threads have one limit, and decide once in 100 ms however many they are', () => {
  const memory = new SharedMemory()
  const first = new AdaptiveLimit(memory, 'f', EPOCH)
  const second = new AdaptiveLimit(new SharedMemoryView(memory.map()), 'f', EPOCH)
  first.overloaded(100, EPOCH)
  second.overloaded(100, EPOCH + 50)
  assert.equal(second.current, 90)
  let now = EPOCH + 1000
  for (let i = 0; i < 1000; i++) {
    now += 5
    first.answered(20, 90, now)
    second.answered(20, 90, now)
  }
  assert.equal(first.current, second.current)
  assert.ok(first.current > 115 && first.current < 135, `it is ${first.current} after 5 s`)
})

test('times that are no times spoil nothing', () => {
  const limit = newLimit()
  for (let i = 0; i < 1000; i++) limit.answered(i % 2 === 0 ? 0 : -5, 900, EPOCH - 50_000 + i * 100)
  assert.ok(limit.current >= LEAST_LIMIT && limit.current <= 10_000, `it is ${limit.current}`)
})

function assertNear({ meanLimit }: Result, servers: number): void {
  assert.ok(meanLimit >= servers, `the limit is ${meanLimit}`)
  assert.ok(meanLimit <= 1.5 * servers + 8, `the limit is ${meanLimit}`)
}
