import type { KongStatus } from '../observe/kong-status.ts'
import { printable } from './printable.ts'
import { table } from './table.ts'

const STATES: Readonly<Record<KongStatus['state'], string>> = {
  off: 'not kept in step: `kong.sync` is false',
  pending: 'not looked at yet',
  'in-step': 'in step',
  partly: 'in step but for what follows',
  passive: 'left to another gateway, which has a newer configuration',
  failing: 'not in step',
}

/** The block about Kong; nothing without one. `age` writes a duration. */
export function kongStatusText(kong: KongStatus | null, nowMs: number, age: (ms: number) => string): string {
  if (kong === null) return ''
  const { total } = kong
  const entities = Object.entries(kong.entities).map(([kind, count]) => `${count} ${kind.replace('_', ' ')}`)
  const rows = [
    ['kong', `${kong.address}${kong.version === '' ? '' : `, version ${kong.version}`}, as ${kong.owner}`],
    ['state', kong.lagMs > 0 ? `${STATES[kong.state]}, for ${age(kong.lagMs)}` : STATES[kong.state]],
    ['entities', entities.join(', ')],
    ['looked', `${total.looks} times, ${total.failedLooks} in vain; ${total.writes} writes`],
    ['drift', `${total.driftFound} found, ${total.driftRepaired} repaired`],
    ...(kong.lastError === null
      ? []
      : [['error', `${kong.lastError.message}, ${age(nowMs - kong.lastError.at)} ago`]]),
  ]
  const problems = kong.problems.map((problem) => `  ${printable(problem)}\n`)
  const more = kong.problemCount - kong.problems.length
  return `\n${table(rows)}${problems.join('')}${more > 0 ? `  and ${more} more\n` : ''}`
}
