import type { Config, FunctionConfig } from '../config/schema.ts'
import type { DeploymentFacts, Operator } from '../contract/driver.ts'
import type { Lifecycle } from '../contract/lifecycle.ts'
import { Rejection } from '../contract/rejection.ts'
import type { Change } from '../management/lifecycle-host.ts'
import { unknownBackend } from './unknown-backend.ts'
import { type KnownFunctions, unknownFunction } from './unknown-function.ts'

/** What can be asked of the functions of a platform, as it is said of one. */
const ABILITIES = {
  deploy: 'deploy functions',
  remove: 'remove functions',
  scale: 'scale functions',
  logs: 'tell the logs of functions',
} as const

export type Ability = keyof typeof ABILITIES

/** A Deployment on a platform that can do what is asked. */
export interface LifecycleTarget<Asked extends Ability> {
  readonly backend: string
  readonly deployment: DeploymentFacts
  readonly lifecycle: Lifecycle & Required<Pick<Lifecycle, Asked>>
}

/** What it takes to find one. */
export interface TargetSource {
  readonly config: Config
  readonly functions: KnownFunctions['functions']
  operator(backend: string): Operator | null
}

/** The Deployment that is meant, or the refusal that says how to name one. */
export function findTarget<Asked extends Ability>(
  source: TargetSource,
  { organization, functionName, backend }: Omit<Change, 'asker'>,
  ability: Asked,
): LifecycleTarget<Asked> | Rejection {
  const { config } = source
  if (backend !== null && !config.backends.some(({ name }) => name === backend))
    return unknownBackend(config, backend)
  const found = config.functions.find(
    (each) => each.organization === organization && each.name === functionName,
  )
  if (found === undefined) return unknownFunction(source, organization, functionName)
  const on = backend ?? onlyBackend(found)
  if (on instanceof Rejection) return on
  const deployment = found.deployments.find((each) => each.backend === on)
  if (deployment === undefined) return notBound(found, on)
  const lifecycle = source.operator(on)?.lifecycle
  if (lifecycle?.[ability] === undefined) return unsupported(source, on, ability)
  return {
    backend: on,
    deployment: { organization, functionName, name: deployment.name },
    lifecycle: lifecycle as Lifecycle & Required<Pick<Lifecycle, Asked>>,
  }
}

function onlyBackend({ name, deployments }: FunctionConfig): string | Rejection {
  if (deployments.length === 1) return deployments[0]!.backend
  const backends = deployments.map((each) => each.backend).join(', ')
  return new Rejection('GW_ORDER_INVALID', `${name} is on several backends: name one of ${backends}.`)
}

function notBound({ name, deployments }: FunctionConfig, backend: string): Rejection {
  const bound = deployments.map((each) => each.backend).join(', ')
  return new Rejection(
    'GW_ORDER_INVALID',
    `${name} has no deployment on ${backend}, only on ${bound}: add ${backend} to its deployments first.`,
  )
}

/** The sentence for what a platform has no way to do, with those that have. */
function unsupported(source: TargetSource, backend: string, ability: Ability): Rejection {
  const { backends } = source.config
  const driver = backends.find(({ name }) => name === backend)!.driver
  const able = backends.filter(({ name }) => source.operator(name)?.lifecycle?.[ability] !== undefined)
  const others =
    able.length === 0
      ? 'no backend can'
      : `${able.map((each) => `${each.name} (${each.driver})`).join(', ')} can`
  return new Rejection(
    'GW_PLATFORM_UNSUPPORTED',
    `The backend ${backend} (${driver}) cannot ${ABILITIES[ability]}; ${others}.`,
  )
}
