import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackendSlot } from '../../../gateway/capacity/backend-slot.ts'
import { releaseHeldBy } from '../../../gateway/capacity/held-count.ts'
import { SharedMemory, SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'

test('a backend takes as many calls as were declared, over all threads', () => {
  const memory = new SharedMemory()
  const first = new BackendSlot(memory, 'home', 2, 0, 3)
  const second = new BackendSlot(new SharedMemoryView(memory.map()), 'home', 2, 1, 3)
  assert.ok(first.tryAcquire())
  assert.ok(second.tryAcquire())
  assert.ok(second.tryAcquire())
  assert.ok(!first.tryAcquire())
  assert.equal(first.inFlight, 3)
  first.release()
  assert.ok(second.tryAcquire())
  releaseHeldBy(1, memory)
  assert.equal(first.inFlight, 0)
})

test('a backend without a declaration takes any number', () => {
  const slot = new BackendSlot(new SharedMemory(), 'home', 1, 0)
  for (let i = 0; i < 10_000; i++) assert.ok(slot.tryAcquire())
  assert.equal(slot.inFlight, 10_000)
})

test('a backend is ready until somebody finds that it is not, for all threads', () => {
  const memory = new SharedMemory()
  const control = new BackendSlot(memory, 'home', 2, 1)
  const thread = new BackendSlot(new SharedMemoryView(memory.map()), 'home', 2, 0)
  assert.equal(thread.ready, true)
  control.ready = false
  assert.equal(thread.ready, false)
  control.ready = true
  assert.equal(thread.ready, true)
})
