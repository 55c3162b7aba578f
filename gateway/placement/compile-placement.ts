import type { FunctionConfig, PlacementConfig } from '../config/schema.ts'
import { Distances, sayDistance } from '../constraints/distance.ts'
import { lacksOf, offersAll } from '../constraints/needs.ts'
import { residencyLack } from '../constraints/residency.ts'
import type { SharedCells } from '../contract/shared-cells.ts'
import type { BurstGate } from './burst-gate.ts'
import type { Deployment } from './deployment.ts'
import { type Excluded, FunctionPlacement } from './function-placement.ts'
import { MOST_TIERS } from './place.ts'
import type { Plan } from './plan.ts'
import type { Tier } from './tier.ts'
import { TierSaturation } from './tier-saturation.ts'

export interface PlacementHost {
  readonly cells: SharedCells
  /** Milliseconds since 1970 when the gateway started. */
  readonly epoch: number
  /** Gives a number from 0 below 1. */
  readonly random: () => number
}

/** Use of a tier from which on it passes calls to the next one that is no burst tier. */
const SPILL_ABOVE = 0.8

/**
 * Config ▶ FunctionPlacement: leaves out the Deployments that may never serve the Function, and puts the others into
 * tiers, once for each place where calls can come in.
 *
 * @param places All places that the configuration names.
 */
export function compilePlacement(
  fn: FunctionConfig,
  deployments: readonly Deployment[],
  placement: PlacementConfig,
  places: readonly string[],
  burst: BurstGate | null,
  host: PlacementHost,
): FunctionPlacement {
  const excluded: Excluded[] = []
  const candidates: Deployment[] = []
  for (const deployment of deployments) {
    const reasons = reasonsAgainst(deployment, fn)
    if (reasons.length === 0) candidates.push(deployment)
    else excluded.push({ deployment, reasons })
  }
  const distances = new Distances(placement.distances)
  /** Places from which the ladder looks the same share a Plan, and so what it has measured. */
  const made = new Map<string, Plan>()
  const planFrom = (place: string | null): Plan => {
    const tiers = tiersFrom(place, candidates, fn, distances)
    const key = tiers.map((tier) => tier.deployments.map(({ index }) => index).join()).join(';')
    let plan = made.get(key)
    if (plan === undefined) {
      const name = `${fn.organization}/${fn.name} ${key}`
      const above = fn.burst?.above ?? SPILL_ABOVE
      plan = { tiers, saturation: new TierSaturation(host.cells, name, tiers, above, host.epoch) }
      made.set(key, plan)
    }
    return plan
  }
  return new FunctionPlacement({
    excluded,
    plans: new Map(places.map((place) => [place, planFrom(place)])),
    home: planFrom(placement.zone),
    burst,
    prefersWarm: fn.coldStart === 'warm-peer',
    random: host.random,
  })
}

/** What keeps a Deployment from ever serving a Function; nothing that load or an outage could change. */
function reasonsAgainst({ traits }: Deployment, { needs, residency }: FunctionConfig): string[] {
  const reasons = lacksOf(traits.offers, needs)
  const outside = residencyLack(traits.zone, residency)
  if (outside !== null) reasons.push(outside)
  if (traits.drain) reasons.push('is draining')
  return reasons
}

/** Burst last; before that what is preferred, then what is near. */
function tiersFrom(
  place: string | null,
  candidates: readonly Deployment[],
  fn: FunctionConfig,
  distances: Distances,
): Tier[] {
  const ranked = candidates.map((deployment) => {
    const { burst, offers, zone } = deployment.traits
    const degraded = !offersAll(offers, fn.prefers)
    const distance = fn.locality === 'any' ? 0 : distances.between(place, zone)
    return { deployment, burst, degraded, distance }
  })
  const groups = Map.groupBy(ranked, ({ burst, degraded, distance }) => `${burst} ${degraded} ${distance}`)
  const ordered = [...groups.values()].sort(([one], [other]) => rank(one!, other!))
  if (ordered.length > MOST_TIERS) throw new Error(`${fn.name} has more than ${MOST_TIERS} tiers of backends`)
  return ordered.map((group) => {
    const { burst, degraded, distance } = group[0]!
    const where = fn.locality === 'any' ? 'anywhere' : sayDistance(distance)
    return { deployments: group.map(({ deployment }) => deployment), burst, degraded, place: where }
  })
}

interface Ranked {
  readonly burst: boolean
  readonly degraded: boolean
  readonly distance: number
}

function rank(one: Ranked, other: Ranked): number {
  if (one.burst !== other.burst) return one.burst ? 1 : -1
  if (one.degraded !== other.degraded) return one.degraded ? 1 : -1
  return one.distance < other.distance ? -1 : 1
}
