import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { cpuMicroseconds, residentBytes } from '../../../bench/support/cpu-time.ts'

const skip = existsSync('/proc/self/schedstat') ? false : 'CPU times are read from /proc'

test('the CPU time of a process is what it has used itself', { skip }, () => {
  const own = () => {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  const [before, ownBefore] = [cpuMicroseconds(process.pid), own()]
  while (own() - ownBefore < 100_000);
  const used = cpuMicroseconds(process.pid) - before
  assert.ok(used > 80_000 && used < 200_000, `${used} µs`)
})

test('the memory of a process is near what it says itself', { skip }, () => {
  const bytes = residentBytes(process.pid)
  assert.ok(Math.abs(bytes / process.memoryUsage().rss - 1) < 0.2)
})
