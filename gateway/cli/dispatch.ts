#!/usr/bin/env node
import { flushCompileCache } from 'node:module'
import { runCommandLine } from './command-line.ts'
import type { GatewayAccess } from './context.ts'

/** What holds the process after its command is done is given this long to let go. */
const LINGER_MS = 1000

const gateway: GatewayAccess = {
  loadConfig: async (file) => (await import('../main.ts')).loadGatewayConfig(file),
  registry: async () => (await import('../built-in.ts')).registry,
  startGateway: async (options) => {
    const { startGateway } = await import('../main.ts')
    // What was compiled until here is there for the threads, the first time too.
    flushCompileCache()
    return startGateway(options)
  },
}

// Whoever reads our output has enough, as in `dispatch invoke clock | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await runCommandLine(
  process.argv.slice(2),
  {
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
  },
  gateway,
)
setTimeout(() => process.exit(), LINGER_MS).unref()
