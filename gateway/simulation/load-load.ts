import type { Config } from '../config/schema.ts'
import { loadScenario, parseScenario } from './load-scenario.ts'
import { type Recording, readRecording } from './recording.ts'
import type { Scenario } from './scenario-schema.ts'

/** What comes in, and on what platforms. */
export interface Load {
  readonly scenario: Scenario
  /** Null when the scenario has a load of its own. */
  readonly recording: Recording | null
}

/**
 * Reads a scenario, or an access log: that is any file whose name does not end as YAML and JSON do.
 *
 * @param source A file, or a text as if it stood in that file.
 * @param seed In the place of that of the scenario; null for that.
 * @throws ConfigInvalid With the mistakes of a scenario; Error with a sentence when a log cannot be used.
 */
export async function loadLoad(
  source: { readonly file: string; readonly text?: string },
  configs: readonly Config[],
  seed: number | null,
): Promise<Load> {
  const { file, text } = source
  const isLog = text === undefined && !/\.(ya?ml|json)$/i.test(file)
  const read = isLog
    ? parseScenario(JSON.stringify({ recording: file }), file, configs)
    : text === undefined
      ? await loadScenario(file, configs)
      : parseScenario(text, file, configs)
  const scenario = seed === null ? read : { ...read, seed }
  const recording = scenario.recording === null ? null : await readRecording(scenario.recording)
  if (recording !== null) checkRecorded(scenario, recording, configs)
  return { scenario, recording }
}

/** @throws Error When a call could go where nobody knows how long it takes. */
function checkRecorded(
  { platforms, recording: file }: Scenario,
  recording: Recording,
  configs: readonly Config[],
): void {
  const called = new Set(recording.arrivals.map((one) => `${one.organization}/${one.functionName}`))
  for (const { functions, file: config } of configs) {
    const found = functions.filter(({ organization, name }) => called.has(`${organization}/${name}`))
    if (found.length === 0) throw new Error(`${config} has none of the functions that were called in ${file}`)
    for (const { backend } of found.flatMap(({ deployments }) => deployments)) {
      if (Object.hasOwn(platforms, backend) || recording.times.has(backend)) continue
      throw new Error(
        `nothing was recorded on the backend ${backend}: say how long calls take there, in a scenario with \`recording: ${file}\` and \`platforms: { ${backend}: { service: … } }\``,
      )
    }
  }
}
