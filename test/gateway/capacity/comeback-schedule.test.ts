import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ComebackSchedule } from '../../../gateway/capacity/comeback-schedule.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'

const NOW = 1_800_000_000_000

/** The same numbers in each run. */
function seeded(): () => number {
  let seed = 42
  return () => {
    seed = (seed * 1664525 + 1013904223) >>> 0
    return seed / 2 ** 32
  }
}

interface Flood {
  readonly slots: number
  readonly serviceMs: number
  readonly ratePerSecond: number
  readonly seconds: number
}

/**
 * A flood on a backend before which as many calls may wait as it serves at once. Who is refused comes back exactly when
 * told to.
 *
 * @returns Share of those who came back that was served then.
 */
function servedWhenBack({ slots, serviceMs, ratePerSecond, seconds }: Flood): number {
  const schedule = new ComebackSchedule(new SharedMemory(), 'f')
  const random = seeded()
  const intervalMs = serviceMs / slots
  // Arrivals by the millisecond.
  const due = new Map<number, boolean[]>()
  const arrive = (at: number, isBack: boolean) => due.set(at, [...(due.get(at) ?? []), isBack])
  for (let i = 0; i < ratePerSecond * seconds; i++) arrive(Math.round((i * 1000) / ratePerSecond), false)
  const ends: number[] = []
  let served = 0
  let back = 0
  for (let now = 0; now < 40_000; now++) {
    while (ends.length > 0 && ends[0]! <= now) ends.shift()
    for (const isBack of due.get(now) ?? []) {
      if (isBack) back++
      // The first to end gives its slot to the first that waits.
      const waiting = Math.max(0, ends.length - slots)
      if (waiting < slots) {
        ends.push(
          waiting === 0 && ends.length < slots ? now + serviceMs : ends[ends.length - slots]! + serviceMs,
        )
        if (isBack) served++
        continue
      }
      const after = schedule.bookSeconds(intervalMs, waiting, NOW + now, random())
      assert.ok(Number.isInteger(after) && after >= 1 && after <= 30)
      if (!isBack) arrive(now + after * 1000, true)
    }
  }
  assert.ok(back > ratePerSecond * seconds * 0.2)
  return served / back
}

test('most of those who come back when they are told to are served', () => {
  const ten = { slots: 10, serviceMs: 100 }
  const floods: [Flood, number][] = [
    [{ ...ten, ratePerSecond: 400, seconds: 1 }, 0.85],
    [{ ...ten, ratePerSecond: 300, seconds: 3 }, 0.75],
    [{ ...ten, ratePerSecond: 1000, seconds: 1 }, 0.8],
    [{ slots: 1, serviceMs: 100, ratePerSecond: 40, seconds: 2 }, 0.75],
    [{ slots: 100, serviceMs: 100, ratePerSecond: 4000, seconds: 0.5 }, 0.85],
  ]
  for (const [flood, least] of floods) {
    const share = servedWhenBack(flood)
    assert.ok(share >= least, `${share} of ${JSON.stringify(flood)}`)
  }
})

test('those of one moment are told different times', () => {
  const schedule = new ComebackSchedule(new SharedMemory(), 'f')
  const random = seeded()
  const told = new Map<number, number>()
  for (let i = 0; i < 1000; i++) {
    const seconds = schedule.bookSeconds(10, 10, NOW, random())
    told.set(seconds, (told.get(seconds) ?? 0) + 1)
  }
  // A hundred are served each second. The last bin is the bound.
  for (const [seconds, count] of told)
    if (seconds < 30) assert.ok(count <= 100, `${count} were told ${seconds}`)
})

test('all threads book in one schedule', () => {
  const memory = new SharedMemory()
  const [one, other] = [new ComebackSchedule(memory, 'f'), new ComebackSchedule(memory, 'f')]
  for (let i = 0; i < 5; i++) one.bookSeconds(1000, 0, NOW, 0)
  assert.equal(other.bookSeconds(1000, 0, NOW, 0), 6)
})

test('promises that are long past count no more', () => {
  const schedule = new ComebackSchedule(new SharedMemory(), 'f')
  for (let i = 0; i < 100; i++) schedule.bookSeconds(100, 0, NOW, 0)
  assert.ok(schedule.bookSeconds(100, 0, NOW + 2000, 0) > 5)
  assert.equal(schedule.bookSeconds(100, 0, NOW + 6000, 0), 1)
  assert.equal(schedule.bookSeconds(100, 0, NOW + 40 * 86_400_000, 0), 1)
})
