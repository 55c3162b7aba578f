import { BACKEND_FULL, FULL, PACED } from './candidate-reasons.ts'
import type { CandidateExplanation, PlacementExplanation, TierExplanation } from './explanation.ts'

/** The decision and its reason, for people: one sentence. */
export function sayDecision(explained: PlacementExplanation): string {
  switch (explained.decision) {
    case 'placed':
      return sayPlaced(explained)
    case 'busy':
      return `Refused with 503, as there is no room: ${sayBusy(explained)}.`
    case 'nobody':
      return `Refused with 503, as nobody may serve it: ${sayNobody(explained)}.`
  }
}

function sayPlaced({ tiers, chosen, certain }: PlacementExplanation): string {
  const is = ({ backend, name }: CandidateExplanation) => backend === chosen!.backend && name === chosen!.name
  const at = tiers.findIndex(({ candidates }) => candidates.some(is))
  const tier = tiers[at]
  if (tier === undefined) return `Goes to ${chosen!.backend}.`
  const open = tier.candidates.filter(({ reasons }) => reasons.length === 0)
  const candidate = tier.candidates.find(is)!
  const parts = [`${certain ? 'Goes' : 'Most likely goes'} to ${chosen!.backend}, ${sayPlace(tier)}`]
  if (candidate.reasons.length > 0) parts.push(`although it ${list(candidate.reasons)}`)
  else if (open.length > 1)
    parts.push(`with the ${isBest(candidate, open) ? 'least' : 'lesser'} score of ${open.length}`)
  if (at > 0) parts.push(`because ${sayBefore(tiers.slice(0, at))}`)
  if (tier.degraded) parts.push('without all that the function prefers')
  return `${parts.join(', ')}.`
}

function isBest(one: CandidateExplanation, open: readonly CandidateExplanation[]): boolean {
  return open.every(({ score }) => one.score <= score)
}

function sayPlace({ burst, place }: TierExplanation): string {
  if (burst) return 'a burst backend'
  return place.startsWith('same') ? `in the ${place}` : place
}

/** What becomes of the tiers that calls are to go to first. */
function sayBefore(tiers: readonly TierExplanation[]): string {
  const candidates = tiers.flatMap((tier) => tier.candidates)
  const open = candidates.filter(({ reasons }) => reasons.length === 0)
  const before = tiers.length === 1 ? 'the tier before it' : 'the tiers before it'
  const many = tiers.length > 1
  if (open.length > 0) {
    const left = tiers.reduce((sum, { load }) => sum - load, 100)
    return `${before} ${many ? 'pass' : 'passes'} ${left} % of the calls on`
  }
  if (candidates.every(isFull)) return `${before} ${many ? 'are' : 'is'} full`
  return `nothing of ${before} can take it: ${sayEach(candidates)}`
}

function sayBusy({ tiers }: PlacementExplanation): string {
  return sayEach(tiers.flatMap(({ candidates }) => candidates))
}

function sayNobody({ tiers, excluded }: PlacementExplanation): string {
  const candidates = tiers.flatMap((tier) => tier.candidates)
  const all = [...candidates, ...excluded]
  return all.length === 0 ? 'the function has no deployment' : sayEach(all)
}

/** Longer lists are for the table. */
const FULLNESS: ReadonlySet<string> = new Set([FULL, PACED, BACKEND_FULL])
const MOST_NAMED = 4

function sayEach(all: readonly { readonly backend: string; readonly reasons: readonly string[] }[]): string {
  const said = all.slice(0, MOST_NAMED).map(({ backend, reasons }) => `${backend} ${list(reasons)}`)
  const rest = all.length - said.length
  return rest === 0 ? said.join('; ') : `${said.join('; ')}; and ${rest} more`
}

function list(reasons: readonly string[]): string {
  return reasons.length === 0 ? 'may serve it' : reasons.join(', ')
}

function isFull({ reasons }: CandidateExplanation): boolean {
  return reasons.length > 0 && reasons.every((reason) => FULLNESS.has(reason))
}
