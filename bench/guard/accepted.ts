import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { type Conditions, readConditions } from '../report/conditions.ts'
import type { RatioInterval } from '../statistics/ratio-interval.ts'
import type { Finding } from './guarded-run.ts'

const FILE = new URL('../results/accepted.json', import.meta.url)

/** What was measured when the results were accepted last. */
export interface Accepted {
  readonly conditions: Conditions
  readonly figures: Readonly<Record<string, RatioInterval>>
}

/** Null when nothing was accepted yet. */
export function readAccepted(): Accepted | null {
  let text: string
  try {
    text = readFileSync(FILE, 'utf8')
  } catch {
    return null
  }
  return JSON.parse(text) as Accepted
}

/** Ratios of another machine or another Node are others: why these cannot be compared, or null. */
export function whyNotComparable(accepted: Accepted, now: Conditions): string | null {
  const { machine, node } = accepted.conditions
  if (machine !== now.machine) return `they were made on ${machine}, this is ${now.machine}`
  const major = (version: string) => version.split('.')[0]
  return major(node) === major(now.node) ? null : `they were made with Node ${node}, this is ${now.node}`
}

export async function accept(findings: readonly Finding[]): Promise<void> {
  const figures = Object.fromEntries(findings.map(({ figure, now }) => [figure.name, now]))
  const accepted: Accepted = { conditions: readConditions(), figures }
  await mkdir(new URL('.', FILE), { recursive: true })
  await writeFile(FILE, `${JSON.stringify(accepted, null, 2)}\n`)
}
