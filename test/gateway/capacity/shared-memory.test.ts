import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedMemory, SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'

test('a thread finds what the main thread claimed, and both see one memory', () => {
  const memory = new SharedMemory()
  memory.begin(1)
  const mine = memory.claim('a', 3)
  const theirs = new SharedMemoryView(structuredClone(memory.map())).claim('a', 3)
  Atomics.store(mine, 2, 7)
  assert.deepEqual([...theirs], [0, 0, 7])
})

test('a thread cannot claim what the main thread did not', () => {
  const memory = new SharedMemory()
  memory.claim('a', 3)
  const view = new SharedMemoryView(memory.map())
  assert.throws(() => view.claim('b', 3), /no shared memory for b/)
  assert.throws(() => view.claim('a', 4), /no shared memory for a \(4 words\)/)
})

test('pieces never overlap, whatever their sizes, and take 64-bit views', () => {
  const memory = new SharedMemory()
  const sizes = Array.from({ length: 300 }, (_, i) => ((i * 7919) % 4000) + 1)
  const pieces = sizes.map((words, i) => memory.claim(`piece ${i}`, words))
  for (const [i, piece] of pieces.entries()) piece.fill(i + 1)
  pieces.forEach((piece, i) => {
    assert.equal(piece.length, sizes[i])
    assert.equal(piece.byteOffset % 8, 0)
    assert.ok(piece.every((word) => word === i + 1))
  })
})

test('a piece larger than a page gets a page of its own', () => {
  const memory = new SharedMemory()
  const large = memory.claim('large', 1_000_000)
  const small = memory.claim('small', 2)
  large.fill(1)
  assert.equal(large.length, 1_000_000)
  assert.deepEqual([...small], [0, 0])
})

test('a piece keeps its content over reloads that use its key', () => {
  const memory = new SharedMemory()
  memory.begin(1)
  memory.claim('kept', 1)[0] = 5
  memory.begin(2)
  assert.equal(memory.claim('kept', 1)[0], 5)
  memory.retireBefore(2)
  assert.equal(memory.claim('kept', 1)[0], 5)
})

test('what no living configuration uses is cleared and used again', () => {
  const memory = new SharedMemory()
  memory.begin(1)
  const old = memory.claim('old', 10)
  old.fill(9)
  memory.begin(2)
  memory.claim('new', 4)
  memory.retireBefore(2)
  const reused = memory.claim('other', 10)
  assert.equal(reused.byteOffset, old.byteOffset)
  assert.ok(reused.every((word) => word === 0))
})

test('a configuration that calls still use keeps its pieces', () => {
  const memory = new SharedMemory()
  memory.begin(1)
  memory.claim('slow', 1)[0] = 3
  memory.begin(2)
  memory.retireBefore(1)
  memory.begin(3)
  assert.equal(memory.claim('slow', 1)[0], 3)
})

test('reloads without end need no memory without end', () => {
  const memory = new SharedMemory()
  memory.begin(1)
  for (let generation = 1; generation <= 500; generation++) {
    memory.begin(generation)
    for (let i = 0; i < 50; i++) memory.claim(`of ${generation}: ${i}`, 100 + i)
    memory.retireBefore(generation)
  }
  assert.equal(memory.map().pages.length, 1)
})

test('what the process claimed before the first configuration is never given back', () => {
  const memory = new SharedMemory()
  memory.claim('hearts', 2)[0] = 1
  memory.begin(1)
  memory.begin(2)
  memory.retireBefore(2)
  assert.equal(memory.claim('hearts', 2)[0], 1)
  assert.equal(memory.map().pieces.length, 1)
})

test('the map of a configuration holds its own pieces and those of the process', () => {
  const memory = new SharedMemory()
  memory.claim('hearts', 2)
  memory.begin(1)
  memory.claim('first', 1)
  memory.begin(2)
  memory.claim('second', 1)
  assert.deepEqual(
    memory.map().pieces.map(({ key }) => key),
    ['hearts 2', 'second 1'],
  )
})
