import { dirname, resolve } from 'node:path'
import { freeze } from '../config/freeze.ts'
import { Mistakes, quote } from '../config/mistakes.ts'
import { readDocument } from '../config/read-document.ts'
import { readText } from '../config/read-text.ts'
import { nearest } from '../config/reading/nearest.ts'
import { BROKEN, Reading } from '../config/reading/reading.ts'
import { viewOf } from '../config/reading/schema-view.ts'
import type { Config } from '../config/schema.ts'
import { HintMistake, parseHint } from '../placement/hint.ts'
import { type Scenario, ScenarioSchema } from './scenario-schema.ts'

/**
 * Reads a scenario, in YAML, and checks it against the configurations that it is for.
 *
 * @throws ConfigInvalid With every mistake and its line.
 */
export async function loadScenario(file: string, configs: readonly Config[]): Promise<Scenario> {
  return parseScenario(await readText(file), file, configs)
}

/** The same for a text. @param file Named in mistakes; relative paths count from its folder. */
export function parseScenario(text: string, file: string, configs: readonly Config[]): Scenario {
  const source = text.replace(/^\ufeff/, '')
  const mistakes = new Mistakes(file, source)
  const reading = new Reading(mistakes, { directory: dirname(resolve(file)), environment: {} })
  const root = readDocument(source, mistakes)
  const scenario =
    root === null ? BROKEN : (reading.read(viewOf(ScenarioSchema), root) as Scenario | typeof BROKEN)
  if (scenario === BROKEN) throw mistakes.toError()
  checkLoad(reading, scenario, configs)
  checkPlatforms(reading, scenario, configs)
  if (mistakes.hasErrors) throw mistakes.toError()
  return freeze(scenario)
}

function checkLoad(reading: Reading, scenario: Scenario, configs: readonly Config[]): void {
  const { load, recording } = scenario
  if ((load.length === 0) === (recording === null)) {
    reading.refuse(reading.locate(scenario), {
      message: load.length === 0 ? 'no calls come in' : 'calls come from `load` and from `recording`',
      expected: 'either `load` or `recording`',
    })
  }
  for (const [i, flow] of load.entries()) {
    for (const { file, functions } of configs) {
      const isMeant = (fn: Config['functions'][number]) =>
        fn.name === flow.function && fn.organization === flow.organization
      if (functions.some(isMeant)) continue
      reading.refuse(reading.locate(load, i, 'function'), {
        message: `${file} has no function ${quote(flow.function)} in the organization ${quote(flow.organization)}`,
        suggestion: nearest(
          flow.function,
          functions.filter(({ organization }) => organization === flow.organization).map(({ name }) => name),
        ),
      })
    }
    const hint = flow.hint === null ? null : parseHint(flow.hint)
    if (hint instanceof HintMistake)
      reading.refuse(reading.locate(load, i, 'hint'), { message: `this is no hint: ${hint.detail}` })
  }
}

function checkPlatforms(reading: Reading, scenario: Scenario, configs: readonly Config[]): void {
  const { platforms } = scenario
  const known = new Set(configs.flatMap(({ backends }) => backends.map(({ name }) => name)))
  for (const name of Object.keys(platforms)) {
    if (known.has(name)) continue
    reading.refuse(reading.locateKey(platforms, name), {
      message: `there is no backend ${quote(name)}`,
      expected: 'the name of a backend of the configuration',
      suggestion: nearest(name, known),
    })
  }
  if (scenario.recording !== null) return
  for (const name of calledBackends(scenario, configs)) {
    if (Object.hasOwn(platforms, name)) continue
    reading.refuse(reading.locate(platforms), {
      message: `nothing is said about the backend ${quote(name)}, where a function of the load can go`,
      expected: `\`${name}: { service: … }\``,
    })
  }
}

/** The backends of all functions that are called. */
function calledBackends({ load }: Scenario, configs: readonly Config[]): Set<string> {
  const names = configs.flatMap(({ functions }) =>
    functions
      .filter((fn) => load.some((flow) => flow.function === fn.name && flow.organization === fn.organization))
      .flatMap(({ deployments }) => deployments.map(({ backend }) => backend)),
  )
  return new Set(names)
}
