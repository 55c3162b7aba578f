import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { FunctionFiles, saying } from './function-files.ts'
import { NO_PROCESS_LIST } from './process-in.ts'

/** Waits until a process is gone. */
async function gone(pid: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await delay(10)
  }
  assert.fail(`process ${pid} lives on`)
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`no process and no file outlives a gateway that ends by ${signal}`, {
    skip: NO_PROCESS_LIST,
  }, async (t) => {
    const folder = await FunctionFiles.create(t, { 'hello.js': saying('hello') })
    const program = join(import.meta.dirname, 'lifeline-gateway.ts')
    const gateway = spawn(process.execPath, [program, folder.directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => gateway.kill('SIGKILL'))
    const [line] = (await once(createInterface(gateway.stdout), 'line')) as [string]
    const { socket, pid } = JSON.parse(line) as { socket: string; pid: number }
    process.kill(pid, 0)
    gateway.kill(signal)
    await once(gateway, 'exit')
    await gone(pid)
    for (let i = 0; i < 500 && existsSync(socket); i++) await delay(10)
    assert.ok(!existsSync(socket))
  })
}
