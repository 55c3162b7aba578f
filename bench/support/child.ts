import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Program } from './program.ts'

/** What a program says when it serves. */
interface Ready {
  readonly url: string
  readonly headers: Record<string, string>
  /** The process to look at. */
  readonly pid: number
}

/** A program in a process of its own, so that its CPU time is nobody else's. */
export interface Child extends Ready {
  readonly name: string
  stop(): Promise<void>
}

const START_MS = 60_000

/**
 * Starts a program; its module calls `serveBench` when it is ready. The process ends with this one.
 *
 * @param upstream Address of what the program stands in front of; empty for none.
 * @throws Error When it ends by itself, or is not ready within a minute.
 */
export async function startChild(
  { name, module, settings }: Program,
  upstream: string,
  nodeOptions: readonly string[] = [],
): Promise<Child> {
  const child = fork(new URL(`../${module}`, import.meta.url), [upstream, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...nodeOptions],
  })
  const over = new AbortController()
  const { signal } = over
  const gone = once(child, 'exit')
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const ended = gone.then(() => {
    throw new Error(`${name} ended before it was ready`)
  })
  ended.catch(() => {})
  try {
    const [ready] = (await Promise.race([once(child, 'message', { signal }), ended])) as [Ready]
    return {
      name,
      ...ready,
      async stop() {
        // Not killed at once: a program that started another one has to end it.
        if (child.connected) child.disconnect()
        await gone
      },
    }
  } finally {
    clearTimeout(late)
    over.abort()
  }
}

/**
 * For the program: says that it is ready. From now on it ends when the bench does.
 *
 * @param options.pid The process that serves, when it is another one.
 * @param options.end Called before the program ends.
 */
export function serveBench(
  url: string,
  options: {
    readonly headers?: Record<string, string>
    readonly pid?: number
    readonly end?: () => void
  } = {},
): void {
  process.on('disconnect', () => {
    options.end?.()
    process.exit()
  })
  const ready: Ready = { url, headers: options.headers ?? {}, pid: options.pid ?? process.pid }
  process.send?.(ready)
}
