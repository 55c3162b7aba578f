import type { BackendConfig, Config } from '../config/schema.ts'
import { type Lifecycle, ListedInPart, type PlatformFunction } from '../contract/lifecycle.ts'
import type { BackendFunctions, BoundFunction } from '../management/lifecycle-host.ts'
import type { TargetSource } from './lifecycle-target.ts'
import { platformRefusal } from './platform-refusal.ts'
import { within } from './within.ts'

/** Longest list of one platform that is told; more than that nobody reads. */
const MOST_FUNCTIONS = 10_000

/**
 * The functions on a platform beside those that the configuration binds there. Never rejects.
 *
 * @param timeoutMs Milliseconds that the platform gets.
 */
export async function listBackend(
  { config, operator }: TargetSource,
  { name: backend, driver }: BackendConfig,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<BackendFunctions> {
  const lifecycle = operator(backend)?.lifecycle
  const untold = (error: string): BackendFunctions => ({ backend, driver, error, functions: [], missing: [] })
  if (lifecycle === undefined) return untold(`the driver ${driver} cannot list functions`)
  try {
    const { functions, error } = await within(timeoutMs, signal, (ending) => listOf(lifecycle, ending))
    return { backend, driver, error, ...compare(functions, boundOn(backend, config, lifecycle)) }
  } catch (error) {
    return untold(platformRefusal(error).detail)
  }
}

/** What there is to tell, and why that is not all; null when it is. */
async function listOf(
  lifecycle: Lifecycle,
  signal: AbortSignal,
): Promise<{ readonly functions: readonly PlatformFunction[]; readonly error: string | null }> {
  try {
    return { functions: await lifecycle.list(signal), error: null }
  } catch (error) {
    if (error instanceof ListedInPart) return { functions: error.functions, error: error.message }
    throw error
  }
}

interface Bound extends BoundFunction {
  /** Name in the list. */
  readonly listedAs: string
}

function boundOn(backend: string, config: Config, lifecycle: Lifecycle): Bound[] {
  return config.functions.flatMap(({ organization, name: functionName, deployments }) =>
    deployments
      .filter((deployment) => deployment.backend === backend)
      .map(({ name }) => {
        const facts = { organization, functionName, name }
        return { ...facts, listedAs: lifecycle.listedAs?.(facts) ?? name }
      }),
  )
}

function compare(
  listed: readonly PlatformFunction[],
  bound: readonly Bound[],
): Pick<BackendFunctions, 'functions' | 'missing'> {
  const names = new Set(listed.map(({ name }) => name))
  const functions = listed
    .slice(0, MOST_FUNCTIONS)
    .map(({ name, ready, replicas, limit, source, labels }) => ({
      name,
      ready,
      replicas,
      limit,
      source,
      labels,
      bound: bound
        .filter((each) => each.listedAs === name)
        .map(({ organization, functionName }) => ({ organization, functionName })),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const missing = bound
    .filter((each) => !names.has(each.listedAs))
    .map(({ organization, functionName, name }) => ({ organization, functionName, name }))
  return { functions, missing }
}
