import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WindowCounters } from '../../../../gateway/plugins/support/window-counters.ts'
import { randomOf } from './random.ts'

const WINDOW_MS = 1000

/** Counters with a clock that the test turns. */
function counters({ limit = 3, keys = 8, startMs = 1_000_000_000_000 } = {}) {
  const clock = { ms: startMs }
  const words = new Int32Array(new SharedArrayBuffer(4 * WindowCounters.words(keys)))
  const table = new WindowCounters(words, limit, WINDOW_MS, () => clock.ms)
  return {
    clock,
    table,
    words,
    take: (key: number) => table.take(key, key, clock.ms),
    used: (key: number) => table.used(key, key, clock.ms),
    giveBack: (key: number) => table.giveBack(key, key),
    takeTimes: (key: number, times: number) =>
      Array.from({ length: times }, () => table.take(key, key, clock.ms)).filter(Boolean).length,
  }
}

test('a window grants the limit, then nothing, and a refused call does not count', () => {
  const { takeTimes, used } = counters({ limit: 3 })
  assert.equal(takeTimes(7, 10), 3)
  assert.equal(used(7), 3)
})

test('the next window grants the limit again, from the moment it begins', () => {
  const { clock, takeTimes } = counters({ limit: 3 })
  takeTimes(7, 3)
  clock.ms += WINDOW_MS - 1
  assert.equal(takeTimes(7, 1), 0)
  clock.ms += 1
  assert.equal(takeTimes(7, 10), 3)
})

test('around a boundary at most twice the limit passes, as documented', () => {
  const { clock, takeTimes } = counters({ limit: 3 })
  clock.ms += WINDOW_MS - 1
  const before = takeTimes(7, 10)
  clock.ms += 1
  assert.equal(before + takeTimes(7, 10), 6)
})

test('keys do not count for one another', () => {
  const { take, used } = counters({ limit: 2, keys: 64 })
  for (let key = 0; key < 64; key++) assert.ok(take(key * 7919))
  for (let key = 0; key < 64; key++) assert.equal(used(key * 7919), 1)
})

test('what was given back may be taken again, but never more than that', () => {
  const { takeTimes, giveBack, used } = counters({ limit: 3 })
  takeTimes(7, 3)
  giveBack(7)
  assert.equal(takeTimes(7, 5), 1)
  for (let i = 0; i < 9; i++) giveBack(7)
  assert.equal(used(7), 0)
  assert.equal(takeTimes(7, 5), 3)
  giveBack(8)
  assert.equal(takeTimes(8, 5), 3)
})

test('what is given back goes to the window that it was taken from', () => {
  const { clock, takeTimes, giveBack, used } = counters({ limit: 3 })
  takeTimes(7, 2)
  clock.ms += WINDOW_MS
  giveBack(7)
  assert.equal(used(7), 0)
  clock.ms -= WINDOW_MS
  assert.equal(used(7), 1)
})

test('the seconds that are left are rounded up, from the whole window down to one', () => {
  const { table } = counters()
  assert.equal(table.secondsLeft(60_000), 1)
  assert.equal(table.secondsLeft(60_999), 1)
  const minute = new WindowCounters(new Int32Array(WindowCounters.words(1)), 1, 60_000, Date.now)
  assert.equal(minute.secondsLeft(60_000), 60)
  assert.equal(minute.secondsLeft(60_001), 60)
  assert.equal(minute.secondsLeft(61_000), 59)
  assert.equal(minute.secondsLeft(119_999), 1)
})

test('a slot serves another key in a later window, and nothing of the old one is left', () => {
  const { clock, takeTimes } = counters({ limit: 3, keys: 8 })
  for (let window = 0; window < 50; window++) {
    // Sixteen slots are the whole memory: each window needs all of them for other keys.
    for (let i = 0; i < 16; i++) assert.equal(takeTimes(1 + window * 16 + i, 5), 3)
    clock.ms += WINDOW_MS
  }
})

test('a key that comes back after any number of windows finds its limit whole', () => {
  for (const windows of [1, 2, 250, 251, 252, 502, 4095, 4096, 4097, 8192]) {
    const { clock, takeTimes } = counters({ limit: 3 })
    takeTimes(7, 3)
    clock.ms += windows * WINDOW_MS
    assert.equal(takeTimes(7, 5), 3, `after ${windows} windows`)
  }
})

test('with more keys than there is room for, no key gets more than the limit', () => {
  const { take } = counters({ limit: 50, keys: 8 })
  const random = randomOf(4)
  const granted = new Map<number, number>()
  for (let i = 0; i < 20_000; i++) {
    // Small keys are the busy ones.
    const key = 1 + random(1 + random(100))
    if (take(key)) granted.set(key, (granted.get(key) ?? 0) + 1)
  }
  assert.ok(granted.size > 16)
  assert.ok(Math.max(...granted.values()) <= 50)
})

test('a flood of other keys does not make a busy key start again', () => {
  const { take, takeTimes } = counters({ limit: 1000, keys: 8 })
  assert.equal(takeTimes(7, 600), 600)
  for (let key = 100; key < 700; key++) take(key)
  assert.equal(takeTimes(7, 600), 400)
})

test('a clock that is set back counts on from there', () => {
  const { clock, takeTimes } = counters({ limit: 3 })
  takeTimes(7, 3)
  clock.ms -= 3_600_000
  assert.equal(takeTimes(7, 5), 3)
  assert.equal(takeTimes(7, 5), 0)
  clock.ms += WINDOW_MS
  assert.equal(takeTimes(7, 5), 3)
})

test('a thread that looked at the clock before a new window began counts in the new one', () => {
  const { clock, words, takeTimes, used } = counters({ limit: 3, keys: 8 })
  const late = clock.ms
  takeTimes(7, 3)
  clock.ms += WINDOW_MS
  // The new window needs every slot, also that of the key.
  for (let key = 100; key < 116; key++) takeTimes(key, 1)
  const other = new WindowCounters(words, 3, WINDOW_MS, () => clock.ms)
  assert.equal(other.take(7, 7, late), true)
  // It took over a slot that had counted one, so it counts two.
  assert.equal(used(7), 2)
  other.giveBack(7, 7)
  assert.equal(used(7), 1)
})

test('there is room for twice the keys, in sets of sixteen', () => {
  assert.equal(WindowCounters.words(1), 16 + 32)
  assert.equal(WindowCounters.words(8), 16 + 32)
  assert.equal(WindowCounters.words(9), 16 + 64)
  assert.equal(WindowCounters.words(65_536), 16 + 2 * 131_072)
})
