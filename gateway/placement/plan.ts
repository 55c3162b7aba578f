import type { Tier } from './tier.ts'
import type { TierSaturation } from './tier-saturation.ts'

/** The ladder of tiers for the calls of one Function that come in at one place: the best first, burst last. */
export interface Plan {
  /** Never with an empty tier; without any when no Deployment may serve the Function. */
  readonly tiers: readonly Tier[]
  readonly saturation: TierSaturation
}
