import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { BURST_REASONS, BurstBudget } from '../../../gateway/capacity/burst-budget.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import {
  BOARD_BYTES,
  CLOCK,
  INSIDE,
  LIMITS,
  OVER,
  PHASE,
  READY,
  type Spent,
  THREADS,
} from './burst-contest.ts'

const HOUR = 3_600_000
const START = Date.UTC(2030, 0, 1)
const PHASES = 150
const ROUNDS = 200

test('threads that contend for two budgets never pass a limit of either, in any hour or second', async (t) => {
  const { spent, times, most, read, leftLater } = await contest(t)
  assert.ok(spent.length > 500, `${spent.length} calls were let through`)
  const limit = Math.min(LIMITS.own.moneyNano, LIMITS.shared.moneyNano)
  let fullest = 0
  for (const now of times) {
    // Whatever ran in any part of the hour before, with all that it cost.
    const within = spent.filter(({ startedAt, endedAt }) => endedAt >= now - HOUR && startedAt <= now)
    const nano = within.reduce((sum, call) => sum + call.nano, 0)
    assert.ok(nano <= limit, `${nano} in the hour before ${now - START}`)
    fullest = Math.max(fullest, nano)
    const begun = spent.filter(({ startedAt }) => startedAt > now - 1000 && startedAt <= now)
    assert.ok(begun.length <= 25, `${begun.length} calls begun in a second`)
  }
  assert.ok(fullest > 0.6 * limit, `only ${fullest} were ever spent in an hour: the contest proves nothing`)
  assert.equal(most.over, 0)
  const total = spent.reduce((sum, call) => sum + call.nano, 0)
  for (const { inFlight, reservedNano, everSpentNano, calls } of read) {
    assert.deepEqual(
      { inFlight, reservedNano, everSpentNano, calls },
      { inFlight: 0, reservedNano: 0, everSpentNano: total, calls: spent.length },
    )
  }
  for (const reason of BURST_REASONS) {
    assert.ok(
      read.some(({ refused }) => refused[reason] > 0),
      `nothing was refused for ${reason}: the contest proves nothing`,
    )
  }
  assert.deepEqual(leftLater, [0, 0])
  assert.ok(most.nano.every((nano, i) => nano <= [LIMITS.own, LIMITS.shared][i]!.moneyNano))
})

/** Runs the threads through phases; between two the time moves, by milliseconds or by minutes. */
async function contest(t: TestContext) {
  const memory = new SharedMemory()
  const silent = { info() {}, warn() {}, error() {} }
  const budgets = [
    new BurstBudget({ organization: 'o', functionName: 'f' }, LIMITS.own, memory, THREADS, 0, silent),
    new BurstBudget({ organization: 'o', functionName: null }, LIMITS.shared, memory, THREADS, 0, silent),
  ]
  const board = new SharedArrayBuffer(BOARD_BYTES)
  const words = new Int32Array(board)
  const clock = new Float64Array(board, CLOCK * 8, 1)
  const workers = Array.from({ length: THREADS }, (_, thread) => {
    const workerData = { map: memory.map(), board, thread, phases: PHASES, rounds: ROUNDS }
    const worker = new Worker(new URL('burst-contender.ts', import.meta.url), { workerData })
    t.after(() => worker.terminate())
    return worker
  })
  const reports = Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0] as Spent[]))
  const times: number[] = []
  const most = { over: 0, nano: [0, 0] }
  let now = START
  for (let phase = 1; phase <= PHASES; phase++) {
    for (
      let ready = Atomics.load(words, READY);
      ready < phase * THREADS;
      ready = Atomics.load(words, READY)
    ) {
      const change = Atomics.waitAsync(words, READY, ready)
      if (change.async) await change.value
      // What no thread may see, all the time that they are at it.
      budgets.forEach((budget, i) => {
        const { spentNano, reservedNano } = budget.read(now)
        most.nano[i] = Math.max(most.nano[i]!, spentNano + reservedNano)
      })
    }
    now += phase % 3 === 0 ? 1 + Math.floor(Math.random() * 1500) : Math.floor(Math.random() * 25 * 60_000)
    times.push(now)
    clock[0] = now
    Atomics.store(words, PHASE, phase)
    Atomics.notify(words, PHASE)
  }
  const spent = (await reports).flat()
  most.over = Atomics.load(words, OVER)
  assert.equal(Atomics.load(words, INSIDE), 0)
  const read = budgets.map((budget) => budget.read(now))
  const leftLater = budgets.map((budget) => budget.read(now + 2 * HOUR).spentNano)
  return { spent, times, most, read, leftLater }
}
