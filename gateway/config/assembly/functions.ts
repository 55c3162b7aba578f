import { quote } from '../mistakes.ts'
import { nearest } from '../reading/nearest.ts'
import type { BackendConfig } from '../schema/backends.ts'
import type { DeploymentConfig, FunctionConfig } from '../schema/functions.ts'
import type { Located } from '../written.ts'
import type { Assembly } from './assembly.ts'
import { checkFunctionBudget } from './budgets.ts'
import { completeNeeds } from './needs.ts'
import { knownZones, warnOfUnknownPlace } from './placement.ts'
import type { Scope } from './scope.ts'
import { checkSuitability } from './suitability.ts'

type WrittenFunction = Scope['functions'][string]

/** The functions of every organization. */
export function assembleFunctions(
  assembly: Assembly,
  backends: ReadonlyMap<string, BackendConfig>,
): FunctionConfig[] {
  const zones = knownZones(assembly.document.placement.zone, backends)
  const functions = assembly.scopes.flatMap((scope) =>
    Object.entries(scope.functions).map(([name, written]): FunctionConfig => {
      const deployments = deploymentsOf(assembly, name, written, backends)
      for (const deployment of deployments.filter((one) => one.backend !== ''))
        checkBackend(assembly, scope, deployment, backends)
      refuseRepetitions(assembly, deployments)
      const { organization } = scope
      const { timeout = assembly.document.defaults.timeout } = written
      const needs = completeNeeds(written.needs)
      const prefers = completeNeeds(written.prefers)
      const made = { ...written, organization, name, deployments, timeout, needs, prefers }
      checkSuitability(assembly, made, written, backends)
      checkFunctionBudget(assembly, made, backends)
      for (const [i, place] of (made.residency ?? []).entries())
        warnOfUnknownPlace(assembly, assembly.reading.locate(made.residency!, i), place, zones, true)
      return assembly.places.note(made, assembly.reading.locate(written))
    }),
  )
  warnOfSharedDeployments(assembly, functions)
  return functions
}

/** What a deployment does not say is said by its backend or its function. */
function deploymentsOf(
  assembly: Assembly,
  functionName: string,
  { deployments, memory: billed }: WrittenFunction,
  backends: ReadonlyMap<string, BackendConfig>,
): DeploymentConfig[] {
  return deployments.map((written, i) => {
    const deployment = typeof written === 'string' ? { backend: written } : written
    const { backend, name = functionName, memory = billed } = deployment
    const { concurrency = backends.get(backend)?.functionConcurrency ?? 'adaptive' } = deployment
    const at = assembly.reading.locate(deployments, i)
    return assembly.places.note({ backend, name, concurrency, memory }, at)
  })
}

function checkBackend(
  assembly: Assembly,
  { organization }: Scope,
  deployment: DeploymentConfig,
  backends: ReadonlyMap<string, BackendConfig>,
): void {
  const { backendNames, reading } = assembly
  const at = assembly.places.of(deployment)
  const { backend } = deployment
  if (!backendNames.includes(backend)) {
    reading.refuse(at, {
      message: `there is no backend ${quote(backend)}`,
      expected:
        backendNames.length === 0
          ? 'a backend in `backends`'
          : `one of ${backendNames.slice(0, 20).join(', ')}`,
      suggestion: nearest(backend, backendNames),
    })
    return
  }
  const admitted = backends.get(backend)?.organizations ?? null
  if (admitted !== null && !admitted.includes(organization)) {
    reading.refuse(at, {
      message: `the backend ${quote(backend)} does not admit the organization ${quote(organization)}`,
      expected: `a backend that does, or ${quote(organization)} in backends.${backend}.organizations`,
    })
  }
}

function refuseRepetitions(assembly: Assembly, deployments: readonly DeploymentConfig[]): void {
  const seen = new Set<string>()
  for (const deployment of deployments) {
    const { backend, name } = deployment
    const key = JSON.stringify([backend, name])
    if (seen.has(key)) {
      const message = `the deployment ${quote(name)} on ${quote(backend)} stands in the list twice`
      assembly.reading.refuse(assembly.places.of(deployment), { message, expected: 'each deployment once' })
    }
    seen.add(key)
  }
}

/** Two organizations that run the same code may be meant, but usually it is a forgotten name. */
function warnOfSharedDeployments(assembly: Assembly, functions: readonly FunctionConfig[]): void {
  const owners = new Map<string, { organization: string; at: Located }>()
  for (const { organization, deployments } of functions) {
    for (const deployment of deployments) {
      const { backend, name } = deployment
      const key = JSON.stringify([backend, name])
      const at = assembly.places.of(deployment)
      const owner = owners.get(key)
      if (owner === undefined) owners.set(key, { organization, at })
      else if (owner.organization !== organization) {
        const line = assembly.reading.mistakes.lineOf(owner.at)
        assembly.reading.refuse(at, {
          level: 'warning',
          message: `${quote(name)} on ${quote(backend)} serves the organization ${quote(owner.organization)} too (line ${line})`,
          expected: 'deployments of its own for each organization: `{ backend, name }`',
        })
      }
    }
  }
}
