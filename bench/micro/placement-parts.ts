import { AdaptiveLimit } from '../../gateway/capacity/adaptive-limit.ts'
import { BackendSlot } from '../../gateway/capacity/backend-slot.ts'
import { DeploymentSlot } from '../../gateway/capacity/deployment-slot.ts'
import { SharedMemory } from '../../gateway/capacity/shared-memory.ts'

/** What does each part of a placement cost for one call? */
const QUESTION = 'Nanoseconds and bytes of garbage per operation of the parts of placement, one thread'

const ROUNDS = 7
const OPERATIONS = 500_000
const EPOCH = Date.now()

interface Part {
  readonly name: string
  /** @param i Counts up; stands for a clock that moves by a hundredth of a millisecond. */
  readonly run: (i: number) => number
}

const memory = new SharedMemory()
const slot = new DeploymentSlot(memory, 'declared', 4, 0, EPOCH, 100)
const backend = new BackendSlot(memory, 'b', 4, 0, 1000)
const adaptive = new AdaptiveLimit(memory, 'adaptive', EPOCH)
const words = memory.claim('words', 8)
const at = (i: number): number => EPOCH + i / 100

const PARTS: readonly Part[] = [
  { name: 'nothing (baseline)', run: (i) => at(i) },
  { name: 'a plain read', run: (i) => words[i & 7]! },
  { name: 'an atomic read', run: (i) => Atomics.load(words, i & 7) },
  { name: 'health.admit', run: (i) => slot.health.admit(at(i)) },
  { name: 'health.weight', run: (i) => slot.health.weight(at(i)) },
  {
    name: 'health.succeeded',
    run: (i) => {
      slot.health.succeeded(at(i))
      return i
    },
  },
  { name: 'latency.answered', run: (i) => Number(slot.latency.answered(20 + (i % 7), at(i), false)) },
  { name: 'latency.cost', run: (i) => slot.latency.cost(at(i)) },
  { name: 'latency.successShare', run: (i) => slot.latency.successShare(at(i)) },
  {
    name: 'adaptive.answered',
    run: (i) => {
      adaptive.answered(20 + (i % 7), 900, at(i))
      return i
    },
  },
  { name: 'adaptive.current', run: () => adaptive.current },
  {
    name: 'slot.tryAcquire + release',
    run: (i) => {
      const admission = slot.tryAcquire(at(i))
      slot.release()
      return admission
    },
  },
  {
    name: 'backend.tryAcquire + release',
    run: () => {
      const taken = backend.tryAcquire()
      backend.release()
      return Number(taken)
    },
  },
]

process.stdout.write(`${QUESTION}\nNode ${process.version}, the least of ${ROUNDS} rounds\n\n`)
for (const part of PARTS) {
  let nanoseconds = Number.POSITIVE_INFINITY
  let bytes = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const measured = measure(part)
    nanoseconds = Math.min(nanoseconds, measured.nanoseconds)
    bytes = Math.min(bytes, measured.bytes)
  }
  const columns = [part.name.padEnd(30), nanoseconds.toFixed(1).padStart(7), bytes.toFixed(2).padStart(7)]
  process.stdout.write(`${columns.join(' ')}\n`)
}

/** Per operation. The heap only shows what no collection took away in between, so rounds are short. */
function measure({ run }: Part): { nanoseconds: number; bytes: number } {
  let sum = 0
  const heapBefore = process.memoryUsage().heapUsed
  const startedAt = process.hrtime.bigint()
  for (let i = 0; i < OPERATIONS; i++) sum += run(i)
  const elapsed = Number(process.hrtime.bigint() - startedAt)
  const grown = Math.max(0, process.memoryUsage().heapUsed - heapBefore)
  if (Number.isNaN(sum)) throw new Error('a part answered no number')
  return { nanoseconds: elapsed / OPERATIONS, bytes: grown / OPERATIONS }
}
