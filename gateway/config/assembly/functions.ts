import { quote } from '../mistakes.ts'
import { nearest } from '../reading/nearest.ts'
import type { BackendConfig, DeploymentConfig, FunctionConfig } from '../schema/functions.ts'
import type { Located } from '../written.ts'
import type { Assembly } from './assembly.ts'
import type { Scope } from './scope.ts'

/** The functions of every organization. */
export function assembleFunctions(
  assembly: Assembly,
  backends: ReadonlyMap<string, BackendConfig>,
): FunctionConfig[] {
  const functions = assembly.scopes.flatMap((scope) =>
    Object.entries(scope.functions).map(([name, written]): FunctionConfig => {
      const { deployments, timeout = assembly.document.defaults.timeout, idempotent } = written
      const placed = deployments.map((deployment, i) => {
        const at = assembly.reading.locate(deployments, i)
        const { backend, name: there = name } =
          typeof deployment === 'string' ? { backend: deployment } : deployment
        return assembly.places.note({ backend, name: there }, at)
      })
      for (const deployment of placed.filter((one) => one.backend !== ''))
        checkBackend(assembly, scope, deployment, backends)
      refuseRepetitions(assembly, placed)
      const made = { organization: scope.organization, name, deployments: placed, timeout, idempotent }
      return assembly.places.note(made, assembly.reading.locate(written))
    }),
  )
  warnOfSharedDeployments(assembly, functions)
  return functions
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
