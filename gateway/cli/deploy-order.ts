import { parseDuration } from '../config/forms/duration.ts'
import { isRefused, type Parsed } from '../config/forms/form.ts'
import { parseSize } from '../config/forms/size.ts'
import type { WrittenOrder } from '../management/deploy-body.ts'
import { usageFailure } from './failure.ts'
import { readFolder } from './read-folder.ts'
import type { Terminal } from './terminal.ts'

/** What is to run, as it is written on the command line. */
export interface OrderOptions {
  readonly image?: string
  readonly folder?: string
  readonly runtime?: string
  readonly env: readonly string[]
  readonly label: readonly string[]
  readonly memory?: string
  readonly cpu?: string
  readonly gpu?: string
  readonly concurrency?: string
  readonly min?: string
  readonly max?: string
  readonly timeout?: string
  readonly wait: string
}

/** @throws Failure With what is wrong; never with the value of an environment variable. */
export async function orderOf(options: OrderOptions, terminal: Terminal): Promise<WrittenOrder> {
  const { image, folder, runtime } = options
  if ((image === undefined) === (folder === undefined))
    throw usageFailure('give exactly one of --image and --folder')
  return {
    ...(image !== undefined && { image }),
    ...(folder !== undefined && { files: await readFolder(folder, terminal) }),
    ...(runtime !== undefined && { runtime }),
    environment: pairs('--env', options.env, terminal.env),
    labels: pairs('--label', options.label, {}),
    ...value(
      'memoryBytes',
      read('--memory', options.memory, (text) => parseSize(text, { min: '1B' })),
    ),
    ...value('cpuMillis', cpuMillis(options.cpu)),
    ...value('gpus', count('--gpu', options.gpu)),
    ...value('concurrency', count('--concurrency', options.concurrency)),
    ...value('minReplicas', count('--min', options.min)),
    ...value('maxReplicas', count('--max', options.max)),
    ...value('timeoutMs', duration('--timeout', options.timeout, '1d')),
    ...value('waitMs', duration('--wait', options.wait, '30m')),
  }
}

/** A member, unless it was left out. */
function value<Name extends keyof WrittenOrder>(
  name: Name,
  given: number | null,
): Partial<Record<Name, number>> {
  return given === null ? {} : ({ [name]: given } as Record<Name, number>)
}

function pairs(
  option: string,
  lines: readonly string[],
  environment: Terminal['env'],
): Readonly<Record<string, string>> {
  const entries = lines.map((line) => {
    const equals = line.indexOf('=')
    const name = equals < 0 ? line : line.slice(0, equals)
    const given = equals < 0 ? environment[name] : line.slice(equals + 1)
    if (name === '') throw usageFailure(`${option} begins with =: a name goes before it`)
    if (given === undefined)
      throw usageFailure(
        `${option} ${name} has no value`,
        `Expected: ${option} ${name}=VALUE, or a variable ${name} in the environment`,
      )
    return [name, given] as const
  })
  return Object.fromEntries(entries)
}

function cpuMillis(text: string | undefined): number | null {
  if (text === undefined) return null
  const [, millis, cores] = /^(?:(\d{1,7})m|(\d{1,4}(?:\.\d{1,3})?))$/.exec(text) ?? []
  const found = millis === undefined ? Math.round(Number(cores) * 1000) : Number(millis)
  if (found > 0) return found
  throw usageFailure(`--cpu ${text} is no number of cores`, 'Expected: cores such as 2 or 0.5, or 500m')
}

function count(option: string, text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw usageFailure(`${option} ${text} is no number`)
}

function duration(option: string, text: string | undefined, max: string): number | null {
  return read(option, text, (written) => parseDuration(written, { min: '1ms', max }))
}

function read(
  option: string,
  text: string | undefined,
  parse: (text: string) => Parsed<number>,
): number | null {
  if (text === undefined) return null
  const parsed = parse(text)
  if (isRefused(parsed)) throw usageFailure(`${option}: ${parsed.message}`, `Expected: ${parsed.expected}`)
  return parsed.value
}
