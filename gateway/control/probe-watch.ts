import type { ProbeResult } from '../contract/driver.ts'
import type { Gateway } from './gateway.ts'

const EVERY_MS = 10_000

/** Asks every platform now and then whether it is there, for the status and the metrics. */
export class ProbeWatch {
  readonly results = new Map<string, ProbeResult | null>()
  readonly #gateway: Gateway
  readonly #timer: NodeJS.Timeout

  constructor(gateway: Gateway) {
    this.#gateway = gateway
    this.#timer = setInterval(() => void this.#probe(), EVERY_MS).unref()
    void this.#probe()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #probe(): Promise<void> {
    const { config, operators } = this.#gateway
    const names = config.backends.map(({ name }) => name)
    await Promise.all(
      names.map(async (name) => {
        this.results.set(name, await operators.probe(name))
      }),
    )
    for (const name of this.results.keys()) if (!names.includes(name)) this.results.delete(name)
  }
}
