import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionLimit } from '../../../gateway/capacity/connection-limit.ts'
import { releaseHeldBy } from '../../../gateway/capacity/held-count.ts'
import { SharedMemory, SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'

test('the limit is one for all threads, and a dead thread gives back what it held', () => {
  const memory = new SharedMemory()
  new ConnectionLimit(memory, 3, 2, 3)
  const view = () => new SharedMemoryView(memory.map())
  const [first, second] = [new ConnectionLimit(view(), 3, 0, 3), new ConnectionLimit(view(), 3, 1, 3)]
  assert.deepEqual(
    [first.tryAcquire(), second.tryAcquire(), first.tryAcquire(), second.tryAcquire()],
    [true, true, true, false],
  )
  second.release()
  assert.equal(first.tryAcquire(), true)
  assert.equal(second.tryAcquire(), false)
  releaseHeldBy(0, memory)
  assert.deepEqual(
    [second.tryAcquire(), second.tryAcquire(), second.tryAcquire(), second.tryAcquire()],
    [true, true, true, false],
  )
})
