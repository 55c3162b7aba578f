import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** What a program under test says to the bench, and the bench to it. */
export type FromChild =
  | { readonly kind: 'ready'; readonly url: string; readonly headers: Record<string, string> }
  | { readonly kind: 'cpu'; readonly microseconds: number }
export type ToChild = { readonly kind: 'cpu' }

/** A program under test in a process of its own, so that its CPU time is nobody else's. */
export interface Child {
  readonly name: string
  readonly url: string
  /** What a request must carry. */
  readonly headers: Record<string, string>
  /** CPU time of all its threads so far, user and system. */
  cpuMicroseconds(): Promise<number>
  stop(): Promise<void>
}

/** Starts a module of `bench/`; it calls `serveBench` when it is ready. */
export async function startChild(name: string, module: URL, args: readonly string[]): Promise<Child> {
  const child = fork(module, [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ready = await heard(child, 'ready')
  return {
    name,
    url: ready.url,
    headers: ready.headers,
    async cpuMicroseconds() {
      child.send({ kind: 'cpu' } satisfies ToChild)
      return (await heard(child, 'cpu')).microseconds
    },
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

async function heard<Kind extends FromChild['kind']>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<FromChild, { kind: Kind }>> {
  const over = new AbortController()
  const { signal } = over
  const left = once(child, 'exit', { signal }).then(() => {
    throw new Error('a program under test ended by itself')
  })
  left.catch(() => {})
  try {
    for (;;) {
      const [message] = (await Promise.race([once(child, 'message', { signal }), left])) as [FromChild]
      if (message.kind === kind) return message as Extract<FromChild, { kind: Kind }>
    }
  } finally {
    over.abort()
  }
}

/** For the program under test: says that it is ready, and answers for its CPU time from now on. */
export function serveBench(url: string, headers: Record<string, string> = {}): void {
  const say = (message: FromChild) => process.send?.(message)
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    say({ kind: 'cpu', microseconds: user + system })
  })
  process.on('disconnect', () => process.exit())
  say({ kind: 'ready', url, headers })
}
