import { readFileSync } from 'node:fs'

/** What may not be exceeded. */
export interface Budgets {
  /** CPU time per request as a ratio, by guarded figure. */
  readonly load: Readonly<Record<string, number>>
  /** Nanoseconds by micro-benchmark. */
  readonly micro: Readonly<Record<string, number>>
}

export function readBudgets(): Budgets {
  return JSON.parse(readFileSync(new URL('../budgets.json', import.meta.url), 'utf8')) as Budgets
}
