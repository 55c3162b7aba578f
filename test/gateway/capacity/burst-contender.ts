import { parentPort, workerData } from 'node:worker_threads'
import { BurstBudget } from '../../../gateway/capacity/burst-budget.ts'
import { type BurstCharge, tryCharge } from '../../../gateway/capacity/burst-charge.ts'
import { CallPrice } from '../../../gateway/capacity/call-price.ts'
import { type SharedMap, SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'
import { CLOCK, INSIDE, LIMITS, OVER, PHASE, PRICE, READY, type Spent, THREADS } from './burst-contest.ts'

/** One thread of the contest: in each phase it begins, lengthens and ends calls at random, as fast as it can. */

const { map, board, thread, phases, rounds } = workerData as {
  map: SharedMap
  board: SharedArrayBuffer
  thread: number
  phases: number
  rounds: number
}
const cells = new SharedMemoryView(map)
const words = new Int32Array(board)
const clock = new Float64Array(board, CLOCK * 8, 1)
const silent = { info() {}, warn() {}, error() {} }
const own = new BurstBudget(
  { organization: 'o', functionName: 'f' },
  LIMITS.own,
  cells,
  THREADS,
  thread,
  silent,
)
const shared = new BurstBudget(
  { organization: 'o', functionName: null },
  LIMITS.shared,
  cells,
  THREADS,
  thread,
  silent,
)
const price = new CallPrice(PRICE, 0)

interface Running {
  readonly charge: BurstCharge
  readonly startedAt: number
  readonly worstMs: number
}

const running: Running[] = []
const spent: Spent[] = []

for (let phase = 1; phase <= phases; phase++) {
  Atomics.add(words, READY, 1)
  Atomics.notify(words, READY)
  while (Atomics.load(words, PHASE) < phase) Atomics.wait(words, PHASE, phase - 1)
  const now = clock[0]!
  const eagerness = phase % 4 === 0 ? 0.9 : 0.5
  for (let round = 0; round < rounds; round++) {
    if (Math.random() < eagerness) begin(now)
    else if (running.length > 0) end(running.splice(Math.floor(Math.random() * running.length), 1)[0]!, now)
  }
}
const now = clock[0]!
for (const call of running.splice(0)) end(call, now)
parentPort!.postMessage(spent)

function begin(now: number): void {
  const worstMs = Math.floor(Math.random() * 200)
  const charge = tryCharge(own, shared, price, worstMs, now)
  if (charge === null) return
  if (Atomics.add(words, INSIDE, 1) >= LIMITS.own.concurrency) Atomics.add(words, OVER, 1)
  running.push({ charge, startedAt: now, worstMs })
}

function end({ charge, startedAt, worstMs }: Running, now: number): void {
  Atomics.sub(words, INSIDE, 1)
  if (Math.random() < 0.1) {
    charge.cancel(now)
    spent.push({ startedAt, endedAt: now, nano: 0 })
    return
  }
  const ranMs = Math.floor(Math.random() * (worstMs + 1))
  charge.settle(ranMs, now)
  spent.push({ startedAt, endedAt: now, nano: price.nanoFor(ranMs) })
}
