import { usageFailure } from './failure.ts'

/** The options that say on the command line what a scenario says in a file. */
export interface InlineLoad {
  readonly function?: string
  readonly organization: string
  readonly rate?: string
  readonly service: readonly string[]
  readonly capacity: readonly string[]
}

const PHASE = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?@(\w+)$/

/**
 * A scenario of what stands on the command line, as text: it is checked as one from a file.
 *
 * @throws Failure When it lacks something, or cannot be read.
 */
export function inlineScenario(options: InlineLoad): { file: string; text: string } {
  const { organization, rate, service, capacity } = options
  if (options.function === undefined || rate === undefined)
    throw usageFailure(
      'there is no load',
      'name one with --load FILE, or with --function, --rate and --service',
    )
  const phases = rate.split(',').map((phase) => {
    const [, from, to, length] = PHASE.exec(phase.trim()) ?? []
    if (from === undefined)
      throw usageFailure(`--rate ${phase} is not like 100@60s, or 100-300@30s for a ramp`)
    return { for: length, rate: Number(from), ...(to !== undefined && { to: Number(to) }) }
  })
  const capacities = new Map(capacity.map((one) => pairOf('--capacity', one)))
  const platforms = service.map((one) => {
    const [name, time] = pairOf('--service', one)
    const most = capacities.get(name)
    capacities.delete(name)
    return [name, { service: time, ...(most !== undefined && { capacity: Number(most) }) }]
  })
  const [unknown] = capacities.keys()
  if (unknown !== undefined) throw usageFailure(`--capacity ${unknown} has no --service ${unknown}=TIME`)
  const scenario = {
    load: [{ function: options.function, organization, rate: phases }],
    platforms: Object.fromEntries(platforms),
  }
  return { file: 'command line', text: JSON.stringify(scenario, null, 2) }
}

function pairOf(option: string, text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw usageFailure(`${option} ${text} is not like home=100`)
  return [text.slice(0, at), text.slice(at + 1)]
}
