import { quote } from '../mistakes.ts'
import { nearest } from '../reading/nearest.ts'
import type { Assembly } from './assembly.ts'

/** @param names A list that was read from the file. */
export function refuseUnknownOrganizations(
  { organizations, reading }: Assembly,
  names: readonly string[],
): void {
  for (const [i, name] of names.entries()) {
    if (organizations.has(name)) continue
    reading.refuse(reading.locate(names, i), {
      message: `there is no organization ${quote(name)}`,
      expected: `one that \`organizations\` or \`identity\` names: ${[...organizations].slice(0, 20).join(', ')}`,
      suggestion: nearest(name, organizations),
    })
  }
}
