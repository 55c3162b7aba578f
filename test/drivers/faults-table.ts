import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Conformance } from '../conformance/driver.ts'
import { FAULTS, type Seen, seeFaults, type Verdict } from './faults.ts'
import { HTTP } from './http-subject.ts'
import { KNATIVE } from './knative-subject.ts'
import { LAMBDA } from './lambda-subject.ts'
import { LAMBDA_URL } from './lambda-url-subject.ts'
import { OPENFAAS } from './openfaas-subject.ts'
import { OPENWHISK } from './openwhisk-subject.ts'
import { RIFF_KNATIVE } from './riff-knative-subject.ts'
import { RIFF } from './riff-subject.ts'
import { WORKERD } from './workerd-subject.ts'

export const TABLE_FILE = join(import.meta.dirname, '../../drivers/FAULTS.md')

const SUBJECTS: Readonly<Record<string, Conformance>> = {
  ...HTTP,
  ...KNATIVE,
  ...LAMBDA,
  ...LAMBDA_URL,
  ...OPENFAAS,
  ...OPENWHISK,
  ...RIFF,
  ...RIFF_KNATIVE,
  ...WORKERD,
}

/** Verdicts by driver, then by fault. */
export type Verdicts = Readonly<Record<string, Readonly<Record<string, Verdict>>>>

/** Has every fault happen on every platform. */
export async function seeAllFaults(): Promise<Verdicts> {
  const all: Record<string, Record<string, Verdict>> = {}
  for (const [title, conformance] of Object.entries(SUBJECTS)) {
    all[title.replace(/,$/, '')] = await seeFaults(conformance)
  }
  return all
}

const INTRODUCTION = `# The same fault on each driver

Written by \`npm run faults\` from runs of the kit: each fault happens on each platform, or on what stands in for it in the
tests, to one call that goes through the whole gateway. A test tells when this page is out of date.

\`refused\`: nobody listens. \`reset\`: the connection is reset before the head of the answer. \`slow\`: no answer before the
deadline. \`full\`: the platform takes no more calls. \`crash\`: the function fails. \`missing\`: the platform does not know the
function. \`malformed\`: what comes is no HTTP.
`

/** The page: what each fault ends in on each driver, and what a client gets of it. */
export function writeTable(verdicts: Verdicts): string {
  const notes: string[] = []
  const noteFor = (text: string) => {
    if (!notes.includes(text)) notes.push(text)
    return `<sup>${notes.indexOf(text) + 1}</sup>`
  }
  const faults = Object.keys(FAULTS)
  const rows = Object.entries(verdicts).map(([title, byFault]) => {
    const cells = faults.map((fault) => {
      const verdict = byFault[fault]!
      if ('skipped' in verdict) return `–${noteFor(verdict.skipped)}`
      return `\`${verdict.seen.outcome}\`${verdict.because === null ? '' : noteFor(verdict.because)}`
    })
    return [title, ...cells]
  })
  const ends = [...endsOf(verdicts)].map(([outcome, { status, code }]) => [
    `\`${outcome}\``,
    String(status),
    `\`${code}\``,
  ])
  return [
    INTRODUCTION,
    table(['driver', ...faults], rows),
    notes.map((text, i) => `${i + 1}. ${text[0]!.toUpperCase()}${text.slice(1)}.`).join('\n'),
    '\nWhat a client gets, whichever driver it was:\n',
    table(['outcome', 'status', 'code'], ends),
  ].join('\n')
}

/**
 * Status and code by outcome.
 *
 * @throws Error When one outcome is told to clients in two ways.
 */
export function endsOf(verdicts: Verdicts): Map<string, Seen> {
  const ends = new Map<string, Seen>()
  for (const verdict of Object.values(verdicts).flatMap((byFault) => Object.values(byFault))) {
    if ('skipped' in verdict) continue
    const { outcome, status, code } = verdict.seen
    const known = ends.get(outcome) ?? verdict.seen
    if (known.status !== status || known.code !== code) throw new Error(`${outcome} is told in two ways`)
    ends.set(outcome, known)
  }
  return ends
}

/** Columns as wide as their widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return `${[line(head), rule, ...rows.map(line)].join('\n')}\n`
}

if (import.meta.main) await writeFile(TABLE_FILE, writeTable(await seeAllFaults()))
