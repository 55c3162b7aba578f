import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { HeldByKey } from '../../../gateway/capacity/held-by-key.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'

const THREADS = 4
const KEYS = 40
const LIMIT = 3

function counts(keys = 8) {
  const memory = new SharedMemory()
  return { memory, of: (thread: number) => HeldByKey.claim(memory, 'k', keys, THREADS, thread) }
}

test('each key holds up to the limit for itself, and gives back', () => {
  const held = counts().of(0)
  const first = held.tryTake(1, 1, 2)
  assert.ok(first >= 0)
  assert.ok(held.tryTake(1, 1, 2) >= 0)
  assert.ok(held.tryTake(1, 1, 2) < 0)
  assert.ok(held.tryTake(1, 2, 2) >= 0, 'another key of the same set')
  assert.ok(held.tryTake(2, 1, 2) >= 0, 'another key of another set')
  assert.equal(held.held(1, 1), 2)
  held.giveBack(first)
  assert.equal(held.held(1, 1), 1)
  assert.ok(held.tryTake(1, 1, 2) >= 0)
  assert.ok(held.tryTake(1, 1, 2) < 0)
  assert.ok(held.tryTake(1, 1, 3) >= 0, 'a limit that has grown')
})

test('words of a hash may be negative', () => {
  const held = counts().of(0)
  assert.ok(held.tryTake(-5, -7, 1) >= 0)
  assert.ok(held.tryTake(-5, -7, 1) < 0)
  assert.equal(held.held(-5, -7), 1)
})

test('when all slots are taken a newcomer is refused, and one that holds something already is not', () => {
  const held = counts(8).of(0)
  const taken = Array.from({ length: 16 }, (_, key) => held.tryTake(0, key, 5))
  assert.ok(taken.every((slot) => slot >= 0))
  assert.ok(held.tryTake(0, 16, 5) < 0)
  assert.ok(held.tryTake(0, 7, 5) >= 0)
  held.giveBack(taken[3]!)
  assert.ok(held.tryTake(0, 16, 5) >= 0)
  assert.equal(held.held(0, 3), 0)
})

test('what a dead thread held is given back, its locks too, and nothing of the others', () => {
  const { memory, of } = counts()
  const [dead, alive] = [of(1), of(2)]
  for (let i = 0; i < 3; i++) dead.tryTake(9, 9, 5)
  const taken = alive.tryTake(9, 9, 5)
  dead.tryTake(8, 8, 1)
  // It died while it took.
  const [piece] = memory.piecesOf('held-by-key:')
  piece![1] = 1 + 1
  HeldByKey.releaseAllOf(1, memory)
  HeldByKey.releaseAllOf(1, memory)
  assert.equal(alive.held(9, 9), 1)
  assert.equal(alive.held(8, 8), 0)
  assert.ok(alive.tryTake(8, 8, 1) >= 0)
  alive.giveBack(taken)
  assert.equal(alive.held(9, 9), 0)
})

test('no key ever holds more than its limit, however many threads take and give back', async (t) => {
  const { memory, of } = counts(KEYS)
  const main = of(0)
  const inside = new SharedArrayBuffer(4 * (KEYS + 1))
  const workers = Array.from({ length: THREADS }, (_, thread) => {
    const workerData = { map: memory.map(), inside, thread, threads: THREADS, keys: KEYS, limit: LIMIT }
    const worker = new Worker(new URL('held-by-key-contender.ts', import.meta.url), { workerData })
    t.after(() => worker.terminate())
    return worker
  })
  const reports = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]))
  const [over, refused, early] = [0, 1, 2].map((i) => reports.reduce((sum, report) => sum + report[i], 0))
  t.diagnostic(`${refused} refused`)
  assert.equal(over, 0, 'more than the limit were inside')
  assert.ok(refused > 1000)
  assert.equal(early, 0, 'a key that nobody held was refused')
  for (let key = 0; key < KEYS; key++) assert.equal(main.held(key % 5, key), 0)
})
