import { setTimeout as pause } from 'node:timers/promises'
import type { DeploymentFacts } from '../../gateway/contract/driver.ts'
import {
  type DeployOrder,
  type Lifecycle,
  ListedInPart,
  type LogLine,
  type LogsWanted,
  type PlatformFunction,
  PlatformRefusal,
  type TellProgress,
} from '../../gateway/contract/lifecycle.ts'
import { imageOf, refuseBeyond } from '../support/deploy-order.ts'
import { type Look, untilReady } from '../support/until-ready.ts'
import type { Administration } from './administration.ts'
import { type FunctionName, splitName } from './function-name.ts'
import type { ListedFunction } from './listed-function.ts'
import { followLogs } from './log-lines.ts'
import { asked } from './refusal.ts'
import { specificationOf } from './specification.ts'

/** Milliseconds between two looks at a function that is on its way. */
const LOOK_MS = 500
/** Looks after which the platform has another number of replicas in mind than it was asked for. */
const LOOKS_AT_SCALE = 6

const UNKNOWN = 'OpenFaaS does not know the function.'

/** Functions of OpenFaaS, over its administration API. */
export class OpenFaasLifecycle implements Lifecycle {
  readonly #administration: Administration
  readonly #namespace: string | null
  readonly #deployments: () => readonly DeploymentFacts[]

  /**
   * @param namespace Of all functions; null where their names tell, or it is the platform's own.
   * @param deployments Those of the configuration, for platforms that cannot list.
   */
  constructor(
    administration: Administration,
    namespace: string | null,
    deployments: () => readonly DeploymentFacts[],
  ) {
    this.#administration = administration
    this.#namespace = namespace
    this.#deployments = deployments
  }

  async list(signal: AbortSignal): Promise<readonly PlatformFunction[]> {
    return await asked(async () => {
      const own = await this.#own(signal)
      const listed = own.map((each) => platformFunction(each, each.name))
      if (this.#namespace !== null) return listed
      const home = own[0]?.namespace ?? null
      // Providers without namespaces answer with an error or an empty list.
      const namespaces = await this.#administration.namespaces(signal).catch(() => [])
      for (const namespace of namespaces.length > 1 ? namespaces : []) {
        if (namespace === home) continue
        const others = await this.#administration.functions(namespace, signal)
        listed.push(...others.map((each) => platformFunction(each, `${each.name}.${namespace}`)))
      }
      return listed
    })
  }

  async deploy(
    order: DeployOrder,
    progress: TellProgress,
    signal: AbortSignal,
  ): Promise<'created' | 'updated'> {
    const image = imageOf(order, 'OpenFaaS')
    refuseBeyond(order, 'OpenFaaS', KEEPS)
    const name = this.#split(order.deployment)
    return await asked(async () => {
      const found = await this.#find(name, signal)
      const specification = specificationOf(order, image, name, found?.rest ?? {})
      await this.#administration.change(
        found === null ? 'POST' : 'PUT',
        '/system/functions',
        specification,
        signal,
      )
      progress({ ready: 0, wanted: null, detail: `OpenFaaS has accepted ${image}` })
      const sleeps = order.minReplicas === 0
      const look = async (): Promise<Look> => lookOf(await this.#find(name, signal), sleeps)
      await untilReady({ look, progress, everyMs: LOOK_MS, signal })
      return found === null ? 'created' : 'updated'
    })
  }

  async remove(deployment: DeploymentFacts, signal: AbortSignal): Promise<void> {
    const name = this.#split(deployment)
    const body = { functionName: name.name, ...(name.namespace !== null && { namespace: name.namespace }) }
    await asked(async () => {
      await this.#expect(name, signal)
      await this.#administration.change('DELETE', '/system/functions', body, signal)
    })
  }

  async scale(deployment: DeploymentFacts, replicas: number, signal: AbortSignal): Promise<void> {
    const name = this.#split(deployment)
    const path = `/system/scale-function/${encodeURIComponent(name.name)}`
    const body = {
      serviceName: name.name,
      replicas,
      ...(name.namespace !== null && { namespace: name.namespace }),
    }
    await asked(async () => {
      await this.#expect(name, signal)
      // In the query too: some providers read it there, as for all other requests about one function.
      const query = name.namespace === null ? '' : `?namespace=${encodeURIComponent(name.namespace)}`
      await this.#administration.change('POST', `${path}${query}`, body, signal)
      // It says yes and does as it likes: the community edition keeps to 1 to 5 (gateway/scaling/ranges.go).
      let wanted: number | null = null
      for (let i = 0; i < LOOKS_AT_SCALE; i++) {
        wanted = (await this.#expect(name, signal)).wanted
        if (wanted === null || wanted === replicas) return
        await pause(LOOK_MS, undefined, { signal })
      }
      throw new PlatformRefusal('failed', `OpenFaaS sets ${wanted} replicas, not ${replicas}: it has limits.`)
    })
  }

  async *logs(deployment: DeploymentFacts, wanted: LogsWanted, signal: AbortSignal): AsyncGenerator<LogLine> {
    const name = this.#split(deployment)
    await asked(() => this.#expect(name, signal))
    yield* followLogs(this.#administration, name, wanted, signal)
  }

  /** Gateways crash at a list where they have no Prometheus (metrics/add_metrics.go). */
  async #own(signal: AbortSignal): Promise<ListedFunction[]> {
    try {
      return await this.#administration.functions(this.#namespace, signal)
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'UND_ERR_SOCKET') throw error
      const looks = this.#deployments().map(async (deployment) => {
        const found = await this.#find(this.#split(deployment), signal)
        return found === null ? [] : [platformFunction(found, deployment.name)]
      })
      const found = (await Promise.all(looks)).flat()
      throw new ListedInPart(
        found,
        'OpenFaaS tells of functions by name only: it has no Prometheus to list them with.',
      )
    }
  }

  #split({ name }: DeploymentFacts): FunctionName {
    return splitName(name, this.#namespace)
  }

  #find({ name, namespace }: FunctionName, signal: AbortSignal): Promise<ListedFunction | null> {
    return this.#administration.function(name, namespace, signal)
  }

  async #expect(name: FunctionName, signal: AbortSignal): Promise<ListedFunction> {
    const found = await this.#find(name, signal)
    if (found === null) throw new PlatformRefusal('not-found', UNKNOWN)
    return found
  }
}

const KEEPS = [
  'environment',
  'labels',
  'memoryBytes',
  'cpuMillis',
  'gpus',
  'concurrency',
  'minReplicas',
  'maxReplicas',
  'timeoutMs',
] as const

/** One that is scaled to zero is ready: the platform starts it for a call. */
function platformFunction(found: ListedFunction, name: string): PlatformFunction {
  const { replicas, wanted, mostInFlight, image, labels } = found
  return {
    name,
    ready: wanted === 0 || replicas === null || replicas > 0,
    replicas,
    limit: mostInFlight === null ? null : mostInFlight * Math.max(1, replicas ?? 1),
    source: image,
    labels,
  }
}

/** Of a function that has just been accepted: at first the platform may not know of it, or of its replicas. */
function lookOf(found: ListedFunction | null, sleeps: boolean): Look {
  const ready = found?.replicas ?? 0
  const wanted = found?.wanted ?? 0
  const isReady = found !== null && (ready >= Math.max(1, wanted) || (sleeps && wanted === 0))
  const detail = isReady ? 'ready' : 'waiting for replicas; what keeps them may stand in its logs'
  return { isReady, progress: { ready, wanted: Math.max(wanted, sleeps ? 0 : 1), detail } }
}
