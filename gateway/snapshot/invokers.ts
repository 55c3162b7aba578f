import type { BackendConfig } from '../config/schema.ts'
import type { DriverDefinition, Invoker } from '../contract/driver.ts'
import type { Log } from '../contract/plugin.ts'
import type { Transport } from '../contract/transport.ts'
import type { OpenTransport } from '../transport/open-transport.ts'

interface Held {
  readonly invoker: Invoker
  readonly close: () => void
  users: number
}

/**
 * The invokers of a thread. One is kept over reloads as long as its Backend stays the same, and its connections with
 * it; it closes when the last Snapshot that uses it is gone.
 */
export class Invokers {
  readonly #held = new Map<string, Held>()
  /** What operators announced last, by name of the Backend. */
  readonly #facts = new Map<string, unknown>()
  readonly #open: OpenTransport
  readonly #log: Log

  constructor(open: OpenTransport, log: Log) {
    this.#open = open
    this.#log = log
  }

  /** The invoker of a Backend; every `acquire` is paired with one `release`. */
  acquire(driver: DriverDefinition, backend: BackendConfig): Invoker {
    const key = keyOf(backend)
    let held = this.#held.get(key)
    if (held === undefined) {
      held = this.#create(driver, backend)
      this.#held.set(key, held)
    }
    held.users++
    return held.invoker
  }

  release(backend: BackendConfig): void {
    const key = keyOf(backend)
    const held = this.#held.get(key)
    if (held === undefined || --held.users > 0) return
    this.#held.delete(key)
    held.close()
  }

  /** Hands on what the operator of a Backend announced. */
  announce(backend: string, facts: unknown): void {
    this.#facts.set(backend, facts)
    for (const [key, { invoker }] of this.#held) {
      if ((JSON.parse(key) as [string])[0] === backend) this.#update(backend, invoker, facts)
    }
  }

  #create(driver: DriverDefinition, backend: BackendConfig): Held {
    const transports: Transport[] = []
    const invoker = driver.invoker(backend.options, {
      backend: backend.name,
      log: this.#log,
      transport: (options = {}) => {
        const transport = this.#open(options)
        transports.push(transport)
        return transport
      },
    })
    if (this.#facts.has(backend.name)) this.#update(backend.name, invoker, this.#facts.get(backend.name))
    const close = async (): Promise<void> => {
      await invoker.close()
      await Promise.all(transports.map((transport) => transport.close()))
    }
    const failed = (error: unknown) =>
      this.#log.error({ backend: backend.name, err: error }, 'closing an invoker failed')
    return { invoker, users: 0, close: () => void close().catch(failed) }
  }

  #update(backend: string, invoker: Invoker, facts: unknown): void {
    try {
      invoker.update?.(facts)
    } catch (error) {
      this.#log.error({ backend, err: error }, 'an invoker did not take what its operator announced')
    }
  }
}

function keyOf({ name, driver, options }: BackendConfig): string {
  return JSON.stringify([name, driver, options])
}
