import { once } from 'node:events'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { AccessLog } from '../../../gateway/observe/access-log.ts'
import { Lines } from '../../../gateway/observe/lines.ts'
import { createLog } from '../../../gateway/observe/log.ts'
import { loggedCall } from './logged-call.ts'

/** A process whose threads all write to the same standard output, for the tests of `Lines`. */
const THREADS = 3
const LINES = Number(process.argv[2])

if (isMainThread) {
  const lines = new Lines()
  const workers = Array.from(
    { length: THREADS },
    (_, thread) => new Worker(new URL(import.meta.url), { argv: [LINES], workerData: thread }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'exit')))
  await lines.close()
} else {
  const lines = new Lines()
  const access = new AccessLog(lines, 1)
  const log = createLog(lines, { level: 'info', thread: String(workerData) })
  for (let i = 0; i < LINES; i++) {
    access.write(
      loggedCall({ id: `${workerData}-${i}`, path: `/${'x'.repeat((i * 37) % 900)}` }),
      'local',
      1,
      2,
      3,
      4,
    )
    if (i % 100 === 0) log.warn({ i }, 'something happened')
    if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await lines.close()
}
