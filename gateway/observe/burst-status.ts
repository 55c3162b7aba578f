import type { BurstReading, BurstReason } from '../capacity/burst-budget.ts'
import { WARNING_SHARE } from '../capacity/burst-budget.ts'
import { NANO } from '../capacity/call-price.ts'

/** A burst budget as operators see it. Money in the currency of the configuration. */
export interface BurstStatus {
  readonly organization: string
  /** Null for what all functions of the organization may use together. */
  readonly functionName: string | null
  /** Calls at once; its limit is null for none, as are the others. */
  readonly inFlight: number
  readonly mostInFlight: number | null
  /** Calls begun in the last second. */
  readonly rate: number
  readonly mostRate: number | null
  /** Paid in the last hour, and what running calls may cost at most: both count against the limit. */
  readonly spent: number
  readonly reserved: number
  readonly mostMoney: number | null
  /** Of the money that is paid or reserved; may pass 1 by answers that stream on. 0 without a limit. */
  readonly share: number
  /** `refusing`: the latest call that asked within a minute was refused, for `reason`. */
  readonly state: 'open' | 'nearly-used-up' | 'refusing'
  readonly reason: BurstReason | null
  /** Since the gateway started. */
  readonly total: {
    readonly calls: number
    readonly spent: number
    readonly refused: Readonly<Record<BurstReason, number>>
  }
}

export function burstStatus(reading: BurstReading): BurstStatus {
  const { owner, limits, refusing, moneyShare } = reading
  const isNear = limits.moneyNano !== null && moneyShare >= WARNING_SHARE
  return {
    organization: owner.organization,
    functionName: owner.functionName,
    inFlight: reading.inFlight,
    mostInFlight: limits.concurrency,
    rate: reading.rate,
    mostRate: limits.rate,
    spent: reading.spentNano / NANO,
    reserved: reading.reservedNano / NANO,
    mostMoney: limits.moneyNano === null ? null : limits.moneyNano / NANO,
    share: moneyShare,
    state: refusing !== null ? 'refusing' : isNear ? 'nearly-used-up' : 'open',
    reason: refusing,
    total: {
      calls: reading.calls,
      spent: reading.everSpentNano / NANO,
      refused: reading.refused,
    },
  }
}
