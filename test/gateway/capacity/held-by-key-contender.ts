import { parentPort, workerData } from 'node:worker_threads'
import { HeldByKey } from '../../../gateway/capacity/held-by-key.ts'
import { SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'

/** One of several threads that take and give back for the same keys, and count beside what they hold. */
const { map, inside: board, thread, threads, keys, limit } = workerData
const held = HeldByKey.claim(new SharedMemoryView(map), 'k', keys, threads, thread)
const inside = new Int32Array(board)
const taken: [key: number, slot: number][] = []
let over = 0
let refused = 0
let early = 0
let taking = 0
// The last word is a gate: all begin together.
Atomics.add(inside, keys, 1)
Atomics.notify(inside, keys)
for (let here = 0; here < threads; here = Atomics.load(inside, keys)) Atomics.wait(inside, keys, here, 1000)
while (taking < 50_000) {
  // Most of the time everybody wants the same few keys.
  const key = Math.floor(Math.random() * (taking % 2 === 0 ? 4 : keys))
  const slot = held.tryTake(key % 5, key, limit)
  if (slot >= 0) {
    taking++
    if (Atomics.add(inside, key, 1) >= limit) over++
    taken.push([key, slot])
  } else {
    refused++
    // A key of its own that only this thread takes must always pass: its set has room for all keys.
    const own = held.tryTake(key % 5, 1000 + thread, 1)
    if (own < 0) early++
    else held.giveBack(own)
  }
  while (taken.length > 6 || (slot < 0 && taken.length > 0)) {
    const [given, at] = taken.splice(Math.floor(Math.random() * taken.length), 1)[0]!
    Atomics.sub(inside, given, 1)
    held.giveBack(at)
  }
}
for (const [key, slot] of taken) {
  Atomics.sub(inside, key, 1)
  held.giveBack(slot)
}
parentPort!.postMessage([over, refused, early])
