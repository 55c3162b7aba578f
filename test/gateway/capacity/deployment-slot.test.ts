import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADMITTED, REFUSED } from '../../../gateway/capacity/deployment-health.ts'
import { type DeclaredLimit, DeploymentSlot } from '../../../gateway/capacity/deployment-slot.ts'
import { releaseHeldBy } from '../../../gateway/capacity/held-count.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'

const EPOCH = Date.UTC(2026, 10, 1)
const THREADS = 3

interface SlotParts {
  readonly memory?: SharedMemory
  readonly thread?: number
  readonly key?: string
  readonly limit?: DeclaredLimit
}

function slot({ memory = new SharedMemory(), thread = 0, key = 'default/f@b/f', limit }: SlotParts = {}) {
  return new DeploymentSlot(memory, key, THREADS, thread, EPOCH, limit)
}

test('all threads count the same calls, and a dead thread holds none', () => {
  const memory = new SharedMemory()
  const first = slot({ memory })
  const second = slot({ memory, thread: 1 })
  first.tryAcquireAnyway(EPOCH)
  second.tryAcquireAnyway(EPOCH)
  second.tryAcquireAnyway(EPOCH)
  assert.equal(first.inFlight, 3)
  second.release()
  assert.equal(second.inFlight, 2)
  releaseHeldBy(1, memory)
  assert.equal(first.inFlight, 1)
  releaseHeldBy(1, memory)
  assert.equal(first.inFlight, 1)
  first.release()
  assert.equal(second.inFlight, 0)
})

test('a dead thread gives back slots of earlier configurations too', () => {
  const memory = new SharedMemory()
  const key = 'default/gone@b/gone'
  memory.begin(1)
  slot({ memory, key }).tryAcquireAnyway(EPOCH)
  memory.begin(2)
  slot({ memory })
  releaseHeldBy(0, memory)
  memory.begin(3)
  assert.equal(slot({ memory, thread: 1, key }).inFlight, 0)
})

test('a declared limit is the limit, for healthy and ejected alike', () => {
  const tested = slot({ limit: 2 })
  assert.equal(tested.limit, 2)
  assert.equal(tested.tryAcquire(EPOCH), ADMITTED)
  assert.equal(tested.tryAcquireAnyway(EPOCH), true)
  assert.equal(tested.tryAcquire(EPOCH), REFUSED)
  assert.equal(tested.tryAcquireAnyway(EPOCH), false)
  tested.release()
  assert.equal(tested.tryAcquire(EPOCH), ADMITTED)
})

test('without a limit any number of calls runs at once', () => {
  const tested = slot({ limit: 'unlimited' })
  for (let i = 0; i < 20_000; i++) assert.equal(tested.tryAcquire(EPOCH), ADMITTED)
  assert.equal(tested.inFlight, 20_000)
  assert.equal(tested.adaptive, null)
})

test('an adaptive limit holds as soon as the platform says that it is full', () => {
  const tested = slot({ limit: 'adaptive' })
  for (let i = 0; i < 10; i++) tested.tryAcquire(EPOCH)
  tested.adaptive?.overloaded(tested.inFlight, EPOCH)
  assert.equal(tested.limit, 9)
  assert.equal(tested.tryAcquire(EPOCH), REFUSED)
  tested.release()
  tested.release()
  assert.equal(tested.tryAcquire(EPOCH), ADMITTED)
})

test('an ejected deployment takes no call unless it must', () => {
  const tested = slot()
  for (let i = 0; i < 5; i++) tested.health.failed(EPOCH)
  assert.equal(tested.tryAcquire(EPOCH), REFUSED)
  assert.equal(tested.inFlight, 0)
  assert.equal(tested.tryAcquireAnyway(EPOCH), true)
  assert.equal(tested.inFlight, 1)
})

test('a probe that finds no place does not keep the next one out', () => {
  const tested = slot({ limit: 1 })
  for (let i = 0; i < 5; i++) tested.health.failed(EPOCH)
  assert.equal(tested.tryAcquireAnyway(EPOCH), true)
  const later = EPOCH + 30_000
  assert.equal(tested.tryAcquire(later), REFUSED)
  tested.release()
  assert.ok(tested.tryAcquire(later) > ADMITTED)
  assert.equal(tested.tryAcquire(later), REFUSED)
})
