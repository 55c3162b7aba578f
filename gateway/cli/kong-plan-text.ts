import type { Change } from '../../kong-plugins/sync/compare.ts'
import type { Difference } from '../../kong-plugins/sync/differences.ts'
import type { DesiredState, Json } from '../../kong-plugins/sync/entities.ts'
import { nameOf } from '../../kong-plugins/sync/entities.ts'
import type { Plan } from '../../kong-plugins/sync/plan.ts'
import { printable } from './printable.ts'

const SIGNS: Readonly<Record<Change['action'], string>> = {
  create: '+',
  change: '~',
  repair: '!',
  delete: '-',
  conflict: 'x',
  held: 'x',
  impossible: 'x',
}

/** Longest value that is shown. */
const LONGEST = 160

/** The differences, one entity after the other, and their number. */
export function planText(plan: Plan, desired: DesiredState): string {
  const { changes, work, withheld, mostDeletions, unknown } = plan
  const ignored = unknown.map((field) => `note: this Kong does not know ${field}; it is left out\n`).join('')
  if (changes.length === 0) {
    const record = work === null ? '' : ' The record of who wrote last is to be renewed.'
    return `${ignored}Nothing to do: Kong has all ${desired.entities.length} entities.${record}\n`
  }
  const guard =
    withheld === 0
      ? ''
      : `${withheld} deletions are kept back, more than ${mostDeletions} at once: \`dispatch kong prune\` does them.\n`
  return `${changes.map(changeText).join('')}\n${ignored}${guard}${summary(plan)}\n`
}

/** The same for programs. */
export function planJson({ changes, work, withheld, unknown }: Plan): string {
  const content = {
    changes: changes.map((change) => ({
      action: change.action,
      kind: kindOf(change),
      name: titleOf(change),
      ...('differences' in change ? { differences: change.differences.map(hidden(change)) } : {}),
      ...(reasonOf(change) === '' ? {} : { reason: reasonOf(change) }),
    })),
    writes: work?.steps.length ?? 0,
    withheldDeletions: withheld,
    unknownFields: unknown,
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

function changeText(change: Change): string {
  const reason = reasonOf(change)
  const head = `${SIGNS[change.action]} ${kindOf(change)} ${printable(titleOf(change))}${reason === '' ? '' : `: ${printable(reason)}`}\n`
  if (!('differences' in change)) return head
  const lines = change.differences
    .map(hidden(change))
    .map(({ path, is, shouldBe }) => `    ${path}: ${shown(is)} → ${shown(shouldBe)}\n`)
  return head + lines.join('')
}

function summary({ changes, work }: Plan): string {
  const count = (...actions: Change['action'][]): number =>
    changes.filter(({ action }) => actions.includes(action)).length
  const parts = [
    `${count('create')} to create`,
    `${count('change')} to change`,
    `${count('repair')} to put right`,
    `${count('delete')} to delete`,
  ]
  const stuck = count('conflict', 'held', 'impossible')
  return `${parts.join(', ')}${stuck === 0 ? '' : `, ${stuck} that cannot be`}; ${work?.steps.length ?? 0} writes.`
}

function kindOf(change: Change): string {
  return 'entity' in change ? change.entity.kind : change.live.kind
}

function titleOf(change: Change): string {
  return 'entity' in change ? change.entity.name : nameOf(change.live)
}

function reasonOf(change: Change): string {
  if (change.action === 'conflict') return `somebody else has it, with the id ${change.holder.id}`
  if (change.action === 'held') return `stays, because others hang on it: ${change.by.join(', ')}`
  return change.action === 'impossible' ? change.reason : ''
}

/** Values of secret fields are never shown. */
function hidden(change: Change): (difference: Difference) => Difference {
  const secrets = 'entity' in change ? change.entity.secrets : []
  return (difference) =>
    secrets.includes(difference.path)
      ? { path: difference.path, is: '(secret)', shouldBe: '(another secret)' }
      : difference
}

function shown(value: Json): string {
  const text = JSON.stringify(value)
  return printable(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
}
