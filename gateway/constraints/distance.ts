import { isSameRegion, isSameZone, regionOf } from './zone.ts'

/** Two regions or zones and how far apart they are. */
export interface DeclaredDistance {
  readonly between: readonly [string, string]
  /** Positive. */
  readonly distance: number
}

/** Distances sort: what is nearer is less. Declared ones stand between these, in their own unit. */
export const SAME_ZONE = -1
export const SAME_REGION = 0
export const ELSEWHERE = Number.POSITIVE_INFINITY

/** How far it is between any two places, by what was declared. */
export class Distances {
  readonly #declared = new Map<string, number>()

  /** @param declared Holds in both directions; of a pair that stands there twice the last counts. */
  constructor(declared: readonly DeclaredDistance[]) {
    for (const { between, distance } of declared) this.#declared.set(pairOf(between[0], between[1]), distance)
  }

  /**
   * SAME_ZONE, SAME_REGION, a declared distance or ELSEWHERE. What was declared for the zones counts more than for
   * their regions; between a zone and a region the lesser of both ways counts.
   *
   * @param from Null when unknown: everything is elsewhere.
   */
  between(from: string | null, to: string | null): number {
    if (from === null || to === null) return ELSEWHERE
    if (isSameZone(from, to)) return SAME_ZONE
    if (isSameRegion(from, to)) return SAME_REGION
    const exact = this.#of(from, to)
    if (exact !== ELSEWHERE) return exact
    const half = Math.min(this.#of(from, regionOf(to)), this.#of(regionOf(from), to))
    return half === ELSEWHERE ? this.#of(regionOf(from), regionOf(to)) : half
  }

  #of(one: string, other: string): number {
    return this.#declared.get(pairOf(one, other)) ?? ELSEWHERE
  }
}

/** A pair of places as one text, the same in both directions. */
export function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`
}

/** A distance for people: `same zone`, `distance 20`. */
export function sayDistance(distance: number): string {
  if (distance === SAME_ZONE) return 'same zone'
  if (distance === SAME_REGION) return 'same region'
  return distance === ELSEWHERE ? 'elsewhere' : `distance ${distance}`
}
