import type { RunnableConfig } from '../config/load-config.ts'
import { type Arrival, arrivalsOf, lengthOf } from './arrivals.ts'
import type { Recording } from './recording.ts'
import type { Scenario } from './scenario-schema.ts'
import type { SimulationResult } from './simulation-result.ts'
import { Simulator } from './simulator.ts'

/**
 * Has a load come in on a configuration, in virtual time, and tells what became of it: the real placement, limits, budgets,
 * health and queue, on a gateway with one thread, in front of platforms that behave as the scenario says. The same scenario
 * and configuration give the same result.
 *
 * Not there: what stands before placement (identity, plugins), the network, the time that the gateway itself takes, hedging,
 * probes, and callers who come back after a refusal.
 *
 * @param recording Of the scenario, when it has one.
 */
export function simulate(
  loaded: RunnableConfig,
  scenario: Scenario,
  recording: Recording | null,
): SimulationResult {
  const lengthMs = recording === null ? lengthOf(scenario) : recording.arrivals.at(-1)!.atMs + 1
  const arrivals: Iterator<Arrival> =
    recording === null ? arrivalsOf(scenario) : recording.arrivals[Symbol.iterator]()
  return new Simulator(loaded, scenario, recording, lengthMs).run(arrivals)
}
