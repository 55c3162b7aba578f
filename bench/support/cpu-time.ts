import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU time that a process has used so far, in microseconds: user and system, all its threads. Read from the outside, so
 * that the process need not answer while it is busy, and so that programs that are not ours are read alike.
 *
 * @throws Error On systems without `/proc/PID/task/TID/schedstat`, which is Linux's.
 */
export function cpuMicroseconds(pid: number): number {
  const folder = `/proc/${pid}/task`
  let nanoseconds = 0
  for (const thread of readdirSync(folder)) {
    try {
      const text = readFileSync(`${folder}/${thread}/schedstat`, 'latin1')
      nanoseconds += Number(text.slice(0, text.indexOf(' ')))
    } catch {
      // A thread that ended between the two reads; none of those that serve do.
    }
  }
  if (nanoseconds === 0) throw new Error('CPU times cannot be read: the benches need Linux with schedstat')
  return nanoseconds / 1000
}

/** Memory of a process that is in use at this moment (`VmRSS`), in bytes. */
export function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  if (found === null) throw new Error('memory cannot be read: the benches need Linux')
  return Number(found[1]) * 1024
}
