import type { DeploymentFacts } from '../../gateway/contract/driver.ts'
import { isRecord } from '../../gateway/contract/exact-json.ts'
import type {
  DeployOrder,
  Lifecycle,
  LogLine,
  LogsWanted,
  PlatformFunction,
  TellProgress,
} from '../../gateway/contract/lifecycle.ts'
import { deployAction, type Exposure } from './action-deploy.ts'
import { actionPath } from './action-name.ts'
import { activationLogs } from './activation-logs.ts'
import { refusalOf, type WhiskApi } from './whisk-api.ts'

/** As many as the platform lists at most at once. */
const PAGE = 200

/** Annotations that the platform reads itself, one of which is a secret: no labels. */
const ITS_OWN = new Set(['exec', 'binary', 'path', 'kind', 'require-whisk-auth'])

/** Actions of a namespace listed, written, removed, and what they say. How many run is the platform's affair alone. */
export class OpenWhiskLifecycle implements Lifecycle {
  readonly #api: WhiskApi
  readonly #exposure: Exposure

  constructor(api: WhiskApi, exposure: Exposure) {
    this.#api = api
    this.#exposure = exposure
  }

  async list(signal: AbortSignal): Promise<readonly PlatformFunction[]> {
    const found: PlatformFunction[] = []
    for (let skip = 0; ; skip += PAGE) {
      const answer = await this.#api.ask('GET', `/actions?limit=${PAGE}&skip=${skip}`, signal)
      if (answer.status !== 200) throw refusalOf('the list of actions', answer)
      const page = Array.isArray(answer.body) ? answer.body : []
      for (const each of page) if (isRecord(each)) found.push(describe(each))
      if (page.length < PAGE) return found
    }
  }

  deploy(order: DeployOrder, progress: TellProgress, signal: AbortSignal): Promise<'created' | 'updated'> {
    return deployAction(this.#api, order, this.#exposure, progress, signal)
  }

  async remove({ name }: DeploymentFacts, signal: AbortSignal): Promise<void> {
    const answer = await this.#api.ask('DELETE', `/actions/${actionPath(name)}`, signal)
    if (answer.status !== 200) throw refusalOf(`DELETE of ${name}`, answer)
  }

  async *logs({ name }: DeploymentFacts, wanted: LogsWanted, signal: AbortSignal): AsyncIterable<LogLine> {
    const known = await this.#api.ask('GET', `/actions/${actionPath(name)}?code=false`, signal)
    if (known.status !== 200) throw refusalOf(`GET of ${name}`, known)
    yield* activationLogs(this.#api, name, wanted, signal)
  }
}

/** A name in a package has that in front; the namespace tells it, as `guest/package`. */
function describe({ name, namespace, annotations }: Record<string, unknown>): PlatformFunction {
  const [, inPackage] = /^[^/]+\/(.+)$/.exec(String(namespace)) ?? []
  const notes = Array.isArray(annotations) ? annotations.filter(isRecord) : []
  const kind = notes.find(({ key }) => key === 'exec')?.['value']
  const labels = notes.filter(({ key, value }) => typeof value === 'string' && !ITS_OWN.has(String(key)))
  return {
    name: inPackage === undefined ? String(name) : `${inPackage}/${String(name)}`,
    ready: true,
    replicas: null,
    limit: null,
    source: typeof kind === 'string' ? kind : null,
    labels: Object.fromEntries(labels.map(({ key, value }) => [String(key), String(value)])),
  }
}
