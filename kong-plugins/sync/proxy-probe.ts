import { Agent } from 'undici'

const TIMEOUT_MS = 5000
/**
 * A field that the gateway refuses before it looks for a route, because it reads like one of its own: it answers, and no
 * function is called. Kong passes it on.
 */
const REFUSED = 'x_request_id'
/** What Kong answers itself while it does not have a route, or nobody behind it. */
const NOT_YET = [404, 500, 502, 503, 504]

export interface RouteProbe {
  readonly method: string
  /** Null: that of the proxy. */
  readonly host: string | null
  readonly path: string
}

export interface ProxyAnswer {
  /** The gateway answered through Kong, or a plugin or redirect of the route did. */
  readonly isRouted: boolean
  /** For people. */
  readonly said: string
}

/** Asks Kong's proxy whether it has a route. Its certificate is not checked: nothing is sent that anybody may not know. */
export class ProxyProbe {
  readonly #proxy: string
  readonly #agents = new Map<string, Agent>()

  /** @param proxy Scheme, host and port. */
  constructor(proxy: string) {
    this.#proxy = proxy
  }

  async ask({ method, host, path }: RouteProbe): Promise<ProxyAnswer> {
    try {
      const answer = await this.#agentFor(host ?? '').request({
        origin: this.#proxy,
        path,
        method: method as 'GET',
        headers: { ...(host === null ? {} : { host }), [REFUSED]: 'probe' },
        // Each connection may come to another process of Kong, which learns of routes by itself.
        reset: true,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await answer.body.dump()
      const { statusCode: status, headers } = answer
      const isOurs = headers['dispatch-error'] !== undefined
      return {
        isRouted: isOurs || !NOT_YET.includes(status),
        said: `${isOurs ? 'we say' : 'Kong says'} ${status}`,
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return { isRouted: false, said: code ?? message }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()))
  }

  #agentFor(name: string): Agent {
    let agent = this.#agents.get(name)
    if (agent === undefined) {
      const servername = /^[\d.]+$|^\[|^$/.test(name) ? {} : { servername: name }
      agent = new Agent({ connections: 4, connect: { rejectUnauthorized: false, ...servername } })
      this.#agents.set(name, agent)
    }
    return agent
  }
}
