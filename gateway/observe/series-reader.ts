import type { Config } from '../config/schema.ts'
import type { ErrorCode } from '../contract/errors.ts'
import { HANDOVER_REASONS, type HandoverReason } from '../contract/handover-reason.ts'
import type { CallOutcome } from '../contract/outcome.ts'
import type { SharedCells } from '../contract/shared-cells.ts'
import { WEB_SOCKET_ENDS, type WebSocketEnd } from '../contract/web-socket.ts'
import { CALL_OUTCOMES, STATUS_CLASSES } from './call-outcomes.ts'
import { type HistogramReading, readHistogram } from './histogram.ts'
import { labelRoutes, NO_ROUTE } from './series.ts'
import {
  BACKEND_BLOCK,
  type BlockLayout,
  backendKey,
  CODES,
  COUNTS_BLOCK,
  type Counter,
  claimBlocks,
  countsKey,
  type Gauge,
  type Phase,
  ROUTE_BLOCK,
  routeKey,
  THREAD_BLOCK,
  threadKey,
} from './series-blocks.ts'

/** Every label that the routes of a configuration have, with the one of calls that no route takes. */
export function labelledRoutes(config: Pick<Config, 'gateway' | 'functions' | 'routes'>): LabelledRoute[] {
  const backends = new Map(
    config.functions.map((fn) => [
      `${fn.organization}/${fn.name}`,
      fn.deployments.map(({ backend }) => backend),
    ]),
  )
  const labels = labelRoutes(
    config.routes.map(({ name }) => name),
    config.gateway.metrics.routes,
  )
  const routes = config.routes.map(({ organization, functionName }, i) => ({
    label: labels[i]!,
    backends: backends.get(`${organization}/${functionName}`) ?? [],
  }))
  return [...routes, { label: NO_ROUTE, backends: [] }]
}

/** A label of routes and the backends that may serve them. Several entries may have one label. */
export interface LabelledRoute {
  readonly label: string
  readonly backends: readonly string[]
}

export interface RequestCount {
  readonly backend: string
  readonly outcome: CallOutcome
  /** Class of the status, like `2xx`. */
  readonly status: string
  readonly count: number
}

export interface RouteReading {
  readonly duration: HistogramReading
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface BackendReading {
  /** Attempts, from their start to the head of the answer or the failure. */
  readonly duration: HistogramReading
  readonly attempts: ReadonlyMap<CallOutcome, number>
}

/** Label of calls that no backend served; not a name that a backend can have. */
export const NO_BACKEND = '-'

/**
 * The numbers of one configuration, summed over the threads. Made on the main thread when the configuration is
 * compiled: making it allocates the memory in which the threads count.
 */
export class SeriesReader {
  readonly #blocks = new Map<string, readonly Float64Array[]>()
  readonly #routes = new Map<string, Set<string>>()
  readonly #backends = new Set<string>()

  /** @param threads Number of data-plane threads. */
  constructor(cells: SharedCells, threads: number, routes: readonly LabelledRoute[]) {
    const claim = (key: string, layout: BlockLayout) => {
      if (!this.#blocks.has(key)) this.#blocks.set(key, claimBlocks(cells, key, layout, threads))
    }
    claim(threadKey, THREAD_BLOCK)
    for (const { label, backends } of routes) {
      claim(routeKey(label), ROUTE_BLOCK)
      const served = this.#routes.get(label) ?? new Set()
      this.#routes.set(label, served)
      for (const backend of backends) {
        claim(countsKey(backend, label), COUNTS_BLOCK)
        claim(backendKey(backend), BACKEND_BLOCK)
        served.add(backend)
        this.#backends.add(backend)
      }
    }
  }

  /** Labels of routes, each once. */
  get routes(): readonly string[] {
    return [...this.#routes.keys()]
  }

  get backends(): readonly string[] {
    return [...this.#backends]
  }

  route(label: string): RouteReading {
    const numbers = this.#sum(routeKey(label))
    return {
      duration: readHistogram(numbers, ROUTE_BLOCK.duration),
      bytesIn: numbers[ROUTE_BLOCK.bytesIn]!,
      bytesOut: numbers[ROUTE_BLOCK.bytesOut]!,
    }
  }

  /** Calls of a route; combinations that never occurred are left out. */
  requests(label: string): readonly RequestCount[] {
    const requests = requestCounts(NO_BACKEND, this.#sum(routeKey(label)), ROUTE_BLOCK.counts)
    for (const backend of this.#routes.get(label) ?? []) {
      requests.push(...requestCounts(backend, this.#sum(countsKey(backend, label)), 0))
    }
    return requests
  }

  backend(name: string): BackendReading {
    const numbers = this.#sum(backendKey(name))
    const attempts = CALL_OUTCOMES.map(
      (outcome, i) => [outcome, numbers[BACKEND_BLOCK.outcomes + i]!] as const,
    )
    return {
      duration: readHistogram(numbers, BACKEND_BLOCK.duration),
      attempts: new Map(attempts.filter(([, count]) => count > 0)),
    }
  }

  phase(phase: Phase): HistogramReading {
    return readHistogram(this.#sum(threadKey), THREAD_BLOCK.phase[phase])
  }

  counter(counter: Counter): number {
    return this.#sum(threadKey)[THREAD_BLOCK.counter[counter]]!
  }

  /** Problem documents by code; codes that were never given are left out. */
  refusals(): ReadonlyMap<ErrorCode, number> {
    const numbers = this.#sum(threadKey)
    const counts = CODES.map((code) => [code, numbers[THREAD_BLOCK.refused[code]]!] as const)
    return new Map(counts.filter(([, count]) => count > 0))
  }

  /** WebSockets that ended, by what ended them; ends that never came are left out. */
  webSocketEnds(): ReadonlyMap<WebSocketEnd, number> {
    const numbers = this.#sum(threadKey)
    const counts = WEB_SOCKET_ENDS.map((end) => [end, numbers[THREAD_BLOCK.webSocketEnd[end]]!] as const)
    return new Map(counts.filter(([, count]) => count > 0))
  }

  /** Connections that the express lane left to the standard lane, by reason, those that never came up too. */
  handovers(): ReadonlyMap<HandoverReason, number> {
    const numbers = this.#sum(threadKey)
    return new Map(HANDOVER_REASONS.map((reason) => [reason, numbers[THREAD_BLOCK.handover[reason]]!]))
  }

  /** A gauge of each thread, by index. */
  gauges(gauge: Gauge): readonly number[] {
    return this.#blocks.get(threadKey)!.map((block) => block[THREAD_BLOCK.gauge[gauge]]!)
  }

  #sum(key: string): Float64Array {
    const blocks = this.#blocks.get(key)
    if (blocks === undefined) throw new RangeError(`nothing is counted under ${key}`)
    const sum = new Float64Array(blocks[0]!.length)
    for (const block of blocks) for (let i = 0; i < sum.length; i++) sum[i]! += block[i]!
    return sum
  }
}

function requestCounts(backend: string, numbers: Float64Array, base: number): RequestCount[] {
  const found: RequestCount[] = []
  CALL_OUTCOMES.forEach((outcome, i) => {
    STATUS_CLASSES.forEach((status, j) => {
      const count = numbers[base + i * STATUS_CLASSES.length + j]!
      if (count > 0) found.push({ backend, outcome, status, count })
    })
  })
  return found
}
