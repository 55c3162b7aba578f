import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { WindowCounters } from '../../../../gateway/plugins/support/window-counters.ts'
import { randomOf } from './random.ts'

const LIMIT = 3
const WINDOW_MS = 100
const KEYS = 14
const THREADS = 4

const { load, compareExchange } = Atomics

after(() => Object.assign(Atomics, { load, compareExchange }))

/**
 * Takes of several threads on one memory, each of which may stop before any of its atomic steps while the others go on.
 * It happens in this one thread, so that a seed tells the order of all steps.
 *
 * @returns The most that a key was granted in one window, and how many were granted the limit.
 */
function interleave(seed: number): { most: number; full: number } {
  const random = randomOf(seed)
  const words = new Int32Array(new SharedArrayBuffer(4 * WindowCounters.words(8)))
  const granted = new Map<string, number>()
  const clock = { ms: 0 }
  const threads = Array.from({ length: THREADS }, () => {
    const seen = { ms: 0 }
    const look = () => {
      clock.ms += random(3)
      seen.ms = clock.ms
      return seen.ms
    }
    return { seen, look, table: new WindowCounters(words, LIMIT, WINDOW_MS, look) }
  })
  let depth = 0
  const takeOnThread = () => {
    const { seen, look, table } = threads[depth]!
    const key = random(KEYS)
    depth++
    const isGranted = table.take(key + 1, key + 1, look())
    depth--
    if (!isGranted) return
    const place = `${Math.floor(seen.ms / WINDOW_MS)}:${key}`
    granted.set(place, (granted.get(place) ?? 0) + 1)
  }
  const mayStop = () => {
    while (depth < THREADS && random(16) === 0) takeOnThread()
  }
  Atomics.load = ((...step: Parameters<typeof load>) => {
    mayStop()
    return load(...step)
  }) as typeof load
  Atomics.compareExchange = ((...step: Parameters<typeof compareExchange>) => {
    mayStop()
    return compareExchange(...step)
  }) as typeof compareExchange
  for (let i = 0; i < 400; i++) takeOnThread()
  Object.assign(Atomics, { load, compareExchange })
  const counts = [...granted.values()]
  return { most: Math.max(...counts), full: counts.filter((count) => count === LIMIT).length }
}

test('in whatever order threads take their steps, no window grants more than the limit', () => {
  let full = 0
  for (let seed = 0; seed < 1500; seed++) {
    const outcome = interleave(seed)
    assert.ok(outcome.most <= LIMIT, `seed ${seed}: ${outcome.most} granted`)
    full += outcome.full
  }
  assert.ok(full > 10_000, `${full}`)
})
