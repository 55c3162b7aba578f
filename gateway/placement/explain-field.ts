import type { CandidateExplanation, PlacementExplanation } from './explanation.ts'

/** Characters of the field at most. */
export const MOST_FIELD_CHARACTERS = 4096

/**
 * An explanation as the value of a header: JSON in ASCII, in short names and rounded. What does not fit is left out from
 * the end, the excluded first, and `cut` then says so; it is valid JSON all the same.
 *
 * @param attempts How often the call was placed.
 * @param waitedMs Milliseconds that it waited for a slot.
 */
export function explainField(explained: PlacementExplanation, attempts: number, waitedMs: number): string {
  const { burst, chosen, certain, decision, entryZone, reason } = explained
  const tiers = explained.tiers.map((tier) => ({
    place: tier.place,
    ...(tier.burst && { burst: true }),
    ...(tier.degraded && { degraded: true }),
    load: tier.load,
    health: tier.health,
    saturation: rounded(tier.saturation),
    candidates: tier.candidates.map(candidate),
  }))
  const excluded = explained.excluded.map(({ backend, name, reasons }) => ({
    at: at(backend, name),
    reasons,
  }))
  const whole: Field = {
    decision,
    at: chosen === null ? null : at(chosen.backend, chosen.name),
    attempts,
    ...(waitedMs > 0 && { waitedMs: rounded(waitedMs) }),
    reason: reason.slice(0, 512),
    ...(entryZone !== null && { zone: entryZone }),
    ...(!certain && { certain }),
    burst: burst.closed ?? burst.budgets.map(({ state, reason }) => reason ?? state),
    tiers,
    excluded,
  }
  return fitted(whole)
}

interface Field {
  readonly tiers: { candidates: unknown[] }[]
  readonly excluded: unknown[]
  cut?: boolean
  readonly [member: string]: unknown
}

function fitted(field: Field): string {
  let text = ascii(field)
  while (text.length > MOST_FIELD_CHARACTERS) {
    field.cut = true
    if (!dropLast(field))
      return ascii({ decision: field['decision'], attempts: field['attempts'], cut: true })
    text = ascii(field)
  }
  return text
}

/** Takes half of the longest-lived list away, so that many thousand candidates are gone in a few steps. */
function dropLast({ excluded, tiers }: Field): boolean {
  if (excluded.length > 0) return shorten(excluded)
  const last = tiers.at(-1)
  if (last === undefined) return false
  return last.candidates.length > 1 ? shorten(last.candidates) : shorten(tiers)
}

function shorten(list: unknown[]): true {
  list.length = Math.floor(list.length / 2)
  return true
}

function candidate(one: CandidateExplanation) {
  return {
    at: at(one.backend, one.name),
    state: one.state,
    ...(one.cold && { cold: true }),
    inFlight: one.inFlight,
    limit: one.limit,
    ms: rounded(one.costMs),
    ok: rounded(one.successShare),
    score: rounded(one.score),
    ...(one.reasons.length > 0 && { not: one.reasons }),
  }
}

function at(backend: string, name: string): string {
  return `${backend}/${name}`
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100
}

/** JSON of which every character may stand in a header. */
function ascii(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
