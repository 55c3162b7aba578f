import { type Agent, request } from 'undici'

/** What an administrator of the platform proves himself with. */
export interface Administrator {
  readonly user: string
  readonly password: string
}

/** A function as the platform lists it; of what it says, what the gateway goes by. */
export interface ListedFunction {
  readonly name: string
  readonly replicas: number | null
  /** `max_inflight` of its watchdog; null without one. */
  readonly mostInFlight: number | null
}

/** The platform says no, with this status. */
export class AdministrationRefused extends Error {
  readonly status: number

  constructor(path: string, status: number) {
    super(`GET ${path} answers ${status}`)
    this.status = status
  }
}

/** Reads the administration API of OpenFaaS (`/system/*`). Trusts nothing that it answers. */
export class Administration {
  readonly #base: string
  readonly #agent: Agent
  readonly #headers: Record<string, string>

  constructor(base: string, administrator: Administrator | null, agent: Agent) {
    this.#base = base
    this.#agent = agent
    const { user, password } = administrator ?? { user: '', password: '' }
    const basic = Buffer.from(`${user}:${password}`).toString('base64')
    this.#headers = administrator === null ? {} : { authorization: `Basic ${basic}` }
  }

  /** All functions of a namespace, or of the platform's own. */
  async functions(namespace: string | null, signal: AbortSignal | undefined): Promise<ListedFunction[]> {
    const answer = await this.#get('/system/functions', namespace, signal)
    if (!Array.isArray(answer)) throw new Error('GET /system/functions answers no list')
    return answer.flatMap((each) => readFunction(each) ?? [])
  }

  /** One function, or null when the platform does not know it. */
  async function(
    name: string,
    namespace: string | null,
    signal: AbortSignal | undefined,
  ): Promise<ListedFunction | null> {
    try {
      return readFunction(await this.#get(`/system/function/${encodeURIComponent(name)}`, namespace, signal))
    } catch (error) {
      if (error instanceof AdministrationRefused && error.status === 404) return null
      throw error
    }
  }

  async #get(path: string, namespace: string | null, signal: AbortSignal | undefined): Promise<unknown> {
    const query = namespace === null ? '' : `?namespace=${encodeURIComponent(namespace)}`
    const answer = await request(`${this.#base}${path}${query}`, {
      dispatcher: this.#agent,
      headers: this.#headers,
      signal,
    })
    if (answer.statusCode !== 200) {
      await answer.body.dump()
      throw new AdministrationRefused(path, answer.statusCode)
    }
    return await answer.body.json()
  }
}

/** Null for what is no function. */
function readFunction(value: unknown): ListedFunction | null {
  if (typeof value !== 'object' || value === null) return null
  const { name, availableReplicas, envVars } = value as Record<string, unknown>
  if (typeof name !== 'string') return null
  return { name, replicas: countOf(availableReplicas), mostInFlight: readMostInFlight(envVars) }
}

/** The platform leaves a zero out when it writes JSON. */
function countOf(value: unknown): number | null {
  if (value === undefined || value === null) return 0
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

function readMostInFlight(envVars: unknown): number | null {
  if (typeof envVars !== 'object' || envVars === null || !Object.hasOwn(envVars, 'max_inflight')) return null
  const text: unknown = (envVars as Record<string, unknown>)['max_inflight']
  const number = typeof text === 'string' && /^\d{1,7}$/.test(text) ? Number(text) : 0
  return number > 0 ? number : null
}
