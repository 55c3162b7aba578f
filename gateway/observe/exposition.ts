import { collectDefaultMetrics, Registry } from 'prom-client'
import { callMetrics } from './call-metrics.ts'
import { gatewayMetrics, threadMetrics } from './gateway-metrics.ts'
import type { GatewayStatus } from './gateway-status.ts'
import { registerRead } from './metric.ts'
import type { SeriesReader } from './series-reader.ts'

export interface ExpositionSources {
  /** The numbers of the configuration that serves now. */
  series(): SeriesReader
  status(): GatewayStatus
  /** Label of each thread that counts, by its index. */
  readonly threads: readonly string[]
  /** Deployments with labels of their own: `gateway.metrics.routes`. */
  readonly mostDeployments: number
}

/** The page of `/metrics`, made on the main thread at each scrape from what the threads left in shared memory. */
export class Exposition {
  readonly #registry = new Registry()

  constructor(sources: ExpositionSources) {
    const series = () => sources.series()
    for (const metric of [
      ...callMetrics(series),
      ...threadMetrics(series, sources.threads),
      ...gatewayMetrics(() => sources.status(), sources.mostDeployments),
    ]) {
      registerRead(this.#registry, metric)
    }
    collectDefaultMetrics({ register: this.#registry })
  }

  async page(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() }
  }
}
