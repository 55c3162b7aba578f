import { once } from 'node:events'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { WindowCounters } from '../../../../gateway/plugins/support/window-counters.ts'
import { randomOf } from './random.ts'

/** What threads do to one memory of counters, all at once. */
export interface Hammering {
  readonly threads: number
  readonly takesPerThread: number
  readonly limit: number
  readonly windowMs: number
  /** Different keys, taken at random. */
  readonly keys: number
  /** Keys that the memory is made for. */
  readonly room: number
  /** Milliseconds that each look at the clock takes. */
  readonly tickMs: number
}

/** @returns How often each key was granted in each window, by `window * keys + key`. */
export async function hammer(job: Hammering): Promise<Int32Array> {
  const windows = Math.ceil((2 * job.threads * job.takesPerThread * job.tickMs) / job.windowMs) + 1
  const shared = {
    words: sharedWords(WindowCounters.words(job.room)),
    granted: sharedWords(windows * job.keys),
    clock: sharedWords(1),
    gate: sharedWords(1),
  }
  const workers = Array.from(
    { length: job.threads },
    (_, seed) => new Worker(new URL(import.meta.url), { workerData: { job, shared, seed } }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const done = workers.map((worker) => once(worker, 'exit'))
  Atomics.store(shared.gate, 0, 1)
  Atomics.notify(shared.gate, 0)
  await Promise.all(done)
  return shared.granted
}

function sharedWords(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * count))
}

interface Shared {
  readonly words: Int32Array
  readonly granted: Int32Array
  readonly clock: Int32Array
  readonly gate: Int32Array
}

function runThread(job: Hammering, { words, granted, clock, gate }: Shared, seed: number): void {
  let readAt = 0
  const now = () => {
    readAt = Atomics.add(clock, 0, job.tickMs)
    return readAt
  }
  const counters = new WindowCounters(words, job.limit, job.windowMs, now)
  const random = randomOf(seed)
  parentPort!.postMessage('ready')
  Atomics.wait(gate, 0, 0)
  for (let i = 0; i < job.takesPerThread; i++) {
    const key = random(job.keys)
    // Granted in the window of the last look at the clock: `take` looks again when it was late.
    if (!counters.take(key + 1, key + 1, now())) continue
    Atomics.add(granted, Math.floor(readAt / job.windowMs) * job.keys + key, 1)
  }
}

if (parentPort !== null && workerData?.job !== undefined)
  runThread(workerData.job, workerData.shared, workerData.seed)
