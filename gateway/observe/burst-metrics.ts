import { BURST_REASONS } from '../capacity/burst-budget.ts'
import type { BurstStatus } from './burst-status.ts'
import type { Labels, ReadMetric, Sample } from './metric.ts'

const OTHER = 'other'

/**
 * Metrics of the burst budgets. What a Function bursts is counted once, under its own labels: the sum over an
 * organization is what its functions burst together. The budget of an organization itself has no label `function`.
 *
 * @param mostBudgets Budgets with labels of their own; the rest share `other`.
 */
export function burstMetrics(budgets: () => readonly BurstStatus[], mostBudgets: number): ReadMetric[] {
  const metric = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    read: (grouped: readonly Group[]) => Sample[],
  ): ReadMetric => ({ type, name, help, read: () => read(group(budgets(), mostBudgets)) })
  const ofFunctions = (value: (budget: BurstStatus) => number) => (groups: readonly Group[]) =>
    groups
      .filter(({ labels }) => labels['function'] !== undefined)
      .map(({ labels, members }) => ({ labels, value: sum(members.map(value)) }))
  return [
    metric(
      'counter',
      'burst_calls_total',
      'Calls sent to burst backends.',
      ofFunctions(({ total }) => total.calls),
    ),
    metric(
      'counter',
      'burst_spend_total',
      'Money that calls on burst backends cost, in the currency of the configuration.',
      ofFunctions(({ total }) => total.spent),
    ),
    metric(
      'gauge',
      'burst_in_flight',
      'Calls that burst backends are serving.',
      ofFunctions(({ inFlight }) => inFlight),
    ),
    metric(
      'gauge',
      'burst_budget_ratio',
      'Share of the money of an hour that is spent or reserved, for budgets with money; of `other` the greatest.',
      (groups) =>
        groups
          .map(({ labels, members }) => ({
            labels,
            bounded: members.filter(({ mostMoney }) => mostMoney !== null),
          }))
          .filter(({ bounded }) => bounded.length > 0)
          .map(({ labels, bounded }) => ({ labels, value: Math.max(...bounded.map(({ share }) => share)) })),
    ),
    metric(
      'counter',
      'burst_refusals_total',
      'Times that a budget kept a call from a burst backend, by what of it was used up; a call may ask more than once.',
      (groups) =>
        groups.flatMap(({ labels, members }) =>
          BURST_REASONS.map((reason) => ({
            labels: { ...labels, reason },
            value: sum(members.map(({ total }) => total.refused[reason])),
          })),
        ),
    ),
  ]
}

/** Budgets that share their labels. */
interface Group {
  readonly labels: Labels
  readonly members: readonly BurstStatus[]
}

function group(budgets: readonly BurstStatus[], most: number): Group[] {
  const own = budgets.slice(0, most).map((budget) => ({ labels: labelsOf(budget), members: [budget] }))
  const rest = Map.groupBy(budgets.slice(most), ({ functionName }) => functionName === null)
  const others = [...rest].map(
    ([isShared, members]): Group => ({
      labels: isShared ? { organization: OTHER } : { organization: OTHER, function: OTHER },
      members,
    }),
  )
  return [...own, ...others]
}

function labelsOf({ organization, functionName }: BurstStatus): Labels {
  return functionName === null ? { organization } : { organization, function: functionName }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
