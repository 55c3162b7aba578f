import { spawn } from 'node:child_process'
import { accessSync, constants, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { serveBench } from './child.ts'

/** Where servers are installed, beside what PATH says. */
const ADMINISTRATORS = ['/usr/sbin', '/usr/local/sbin', '/sbin']
const TRIES = 100
const PAUSE_MS = 50

/** The file of a program on this machine, or null. */
export function findBinary(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...ADMINISTRATORS]
  for (const folder of folders) {
    const file = join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/**
 * Starts a server that is no Node program, waits until it listens, and stands in for it before the bench.
 *
 * @param folder Of its own; removed at the end.
 * @param args Makes its arguments from the port on which it has to listen.
 */
export async function serveBinary(
  name: string,
  folder: string,
  args: (port: number) => readonly string[],
): Promise<void> {
  const binary = findBinary(name)
  if (binary === null) throw new Error(`${name} is not installed`)
  const port = await freePort()
  const server = spawn(binary, args(port), { stdio: ['ignore', 'ignore', 'inherit'] })
  server.once('exit', (code) => {
    process.stderr.write(`${name} ended with ${code}\n`)
    process.exit(1)
  })
  for (let left = TRIES; !(await listens(port)); left--) {
    if (left === 0) throw new Error(`${name} does not listen`)
    await pause(PAUSE_MS)
  }
  serveBench(`http://127.0.0.1:${port}`, {
    pid: server.pid!,
    end: () => {
      server.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
