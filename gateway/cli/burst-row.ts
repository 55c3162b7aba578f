import type { BurstStatus } from '../observe/burst-status.ts'

export const BURST_HEADS = ['BURST', 'RUNNING', 'LAST SECOND', 'LAST HOUR', 'STATE']

/** One row of a budget: what is used of each limit. */
export function burstRow(budget: BurstStatus): string[] {
  const { organization, functionName, inFlight, rate, share, mostMoney, state, reason } = budget
  const used = mostMoney === null ? '' : ` (${Math.round(share * 100)} %)`
  return [
    functionName === null ? `${organization}, all functions` : functionTitle(organization, functionName),
    outOf(inFlight, budget.mostInFlight),
    outOf(rate, budget.mostRate),
    `${outOf(amount(budget.spent + budget.reserved), mostMoney)}${used}`,
    state === 'refusing' ? `refuses for ${reason}` : state.replaceAll('-', ' '),
  ]
}

/** The default organization goes without saying. */
export function functionTitle(organization: string, functionName: string): string {
  return organization === 'default' ? functionName : `${organization}/${functionName}`
}

/** `3 of 10`; null for no limit. */
export function outOf(used: number, most: number | null): string {
  return most === null ? String(used) : `${used} of ${most}`
}

/** Money to four digits that count. */
export function amount(money: number): number {
  return Number(money.toPrecision(4))
}
