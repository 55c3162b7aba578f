import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { runCommandLine } from '../../../gateway/cli/command-line.ts'
import type { GatewayAccess } from '../../../gateway/cli/context.ts'

interface Surroundings {
  readonly stdin?: string | Buffer
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly gateway?: Partial<GatewayAccess>
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly bytes: Buffer
}

/** Runs one command line in this process. What it would need of a gateway and was not given fails. */
export async function run(args: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const bytes = buffer(stdout)
  const messages = buffer(stderr)
  const terminal = {
    stdin: Readable.from(surroundings.stdin === undefined ? [] : [surroundings.stdin]),
    stdout,
    stderr,
    env: surroundings.env ?? {},
    cwd: surroundings.cwd ?? '/',
  }
  const unexpected = () => Promise.reject(new Error('this command should not need the gateway'))
  const gateway = {
    loadConfig: unexpected,
    registry: unexpected,
    startGateway: unexpected,
    renderReference: unexpected,
    ...surroundings.gateway,
  }
  const code = await runCommandLine(args, terminal, gateway)
  stdout.end()
  stderr.end()
  return { code, stdout: String(await bytes), stderr: String(await messages), bytes: await bytes }
}
