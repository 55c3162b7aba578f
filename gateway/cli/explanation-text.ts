import type { PlacementAnswer } from '../management/host.ts'
import type { CandidateExplanation, TierExplanation } from '../placement/explanation.ts'
import { BURST_HEADS, burstRow, functionTitle, outOf } from './burst-row.ts'
import { printable } from './printable.ts'
import { section } from './table.ts'

/**
 * A placement on one screen: the decision, then what it was taken on.
 *
 * @param zone Where the call was said to come in; null when nobody said.
 */
export function explanationText(answer: PlacementAnswer, zone: string | null): string {
  const { organization, functionName, tiers, excluded, burst, routes, chosen } = answer
  const isChosen = ({ backend, name }: CandidateExplanation) =>
    chosen !== null && backend === chosen.backend && name === chosen.name
  const candidates = tiers.flatMap((tier, i) =>
    tier.candidates.map((one) => candidateRow(one, i + 1, isChosen(one))),
  )
  return [
    `${printable(functionTitle(organization, functionName))}, ${entry(answer.entryZone, zone)}\n`,
    `${printable(answer.reason)}\n`,
    section(
      ['TIER', 'PLACE', 'LOAD', 'COULD TAKE', 'USED', 'SATURATION'],
      tiers.map((tier, i) => tierRow(tier, i + 1)),
    ),
    section(
      ['TIER', 'BACKEND', 'NAME THERE', 'STATE', 'IN FLIGHT', 'OF ALL', 'COST', 'SUCCESS', 'SCORE', ''],
      candidates,
    ),
    section(
      ['NEVER', 'NAME THERE', 'BECAUSE IT'],
      excluded.map(({ backend, name, reasons }) => [backend, name, reasons.join(', ')]),
    ),
    burst.budgets.length > 0 && burst.closed !== null ? `\nNo bursting: ${printable(burst.closed)}.\n` : '',
    section(BURST_HEADS, burst.budgets.map(burstRow)),
    section(
      ['ROUTE', 'THE CALLER'],
      routes.map(({ route, refusal }) => [route, refusal === null ? 'may call it' : `may not: ${refusal}`]),
    ),
  ].join('')
}

function entry(resolved: string | null, asked: string | null): string {
  if (resolved === null && asked === null) return 'called where the gateway is'
  if (resolved === null) return `called in ${printable(asked!)}, which counts as where the gateway is`
  const as = asked === null || asked === resolved ? '' : `, which counts as ${resolved}`
  return `called in ${printable(asked ?? resolved)}${as}`
}

function tierRow(tier: TierExplanation, number: number): string[] {
  const marks = [tier.burst ? 'burst' : '', tier.degraded ? 'degraded' : ''].filter((mark) => mark !== '')
  return [
    String(number),
    [tier.place, ...marks].join(', '),
    `${tier.load} %`,
    `${tier.health} %`,
    percent(tier.use),
    percent(tier.saturation),
  ]
}

function candidateRow(one: CandidateExplanation, tier: number, chosen: boolean): string[] {
  const notes = [...(chosen ? ['chosen'] : []), ...one.reasons]
  return [
    String(tier),
    one.backend,
    one.name,
    `${one.state.replaceAll('-', ' ')}${one.cold ? ', cold' : ''}`,
    outOf(one.inFlight, one.limit),
    outOf(one.backendInFlight, one.backendLimit),
    `${digits(one.costMs)} ms`,
    percent(one.successShare),
    String(digits(one.score)),
    notes.join('; '),
  ]
}

/** Three digits that count, and whole numbers whole. */
function digits(number: number): number {
  return number >= 100 ? Math.round(number) : Number(number.toPrecision(3))
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
