import { randomBytes } from 'node:crypto'
import { request } from 'undici'
import type { Config } from '../../gateway/config/schema.ts'
import { AdminTarget } from '../../kong-plugins/sync/admin/admin-target.ts'
import { DblessTarget } from '../../kong-plugins/sync/dbless/dbless-target.ts'
import { desiredState } from '../../kong-plugins/sync/desired/desired-state.ts'
import type { DesiredState } from '../../kong-plugins/sync/entities.ts'
import type { DeletionGuard } from '../../kong-plugins/sync/plan.ts'
import type { Patience } from '../../kong-plugins/sync/retry.ts'
import { type Round, Session } from '../../kong-plugins/sync/session.ts'
import { configuration, type Wanted } from './configuration.ts'
import { FaultyAdmin } from './faulty-admin.ts'
import { StandIn, type StandInOptions } from './stand-in/kong.ts'

/** A real Kong to run the same tests against; the stand-in otherwise. */
export const REAL_KONG = process.env['KONG_ADMIN_URL']?.replace(/\/$/, '') ?? null

/** Why a test cannot run against the Kong that was named; false when it can. */
export async function needs(database: boolean): Promise<string | false> {
  if (REAL_KONG === null) return false
  const about = (await (await request(`${REAL_KONG}/`)).body.json()) as {
    configuration: { database: string }
  }
  const has = about.configuration.database !== 'off'
  if (has === database) return false
  return has ? 'that Kong has a database' : 'that Kong has no database'
}

/** As the real one, but nobody waits for long. */
export const HASTY: Patience = { tries: 5, random: () => 0, pause: async () => {} }

/** Kinds that have a list of their own, those that hang on others first. */
export const DELETION_ORDER = [
  'plugins',
  'routes',
  'services',
  'upstreams',
  'snis',
  'certificates',
  'ca_certificates',
] as const

const WITHOUT_GUARD = null

interface GatewayOptions {
  readonly timeoutMs?: number
  readonly direct?: boolean
  readonly [field: string]: unknown
}

interface ByHand {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they know to be there
  readonly body: any
}

/** One gateway: a configuration and its session with Kong. */
export class Gateway {
  readonly session: Session
  desired: DesiredState
  /** Of its configuration. */
  generation: number

  constructor(session: Session, desired: DesiredState, generation: number) {
    this.session = session
    this.desired = desired
    this.generation = generation
  }

  round(guard: DeletionGuard | null = WITHOUT_GUARD): Promise<Round> {
    const { desired, generation } = this
    const signal = AbortSignal.timeout(120_000)
    return this.session.round(desired, { guard, generation, onWritten: () => {}, signal })
  }
}

/** A Kong under test, with faults in front of it. Every one has an owner of its own, and leaves nothing behind. */
export class KongUnderTest {
  /** Where edits by hand go: neither counted nor broken. */
  readonly url: string
  readonly admin: FaultyAdmin
  readonly owner = `t${randomBytes(5).toString('hex')}`
  readonly #standIn: StandIn | null
  readonly #database: boolean
  readonly #gateways: Gateway[] = []
  readonly #made: string[] = []
  /** What configurations have besides routes and `kong`. */
  parts: Readonly<Record<string, unknown>> = {}
  /** Where configurations find their secrets. */
  environment: Readonly<Record<string, string>> = {}
  /** The clock of all gateways. */
  nowMs = Date.now()

  private constructor(url: string, admin: FaultyAdmin, standIn: StandIn | null, database: boolean) {
    this.url = url
    this.admin = admin
    this.#standIn = standIn
    this.#database = database
  }

  static async open(options: StandInOptions = {}): Promise<KongUnderTest> {
    const standIn = REAL_KONG === null ? await StandIn.open(options) : null
    const url = standIn?.url ?? REAL_KONG!
    const kong = new KongUnderTest(url, await FaultyAdmin.open(url), standIn, options.database ?? true)
    if (!kong.#database) await kong.loadWhole({ _format_version: '3.0' })
    return kong
  }

  /** The proxy of the stand-in. */
  get proxyUrl(): string {
    return this.#standIn!.proxyUrl
  }

  /**
   * A gateway with these routes, and fields of `kong`.
   *
   * @param options.direct Its requests go past the faults, and are not counted.
   */
  async gateway(
    routes: readonly Wanted[],
    { timeoutMs = 20_000, direct = false, ...kong }: GatewayOptions = {},
  ): Promise<Gateway> {
    const config = await this.#config(routes, kong)
    const admin = {
      ...config.kong!.admin,
      timeout: timeoutMs,
      ...(direct ? { url: this.url } : {}),
    }
    const target = this.#database ? new AdminTarget(admin, HASTY) : new DblessTarget(admin, this.owner, HASTY)
    const session = new Session(target, this.#database ? 'admin' : 'dbless', () => this.nowMs)
    const gateway = new Gateway(session, desiredState(config), this.nowMs++)
    this.#gateways.push(gateway)
    return gateway
  }

  /** Gives a gateway another configuration, as a reload does. */
  async reconfigure(
    gateway: Gateway,
    routes: readonly Wanted[],
    kong: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    gateway.desired = desiredState(await this.#config(routes, kong))
    gateway.generation = ++this.nowMs
  }

  /** An edit by hand. What is created is deleted in the end. */
  async byHand(method: string, path: string, body?: object): Promise<ByHand> {
    const response = await request(this.url + path, {
      method: method as 'GET',
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.body.text()
    if (method === 'PUT' && response.statusCode === 200) this.#made.push(path)
    return { status: response.statusCode, body: text === '' ? null : JSON.parse(text) }
  }

  /** Replaces the whole configuration of a Kong without a database. */
  async loadWhole(config: object): Promise<void> {
    const { status, body } = await this.byHand('POST', '/config', config)
    if (status !== 201) throw new Error(`POST /config: ${status} ${JSON.stringify(body)}`)
  }

  /** All entities of a kind with our tag, in the order of their ids; or of everybody. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they know to be there
  async all(kind: string, whose: 'ours' | 'any' = 'ours'): Promise<any[]> {
    const found: ByHand['body'][] = []
    let next: string | null = `/${kind}?size=1000`
    while (next !== null) {
      const page: ByHand['body'] = (await this.byHand('GET', next)).body
      found.push(...page.data)
      next = page.next
    }
    const tag = `dispatch-edge-owner:${this.owner}`
    return whose === 'any' ? found : found.filter(({ tags }) => tags?.includes(tag))
  }

  async close(): Promise<void> {
    await Promise.all(this.#gateways.map(({ session }) => session.close()))
    this.admin.close()
    if (this.#standIn) return this.#standIn.close()
    if (!this.#database) return this.loadWhole({ _format_version: '3.0' })
    for (const kind of DELETION_ORDER)
      for (const { id } of await this.all(kind)) await this.byHand('DELETE', `/${kind}/${id}`)
    for (const path of this.#made.reverse()) await this.byHand('DELETE', path)
  }

  async #config(routes: readonly Wanted[], kong: Readonly<Record<string, unknown>>): Promise<Config> {
    const admin = { url: this.admin.url }
    const written = { owner: this.owner, mode: this.#database ? 'admin' : 'dbless', admin, ...kong }
    const { parts, environment } = this
    return (await configuration({ routes, kong: written, parts, environment })).config
  }
}
