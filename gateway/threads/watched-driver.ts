import { AsyncLocalStorage } from 'node:async_hooks'
import type { DeploymentFacts, DriverDefinition, Invocation, Invoker } from '../contract/driver.ts'
import type { Sink, UpgradeSink } from '../contract/sink.ts'
import { describe } from '../transport/upstream-failure.ts'

/** The attempt in whose course code of a driver runs. */
const running = new AsyncLocalStorage<Sink>()

/**
 * A driver from outside, so that an error which it lets escape in a timer or a promise ends its attempt at once instead
 * of at the deadline. The project's own drivers are not watched: it costs 0.4 µs a call and keeps the first attempt of
 * each connection in memory.
 */
export function watchedDriver(driver: DriverDefinition): DriverDefinition {
  return {
    kind: driver.kind,
    status: driver.status,
    description: driver.description,
    options: driver.options,
    capabilities: driver.capabilities,
    invoker: (options, host) => new WatchedInvoker(driver.invoker(options, host)),
    ...(driver.operator !== undefined && { operator: (options, host) => driver.operator!(options, host) }),
  }
}

/** Ends the attempt whose driver let an error escape; does nothing for errors of others. */
export function failEscaped(error: unknown): void {
  running.getStore()?.fail('driver-error', describe(error))
}

class WatchedInvoker implements Invoker {
  readonly upgrade: Invoker['upgrade']
  readonly #invoker: Invoker

  constructor(invoker: Invoker) {
    this.#invoker = invoker
    this.upgrade =
      invoker.upgrade === undefined
        ? undefined
        : (invocation, sink) => this.#run(upgradeWith, invocation, sink)
  }

  check(deployment: DeploymentFacts): void {
    this.#invoker.check?.(deployment)
  }

  invoke(invocation: Invocation, sink: Sink): void {
    this.#run(invokeWith, invocation, sink)
  }

  #run<Kind extends Sink>(start: Start<Kind>, invocation: Invocation, sink: Kind): void {
    const result = running.run(sink, start, this.#invoker, invocation, sink)
    if (result instanceof Promise)
      result.catch((error: unknown) => sink.fail('driver-error', describe(error)))
  }

  update(facts: unknown): void {
    this.#invoker.update?.(facts)
  }

  close(): Promise<void> {
    return this.#invoker.close()
  }
}

type Start<Kind extends Sink> = (invoker: Invoker, invocation: Invocation, sink: Kind) => unknown

/** What a driver returns is nothing, or the promise of one that was written with `async`. */
function invokeWith(invoker: Invoker, invocation: Invocation, sink: Sink): unknown {
  const result: unknown = invoker.invoke(invocation, sink)
  return result
}

function upgradeWith(invoker: Invoker, invocation: Invocation, sink: UpgradeSink): unknown {
  const result: unknown = invoker.upgrade!(invocation, sink)
  return result
}
