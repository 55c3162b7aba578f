import { isEligible, isForced, type Round } from './choose.ts'
import type { Deployment } from './deployment.ts'
import type { FunctionPlacement } from './function-placement.ts'
import type { Placing } from './placing.ts'
import type { Tier } from './tier.ts'

/** What `place` would do at this moment. */
export interface ExpectedChoice {
  readonly deployment: Deployment | null
  /** Nothing is chosen because what may serve the call is full, or no budget pays for it. */
  readonly busy: boolean
  /** False when chance decides between several: the likeliest is given. */
  readonly certain: boolean
}

/**
 * `place` without taking anything: the same rounds over the same tiers, and instead of chance the tier that most calls
 * are drawn to and the best score. Held to `place` by `test/gateway/placement/explain.test.ts`.
 *
 * @param loads Percent of the calls that are drawn to each tier.
 */
export function expectedChoice(
  placement: FunctionPlacement,
  placing: Placing,
  loads: Float64Array,
  now: number,
): ExpectedChoice {
  const { tiers } = placement.planFor(placing.entryZone)
  const drawn = likeliest(loads)
  const walk = new Walk(placement, placing, now)
  walk.certain = tiers.length < 2 || loads[drawn] === 100 || loads[drawn] === 0
  const along = (first: number, round: Round): Deployment | null => {
    const order = [first, ...tiers.keys().filter((i) => i !== first)]
    for (const i of order) {
      const found = tiers[i] === undefined ? null : walk.tryTier(tiers[i], round)
      if (found !== null) return found
    }
    return null
  }
  const chosen =
    (placement.prefersWarm ? along(drawn, 'warm') : null) ??
    along(drawn, 'fresh') ??
    (placing.lastTried === null ? null : along(drawn, 'again'))
  if (chosen !== null || walk.busy) return { deployment: chosen, busy: walk.busy, certain: walk.certain }
  walk.certain = tiers.length < 2
  const anyone = along(0, 'other') ?? along(0, 'any')
  return { deployment: anyone, busy: walk.busy || walk.unpaid, certain: walk.certain }
}

function likeliest(loads: Float64Array): number {
  let most = 0
  for (let i = 1; i < loads.length; i++) if (loads[i]! > loads[most]!) most = i
  return most
}

/** One way over the tiers, and what came up on it. */
class Walk {
  readonly #placement: FunctionPlacement
  readonly #placing: Placing
  readonly #now: number
  busy = false
  unpaid = false
  certain = true

  constructor(placement: FunctionPlacement, placing: Placing, now: number) {
    this.#placement = placement
    this.#placing = placing
    this.#now = now
  }

  tryTier(tier: Tier, round: Round): Deployment | null {
    if (tier.burst && !this.#placement.mayBurst(this.#placing)) return null
    const found = (round === 'fresh' ? this.#tryRound(tier, 'warm') : null) ?? this.#tryRound(tier, round)
    if (found === null || !tier.burst) return found
    const gate = this.#placement.burst!
    if (gate.refusal(found, this.#now) === null) return found
    const instead = tier.deployments.find(
      (one) =>
        gate.wouldPayInstead(one, found, this.#now) &&
        isEligible(one, round, this.#placing, this.#now) &&
        one.hasRoom(this.#now, isForced(round)),
    )
    if (instead === undefined) this.unpaid = true
    return instead ?? null
  }

  #tryRound(tier: Tier, round: Round): Deployment | null {
    const now = this.#now
    const eligible = tier.deployments.filter((one) => isEligible(one, round, this.#placing, now))
    if (eligible.length === 0) return null
    const forced = isForced(round)
    const open = eligible.filter((one) => one.hasRoom(now, forced))
    if (open.length === 0 && eligible.some((one) => forced || one.slot.health.wouldAdmit(now)))
      this.busy = true
    if (this.#placing.repeatable && !forced) {
      const probed = open.find(({ slot }) => slot.health.isComingBack)
      if (probed !== undefined) return probed
    }
    const ranked = open.sort((one, other) => one.score(now) - other.score(now))
    const [best, second] = ranked
    if (best === undefined) return null
    const isClear = second === undefined || best.score(now) < second.score(now)
    if (second !== undefined && !(eligible.length === 2 && isClear)) this.certain = false
    return best
  }
}
