import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Launched, launch } from '../gateway/cli/launched.ts'
import { type Cleanup, configText } from './gateway.ts'

/** A gateway in a process of its own, run by the real command. */
export interface ChildGateway extends Launched {
  readonly port: number
  /** Port of HTTPS, 0 when there is none. */
  readonly securePort: number
  /** Address of the management listener. */
  readonly management: string
  readonly directory: string
  /** Bytes of memory that the process holds now (Linux only). */
  residentBytes(): number
}

/** Why memory cannot be measured here, or false. */
export const NO_PROC = process.platform === 'linux' ? false : 'memory of a process is read from /proc'

/** @param config As for `startTestGateway`. */
export async function startChildGateway(t: Cleanup, config: Record<string, unknown>): Promise<ChildGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'dispatch-test-'))
  const file = join(directory, 'dispatch.yaml')
  await writeFile(file, configText(config))
  const launched = launch(['up', '--config', file], directory)
  t.after(async () => {
    launched.process.kill('SIGKILL')
    await launched.exited
    await rm(directory, { recursive: true, force: true })
  })
  const [, management] = await launched.printed(/^ {2}management +(http:\S+)/m)
  const output = launched.output()
  const portOf = (name: string) => Number(new RegExp(`^  ${name} +\\S+:(\\d+)$`, 'm').exec(output)?.[1] ?? 0)
  const status = `/proc/${launched.process.pid}/status`
  return {
    ...launched,
    port: portOf('http'),
    securePort: portOf('https'),
    management: management!,
    directory,
    residentBytes: () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))![1]) * 1024,
  }
}
