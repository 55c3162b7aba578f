import { join } from 'node:path'
import { registry } from '../../../gateway/built-in.ts'
import { type LoadedConfig, loadConfig, parseConfig } from '../../../gateway/config/load-config.ts'
import { loadScenario, parseScenario } from '../../../gateway/simulation/load-scenario.ts'
import { simulate } from '../../../gateway/simulation/simulate.ts'
import type { SimulationResult } from '../../../gateway/simulation/simulation-result.ts'

const EXAMPLES = join(import.meta.dirname, '../../../gateway/simulation/examples')

/** Runs an example of the project. */
export async function runExample(name: string, seed?: number): Promise<SimulationResult> {
  const loaded = await loadConfig(join(EXAMPLES, 'dispatch.yaml'), registry)
  const scenario = await loadScenario(join(EXAMPLES, name), [loaded.config])
  return simulate(loaded, { ...scenario, seed: seed ?? scenario.seed }, null)
}

/** A configuration of these backends and the function `f` on all of them. */
export function configOf(
  backends: Record<string, Record<string, unknown>>,
  fn: Record<string, unknown> = {},
): Promise<LoadedConfig> {
  const named = Object.entries(backends).map(([name, one]) => [
    name,
    { driver: 'http', url: 'http://127.0.0.1:1', ...one },
  ])
  const written = {
    placement: { zone: 'eu-west-1/a' },
    backends: Object.fromEntries(named),
    functions: { f: { deployments: Object.keys(backends), ...fn } },
  }
  return parseConfig(JSON.stringify(written), '/dispatch.yaml', registry)
}

/** Has a steady load come in on it. */
export async function run(
  loaded: LoadedConfig,
  flow: Record<string, unknown>,
  platforms: Record<string, unknown>,
  rest: Record<string, unknown> = {},
): Promise<SimulationResult> {
  const text = JSON.stringify({ load: [{ function: 'f', ...flow }], platforms, ...rest })
  return simulate(loaded, parseScenario(text, '/scenario.yaml', [loaded.config]), null)
}

/** The average of a part of a series. */
export function meanOf(values: readonly number[], from: number, to: number): number {
  return values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from)
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
