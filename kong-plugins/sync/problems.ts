import { nameOf } from './entities.ts'
import type { Plan } from './plan.ts'
import type { ApplyResult } from './target.ts'

/** What stays as it should not be after a run, one sentence each. */
export function problemsOf(plan: Plan, result: ApplyResult | null): string[] {
  const standing = plan.changes.flatMap((change) => {
    switch (change.action) {
      case 'conflict':
        return [
          `${change.entity.kind} ${change.entity.name} belongs to somebody else (id ${change.holder.id}): ` +
            'take it over with `dispatch kong adopt`, or rename it',
        ]
      case 'held':
        return [
          `${change.live.kind} ${nameOf(change.live)} stays, because others hang on it: ${change.by.slice(0, 5).join(', ')}`,
        ]
      case 'impossible':
        return [`${change.entity.kind} ${change.entity.name}: ${change.reason}`]
      default:
        return []
    }
  })
  const guarded =
    plan.withheld === 0
      ? []
      : [
          `${plan.withheld} entities would be deleted, more than ${plan.mostDeletions}: ` +
            'let them go with `dispatch kong prune`',
        ]
  const failed = (result?.failures ?? []).map(({ step, reason }) => `${step.kind} ${step.name}: ${reason}`)
  return [...guarded, ...failed, ...standing]
}
