import { collectDefaultMetrics, Registry } from 'prom-client'
import { burstMetrics } from './burst-metrics.ts'
import { callMetrics } from './call-metrics.ts'
import { RESOLUTION_MS } from './event-loop-lag.ts'
import { gatewayMetrics, threadMetrics } from './gateway-metrics.ts'
import type { GatewayStatus } from './gateway-status.ts'
import { kongMetrics } from './kong-metrics.ts'
import { registerRead } from './metric.ts'
import type { SeriesReader } from './series-reader.ts'

export interface ExpositionSources {
  /** The numbers of the configuration that serves now. Asked once for each page, like the status. */
  series(): SeriesReader
  status(): GatewayStatus
  /** Label of each thread that counts, by its index. */
  readonly threads: readonly string[]
  /** Deployments, and burst budgets, with labels of their own: `gateway.metrics.routes`. */
  readonly mostDeployments: number
}

/** The page of `/metrics`, made on the main thread at each scrape from what the threads left in shared memory. */
export class Exposition {
  readonly #registry = new Registry()
  readonly #sources: ExpositionSources
  /** Taken once for a page: all its numbers speak of one configuration. */
  #series: SeriesReader
  #status: GatewayStatus

  constructor(sources: ExpositionSources) {
    this.#sources = sources
    this.#series = sources.series()
    this.#status = sources.status()
    for (const metric of [
      ...callMetrics(() => this.#series),
      ...threadMetrics(() => this.#series, sources.threads),
      ...gatewayMetrics(() => this.#status, sources.mostDeployments),
      ...burstMetrics(() => this.#status.burst, sources.mostDeployments),
      ...kongMetrics(() => this.#status.kong),
    ]) {
      registerRead(this.#registry, metric)
    }
    // Each look at the loop wakes the main thread, on behalf of nobody: by default a hundred times a second.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: RESOLUTION_MS })
  }

  async page(): Promise<{ contentType: string; text: string }> {
    this.#series = this.#sources.series()
    this.#status = this.#sources.status()
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() }
  }
}
