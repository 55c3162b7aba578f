import type { Config } from '../schema.ts'
import type { Assembly } from './assembly.ts'
import { assembleBackends } from './backends.ts'
import { assembleOrganizations } from './budgets.ts'
import { assembleFunctions } from './functions.ts'
import { assembleGateway } from './gateway.ts'
import { assembleIdentity } from './identity.ts'
import { assembleKong } from './kong.ts'
import { assemblePlacement } from './placement.ts'
import { assembleRoutes } from './routes.ts'
import { DEFAULT_ORGANIZATION } from './scope.ts'

/** What is known before the parts are put together. */
export interface Origin {
  readonly file: string
  readonly directory: string
  /** Outside modules as absolute paths. */
  readonly plugins: readonly string[]
  readonly drivers: readonly string[]
  readonly now: Date
}

/** Puts the parts of a file together and notes what does not fit; the result is of use only when nothing was noted. */
export function assemble(assembly: Assembly, { now, ...origin }: Origin): Config {
  const { reading, document } = assembly
  if (Object.hasOwn(document.organizations, DEFAULT_ORGANIZATION)) {
    reading.refuse(reading.locateKey(document.organizations, DEFAULT_ORGANIZATION), {
      message: 'the organization "default" cannot stand here',
      expected: 'its functions and routes at the top level, its plugins and auth in `defaults`',
    })
  }
  const gateway = assembleGateway(assembly, now)
  const identity = assembleIdentity(assembly, now)
  const backends = assembleBackends(assembly)
  const placement = assemblePlacement(assembly, backends)
  const functions = assembleFunctions(assembly, backends)
  const organizations = assembleOrganizations(assembly, functions, backends)
  const routes = assembleRoutes(assembly)
  if (routes.length === 0 && !reading.mistakes.hasErrors) {
    const message = 'there are no routes: every call gets 404'
    reading.refuse(reading.locate(document, 'routes'), { level: 'warning', message })
  }
  return {
    ...origin,
    gateway,
    identity,
    placement,
    backends: [...backends.values()],
    organizations,
    functions,
    routes,
    kong: assembleKong(assembly, routes),
  }
}
