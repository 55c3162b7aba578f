import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hammer } from './hammer.ts'

test('threads that take the same key at once are granted exactly the limit', async () => {
  const job = { threads: 4, takesPerThread: 50_000, windowMs: 1000, keys: 1, room: 65_536, tickMs: 0 }
  const granted = await hammer({ ...job, limit: 77_777 })
  assert.deepEqual([...granted], [77_777])
})

test('threads that claim the same new keys at once are granted exactly the limit of each', async () => {
  // As many keys as all slots of the memory: each claim is raced for.
  const job = { threads: 4, takesPerThread: 50_000, windowMs: 1000, keys: 16, room: 8, tickMs: 0 }
  const granted = await hammer({ ...job, limit: 1000 })
  assert.deepEqual([...granted], new Array(16).fill(1000))
})

test('while windows come and go under the threads, no window grants more than the limit', async () => {
  // A thread that the system puts aside misses hundreds of windows as short as these: fewer than marks have names for.
  const job = { threads: 4, takesPerThread: 6000, windowMs: 100, keys: 14, room: 8, tickMs: 1 }
  let full = 0
  for (let round = 0; round < 10; round++) {
    const granted = await hammer({ ...job, limit: 3 })
    assert.equal(Math.max(...granted), 3)
    full += granted.filter((count) => count === 3).length
  }
  // Enough was granted to see it: about seven takes of each key in each of 240 windows of each round.
  assert.ok(full > 10_000, `${full}`)
})
