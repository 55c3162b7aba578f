import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { PROJECT_FOLDER } from '../../../gateway/cli/config-file.ts'

const LAUNCHER = join(PROJECT_FOLDER, 'gateway/cli/launch.js')

export interface Launched {
  readonly process: ChildProcess
  /** Everything printed so far. */
  readonly output: () => string
  /** What the expression finds, as soon as it is printed. */
  printed(expression: RegExp): Promise<RegExpExecArray>
  /** Exit code, once the process has ended. */
  readonly exited: Promise<number | null>
}

/** Runs the command line in a process of its own, as a person would. */
export function launch(args: readonly string[], cwd: string, runtime = process.execPath): Launched {
  const child = spawn(runtime, [LAUNCHER, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const waiting = new Set<() => void>()
  const hear = (chunk: string) => {
    output += chunk
    for (const look of waiting) look()
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear)
  const exited = once(child, 'close').then(([code]) => code as number | null)
  return {
    process: child,
    output: () => output,
    printed: (expression) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = expression.exec(output)
          if (found === null) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
        void exited.then((code) => reject(new Error(`ended with ${code} before ${expression}: ${output}`)))
      }),
    exited,
  }
}
