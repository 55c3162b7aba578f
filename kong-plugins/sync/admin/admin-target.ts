import { isList, isRecord } from '../canonical.ts'
import type { Fields, Json, Kind, LiveEntity } from '../entities.ts'
import { KongError } from '../kong-error.ts'
import { PATIENCE, type Patience, withRetries } from '../retry.ts'
import type { EntitySchema } from '../schema.ts'
import type { ApplyResult, ApplyWatch, KongFacts, ListQuery, Target, Work } from '../target.ts'
import { type AdminConfig, AdminConnection } from './admin-connection.ts'
import { applySteps } from './apply-steps.ts'
import { writeStep } from './write-step.ts'

/** Most that Kong gives at once. */
const PAGE_SIZE = 1000
const MOST_PAGES = 10_000

/** A Kong with a database, by its Admin API. Reads are tried again until they succeed or have failed too often. */
export class AdminTarget implements Target {
  readonly address: string
  readonly #connection: AdminConnection
  readonly #patience: Patience

  constructor(config: AdminConfig, patience: Patience = PATIENCE) {
    this.#connection = new AdminConnection(config)
    this.#patience = patience
    this.address = this.#connection.address
  }

  async facts(signal: AbortSignal): Promise<KongFacts> {
    const content = await this.#retried(signal, () =>
      this.#connection.sendGlobal({ method: 'GET', path: '/', signal }),
    )
    return readFacts(content.content, this.address)
  }

  schema(kind: Kind, signal: AbortSignal): Promise<EntitySchema | null> {
    return this.#schemaAt(`/schemas/${kind}`, signal)
  }

  pluginSchema(plugin: string, signal: AbortSignal): Promise<EntitySchema | null> {
    return this.#schemaAt(`/schemas/plugins/${encodeURIComponent(plugin)}`, signal)
  }

  async list(kind: Kind, query: ListQuery, signal: AbortSignal): Promise<LiveEntity[]> {
    const path = kind === 'targets' ? `/upstreams/${encodeURIComponent(query.upstream!)}/targets` : `/${kind}`
    const found: LiveEntity[] = []
    const seen = new Set<string>()
    let offset = ''
    for (let page = 0; page < MOST_PAGES; page++) {
      const content = await this.#find(pagePath(path, query.tag, offset), signal)
      // An upstream that is not there has no targets.
      if (content === null) return found
      for (const entity of entitiesIn(content, kind)) {
        // A list that changes while it is read may show one twice.
        if (!seen.has(entity.id)) found.push(entity)
        seen.add(entity.id)
      }
      const next = offsetOf(content)
      if (next === null) return found
      if (next === offset) break
      offset = next
    }
    throw new KongError('malformed', `the list of ${kind} has no end`)
  }

  async get(kind: Kind, key: string, signal: AbortSignal): Promise<LiveEntity | null> {
    const content = await this.#find(`/${kind}/${encodeURIComponent(key)}`, signal)
    return content === null ? null : entityOf(content, kind)
  }

  /** Without those that no worker of Kong has looked at yet. */
  async health(upstream: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const content = await this.#find(`/upstreams/${encodeURIComponent(upstream)}/health`, signal)
    const known = new Map<string, string>()
    for (const { fields } of content === null ? [] : entitiesIn(content, 'targets')) {
      const { target, health } = fields
      if (typeof target === 'string' && typeof health === 'string') known.set(target, health)
    }
    return known
  }

  apply(work: Work, watch: ApplyWatch): Promise<ApplyResult> {
    return applySteps(
      work.steps,
      (step) =>
        withRetries(() => writeStep(this.#connection, step, watch.signal), watch.signal, this.#patience),
      watch,
    )
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  async #schemaAt(path: string, signal: AbortSignal): Promise<EntitySchema | null> {
    const content = await this.#find(path, signal)
    if (content === null) return null
    // Kong describes itself: the list tells a schema from any other answer, and what is in it is Kong's word.
    if (isRecord(content) && isList(content['fields'])) return content as unknown as EntitySchema
    throw new KongError('malformed', `${path} at ${this.address} is not a schema`)
  }

  /** Null for 404. */
  async #find(path: string, signal: AbortSignal): Promise<Json> {
    try {
      const answer = await this.#retried(signal, () => this.#connection.send({ method: 'GET', path, signal }))
      return answer.content
    } catch (error) {
      if (error instanceof KongError && error.kind === 'missing') return null
      throw error
    }
  }

  #retried<Result>(signal: AbortSignal, what: () => Promise<Result>): Promise<Result> {
    return withRetries(what, signal, this.#patience)
  }
}

/** Kong's own `next` knows neither a path nor a workspace that stands before it: only the offset is taken from it. */
function pagePath(path: string, tag: string | null, offset: string): string {
  const query = new URLSearchParams({ size: String(PAGE_SIZE) })
  if (tag !== null) query.set('tags', tag)
  if (offset !== '') query.set('offset', offset)
  return `${path}?${query}`
}

function offsetOf(content: Json): string | null {
  if (!isRecord(content) || typeof content['next'] !== 'string') return null
  if (typeof content['offset'] === 'string') return content['offset']
  const at = content['next'].indexOf('?')
  return at < 0 ? null : new URLSearchParams(content['next'].slice(at)).get('offset')
}

function entitiesIn(content: Json, kind: Kind): LiveEntity[] {
  const data = isRecord(content) ? content['data'] : null
  if (isList(data)) return data.map((entity) => entityOf(entity, kind))
  // An empty list, as Kong's JSON writes it at times.
  if (isRecord(data) && Object.keys(data).length === 0) return []
  throw new KongError('malformed', `the list of ${kind} is none`)
}

/** @throws KongError For what is no entity. */
export function entityOf(content: Json, kind: Kind): LiveEntity {
  if (!isRecord(content) || typeof content['id'] !== 'string')
    throw new KongError('malformed', `what Kong gives is none of its ${kind}`)
  const tags = isList(content['tags'])
    ? content['tags'].filter((tag): tag is string => typeof tag === 'string')
    : []
  return { kind, id: content['id'], tags, fields: content as Fields }
}

/** @throws KongError For what does not come from Kong. */
export function readFacts(content: Json, address: string): KongFacts {
  const configuration = isRecord(content) ? content['configuration'] : null
  const plugins = isRecord(content) ? content['plugins'] : null
  const available = isRecord(plugins) ? plugins['available_on_server'] : null
  if (!isRecord(content) || typeof content['version'] !== 'string' || !isRecord(configuration))
    throw new KongError('malformed', `what answers at ${address} is not an Admin API of Kong`)
  return {
    version: content['version'],
    hasDatabase: configuration['database'] !== 'off',
    plugins: new Set(isRecord(available) ? Object.keys(available) : []),
  }
}
