import type { SharedCells } from '../contract/shared-cells.ts'
import { healthOf, saturationOf } from './spill.ts'
import type { Tier } from './tier.ts'

/** Milliseconds between two measurements. */
const TICK_MS = 100
/** A clock that is so many milliseconds behind the next measurement was set back. */
const SET_BACK_MS = 10 * TICK_MS
/** Time constant in milliseconds over which the use of a tier is averaged. */
const USE_TAU_MS = 1000
/**
 * Time constants in milliseconds of the saturation. A call never waits for it: one that finds a tier full goes on to the
 * next at once. Slower than the loop it closes (a stable one needs tick/τ < 2/(1 + 7 × demand)), and slower upwards: one that
 * rises faster than it falls follows the noise of small tiers upwards and leaves them idle. Simulated steps to 2 to 20 times
 * the capacity (of 5 to 100 calls of 20 ms to 10 s) use the tier as much as with 10 s both ways, or up to 1 % more, and it
 * has all its calls back 3 s after the step instead of 7 s. Less than that downwards gains nothing.
 */
const RISE_TAU_MS = 10_000
const FALL_TAU_MS = 3000

const NEXT_TICK = 0
const HEAD_WORDS = 2
/** Of each tier: average use and damped saturation, as 64-bit floats. */
const FLOATS_PER_TIER = 2

/**
 * How much of its load each tier of a Plan passes on, damped, and the same for all threads: whoever places the first
 * call after a tick measures for all. Several threads may write at once when a clock is slow; the later one wins.
 */
export class TierSaturation {
  readonly #cells: Int32Array
  readonly #floats: Float64Array
  readonly #tiers: readonly Tier[]
  readonly #above: number
  readonly #epoch: number

  /**
   * @param key Names the Plan among all of the process.
   * @param above Use at which a tier begins to pass calls on, 0 to 1.
   * @param epoch Milliseconds since 1970 when the gateway started; the same on every thread.
   */
  constructor(cells: SharedCells, key: string, tiers: readonly Tier[], above: number, epoch: number) {
    this.#cells = cells.claim(`tiers:${key}`, HEAD_WORDS + 2 * FLOATS_PER_TIER * tiers.length)
    const { buffer, byteOffset } = this.#cells
    this.#floats = new Float64Array(buffer, byteOffset + 4 * HEAD_WORDS, FLOATS_PER_TIER * tiers.length)
    this.#tiers = tiers
    this.#above = above
    this.#epoch = epoch
  }

  /** Damped saturation of a tier, 0 to 1. */
  of(tier: number): number {
    return this.#floats[FLOATS_PER_TIER * tier + 1]!
  }

  /** Percent of all calls that the tier could take now. */
  healthOf(tier: number, now: number): number {
    return healthOf(availableShare(this.#tiers[tier]!, now), this.of(tier))
  }

  /** Measures again when it is time. @param now Milliseconds since 1970. */
  tick(now: number): void {
    const sinceStart = now - this.#epoch
    const due = this.#cells[NEXT_TICK]! * TICK_MS
    const isSetBack = due - sinceStart > SET_BACK_MS
    if (sinceStart < due && !isSetBack) return
    const next = Math.floor(sinceStart / TICK_MS) + 1
    if (Atomics.compareExchange(this.#cells, NEXT_TICK, due / TICK_MS, next) !== due / TICK_MS) return
    this.#measure(isSetBack ? TICK_MS : TICK_MS + sinceStart - due, now)
  }

  #measure(elapsedMs: number, now: number): void {
    const averaging = 1 - Math.exp(-elapsedMs / USE_TAU_MS)
    const rise = 1 - Math.exp(-elapsedMs / RISE_TAU_MS)
    const fall = 1 - Math.exp(-elapsedMs / FALL_TAU_MS)
    const floats = this.#floats
    for (let i = 0; i < this.#tiers.length; i++) {
      const at = FLOATS_PER_TIER * i
      floats[at]! += (useOf(this.#tiers[i]!, now) - floats[at]!) * averaging
      const target = saturationOf(floats[at]!, this.#above)
      const change = target - floats[at + 1]!
      floats[at + 1]! += change * (change > 0 ? rise : fall)
    }
  }
}

/** Healthy Deployments of a tier as a share of all, 0 to 1. */
function availableShare({ deployments }: Tier, now: number): number {
  let available = 0
  for (let i = 0; i < deployments.length; i++) if (deployments[i]!.isHealthy(now)) available++
  return available / deployments.length
}

/** Calls in flight as a share of what the healthy Deployments of a tier can take together; 0 when one has no limit. */
export function useOf({ deployments }: Tier, now: number): number {
  let used = 0
  let capacity = 0
  for (let i = 0; i < deployments.length; i++) {
    const deployment = deployments[i]!
    if (!deployment.isHealthy(now)) continue
    const most = deployment.capacity
    if (most === Number.POSITIVE_INFINITY) return 0
    used += deployment.use(now) * most
    capacity += most
  }
  return capacity === 0 ? 0 : used / capacity
}
