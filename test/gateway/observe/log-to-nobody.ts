import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { Lines } from '../../../gateway/observe/lines.ts'

/** A process whose threads log 60 MB to a standard output that nobody reads, and which tells how they fared. */
const THREADS = 3

if (isMainThread) {
  let dropped = 0
  const workers = Array.from({ length: THREADS }, () => new Worker(new URL(import.meta.url)))
  for (const worker of workers) worker.on('message', (lines: number) => (dropped += lines))
  await Promise.all(workers.map((worker) => once(worker, 'exit')))
  await lookup('localhost')
  await new Lines().close()
  process.stderr.write(JSON.stringify({ dropped, rss: process.memoryUsage().rss }), () => process.exit(0))
} else {
  let dropped = 0
  const lines = new Lines({ dropped: (count) => (dropped += count) })
  const line = `${JSON.stringify({ text: 'x'.repeat(500) })}\n`
  for (let i = 0; i < 40_000; i++) {
    lines.write(line)
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await lines.close()
  parentPort!.postMessage(dropped)
  process.exit(0)
}
