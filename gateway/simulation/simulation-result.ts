/** What became of a load on one configuration. Times are milliseconds, money is in the currency of the configuration. */
export interface SimulationResult {
  /** Of the configuration. */
  readonly file: string
  readonly seed: number
  /** How long calls came in. */
  readonly lengthMs: number
  readonly calls: {
    readonly arrived: number
    /** Answered by a function, whatever status it chose. */
    readonly served: number
    /** Of these, with a status of 500 and above. */
    readonly errors: number
    /** 503 for want of room, by reason. */
    readonly refused: Readonly<Record<string, number>>
    /** 502 and 504, by the outcome of the last attempt. */
    readonly failed: Readonly<Record<string, number>>
    /** Attempts after the first. */
    readonly retries: number
    /** Calls that waited for a slot. */
    readonly waited: number
  }
  /** From arrival to answer, of those that were served. */
  readonly latencyMs: LatencyResult
  /** Of those that waited. */
  readonly waitMs: LatencyResult
  readonly money: number
  readonly backends: readonly BackendResult[]
  /** What the gateway would have logged, and when: ejections, budgets. */
  readonly notes: readonly SimulationNote[]
  readonly series: SimulationSeries
}

export interface LatencyResult {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

export interface BackendResult {
  readonly name: string
  readonly burst: boolean
  /** Calls at once that it can take, declared or true, whichever is less; null for any number. */
  readonly capacity: number | null
  readonly attempts: number
  readonly served: number
  /** Of all calls that were served. */
  readonly share: number
  /** Attempts by the step of the ladder that it was for them. */
  readonly tiers: Readonly<Record<string, number>>
  readonly failures: Readonly<Record<string, number>>
  readonly latencyMs: LatencyResult
  readonly inFlight: { readonly mean: number; readonly peak: number }
  readonly money: number
}

export interface SimulationNote {
  readonly atMs: number
  readonly text: string
}

/** One number for each step of time. */
export interface SimulationSeries {
  readonly stepMs: number
  readonly arrivals: readonly number[]
  readonly served: readonly number[]
  /** Refused and failed. */
  readonly refused: readonly number[]
  /** By backend, on average. */
  readonly inFlight: Readonly<Record<string, readonly number[]>>
}
