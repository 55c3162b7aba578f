import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import type { Sink, UpgradeSink } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { failAtOnce } from '../support/fail-at-once.ts'
import { forward, forwardUpgrade, type Target } from '../support/forward.ts'
import { CrashAnswer, CrashUpgrade } from './crash-answer.ts'
import type { WorkerdFacts } from './facts.ts'

/** Milliseconds that an idle connection is kept; workerd closes after 7 s. */
const KEEP_ALIVE_MS = 4000

/** Names that are the name of a file without its ending, and nothing else to a path or a log. */
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/

/** Sends calls to the sockets that the operator announces. */
export class WorkerdInvoker implements Invoker {
  readonly #transport: Transport
  /** By organization and function, null for one that does not run; all null before the operator has spoken. */
  #functions: ReadonlyMap<string, ReadonlyMap<string, Target | null>> | null = null

  constructor(connections: number, host: InvokerHost) {
    // Closing a Unix socket tells workerd at once that the caller is gone: measured, the function is stopped and its
    // `request.signal` fires within a millisecond. On TCP only a reset would; a close lets it run on until it writes.
    this.#transport = host.transport({ connections, keepAliveMs: KEEP_ALIVE_MS })
  }

  check({ name }: DeploymentFacts): void {
    if (FILE_NAME.test(name)) return
    throw new Error(`${JSON.stringify(name)} cannot be the name of a file: use letters, digits, - _ and .`)
  }

  update(facts: unknown): void {
    // Made by our own operator.
    const { functions } = facts as WorkerdFacts
    this.#functions = new Map(
      Object.entries(functions).map(([organization, origins]) => [
        organization,
        new Map(Object.entries(origins).map(([name, origin]) => [name, targetAt(origin)])),
      ]),
    )
  }

  invoke(invocation: Invocation, sink: Sink): void {
    const target = this.#prepare(invocation, sink)
    if (target !== null) forward(this.#transport, target, invocation, new CrashAnswer(sink))
  }

  upgrade(invocation: Invocation, sink: UpgradeSink): void {
    const target = this.#prepare(invocation, sink)
    if (target !== null) forwardUpgrade(this.#transport, target, invocation, new CrashUpgrade(sink))
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  /** Where the function is, or null once the attempt has failed. */
  #prepare({ deployment, headers, call }: Invocation, sink: Sink): Target | null {
    const target = this.#functions?.get(deployment.organization)?.get(deployment.name)
    if (target === undefined || target === null) {
      const missing = target === undefined && this.#functions !== null
      if (missing) failAtOnce(sink, 'not-found', `the folder has no function ${deployment.name}`)
      else failAtOnce(sink, 'unreachable', `the function ${deployment.name} does not run`)
      return null
    }
    // Decides whether the URL that the function sees begins with https.
    headers.set('x-forwarded-proto', call.secure ? 'https' : 'http')
    return target
  }
}

function targetAt(origin: string | null): Target | null {
  return origin === null ? null : { origin, base: '/' }
}
