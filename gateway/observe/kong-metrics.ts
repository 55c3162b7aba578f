import type { KongStatus } from './kong-status.ts'
import type { ReadMetric, Sample } from './metric.ts'

const STATES: readonly KongStatus['state'][] = ['off', 'pending', 'in-step', 'partly', 'passive', 'failing']

/** How a Kong in front is kept in step; nothing without one. */
export function kongMetrics(status: () => KongStatus | null): ReadMetric[] {
  const metric = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    read: (status: KongStatus) => Sample[],
  ): ReadMetric => ({
    name: `kong_${name}`,
    help,
    type,
    read: () => {
      const now = status()
      return now === null ? [] : read(now)
    },
  })
  const one = (value: number): Sample[] => [{ labels: {}, value }]
  return [
    metric('gauge', 'state', '1 for the state that holds, of the synchronization with Kong.', ({ state }) =>
      STATES.map((name) => ({ labels: { state: name }, value: Number(name === state) })),
    ),
    metric(
      'gauge',
      'lag_seconds',
      'How long the configuration has not been in Kong, or not known to be; 0 when it is.',
      ({ lagMs }) => one(lagMs / 1000),
    ),
    metric('gauge', 'last_in_step_timestamp_seconds', 'When all was last found right.', ({ lastInStepAt }) =>
      one(lastInStepAt / 1000),
    ),
    metric('gauge', 'entities', 'Entities that should be in Kong, by kind.', ({ entities }) =>
      Object.entries(entities).map(([kind, value]) => ({ labels: { kind }, value })),
    ),
    metric('gauge', 'problems', 'Entities that are not right and cannot be written.', ({ problemCount }) =>
      one(problemCount),
    ),
    metric('gauge', 'withheld_deletions', 'Deletions that the guard keeps back.', ({ withheld }) =>
      one(withheld),
    ),
    metric('counter', 'looks_total', 'Looks at Kong, by result.', ({ total }) => [
      { labels: { result: 'succeeded' }, value: total.looks - total.failedLooks },
      { labels: { result: 'failed' }, value: total.failedLooks },
    ]),
    metric('counter', 'writes_total', 'Requests that changed something in Kong.', ({ total }) =>
      one(total.writes),
    ),
    metric('counter', 'drift_found_total', 'Entities found changed or deleted by others.', ({ total }) =>
      one(total.driftFound),
    ),
    metric('counter', 'drift_repaired_total', 'Those of them that were put right.', ({ total }) =>
      one(total.driftRepaired),
    ),
  ]
}
