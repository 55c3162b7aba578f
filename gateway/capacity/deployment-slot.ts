import type { SharedCells } from '../contract/shared-cells.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'
import { CallPace } from './call-pace.ts'
import { type Admission, DeploymentHealth, REFUSED } from './deployment-health.ts'
import { HeldCount } from './held-count.ts'
import { LatencyEstimate } from './latency-estimate.ts'

/** Calls at once of one Deployment: as many as declared, as many as it turns out to bear, or any number. */
export type DeclaredLimit = number | 'adaptive' | 'unlimited'

/**
 * What all threads know of one Deployment: calls in flight, health, latency, how many calls it bears at once, and the pace
 * that its platform asks for.
 */
export class DeploymentSlot {
  readonly calls: HeldCount
  readonly health: DeploymentHealth
  readonly latency: LatencyEstimate
  /** Null where the limit is declared, or there is none. */
  readonly adaptive: AdaptiveLimit | null
  readonly pace: CallPace
  readonly #declared: number

  /**
   * @param threads Number of threads that may call.
   * @param thread Index of this one.
   * @param epoch Milliseconds since 1970 when the gateway started; the same on every thread.
   */
  constructor(
    cells: SharedCells,
    key: string,
    threads: number,
    thread: number,
    epoch: number,
    limit: DeclaredLimit = 'unlimited',
  ) {
    this.calls = new HeldCount(cells, `deployment:${key}`, threads, thread)
    this.health = new DeploymentHealth(cells, key, epoch)
    this.latency = new LatencyEstimate(cells, key)
    this.adaptive = limit === 'adaptive' ? new AdaptiveLimit(cells, key, epoch) : null
    this.pace = new CallPace(cells, key, threads, epoch)
    this.#declared = typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
  }

  get inFlight(): number {
    return this.calls.value
  }

  /** Calls at once that it bears now; infinite without a limit. */
  get limit(): number {
    return this.adaptive === null ? this.#declared : this.adaptive.current
  }

  /**
   * Takes a place where health, limit and pace allow it. Each but `REFUSED` is paired with one `release`, and is what
   * `health.failed` and `health.probeOver` ask for.
   */
  tryAcquire(now: number): Admission {
    const admission = this.health.admit(now)
    if (admission === REFUSED) return REFUSED
    if (this.tryAcquireAnyway(now)) return admission
    this.health.probeOver(admission, now)
    return REFUSED
  }

  /** Takes a place whatever its health, for when no Deployment is healthy; limit and pace hold. */
  tryAcquireAnyway(now: number): boolean {
    if (!this.calls.tryAcquire(this.limit)) return false
    if (this.pace.tryTake(now)) return true
    this.calls.release()
    return false
  }

  /** Gives a place back whose call is not sent, in the place of `release`. */
  cancel(admission: Admission, now: number): void {
    this.pace.giveBack()
    this.calls.release()
    this.health.probeOver(admission, now)
  }

  /** Exactly once for each place taken. */
  release(): void {
    this.calls.release()
  }

  /** @param now Milliseconds since 1970. */
  isHealthy(now: number): boolean {
    return this.health.isHealthy(now)
  }
}
