import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Dao, kindOf } from './dao.ts'
import type { Fields } from './field.ts'
import type { Entity } from './tables.ts'

/** What the workers of Kong know at one moment. */
interface Knowledge {
  readonly routes: readonly Entity[]
  readonly services: readonly Entity[]
  readonly targets: readonly Entity[]
  readonly upstreams: readonly Entity[]
}

/** An answer of Kong itself. */
interface Own {
  readonly status: number
  readonly message: string
  readonly location?: string
}

interface Peer {
  readonly host: string
  readonly port: number
}

/**
 * The proxy of the stand-in: enough of it to see that a route is live. Plain HTTP, no plugins; the first target takes
 * every call. What the Admin API took shows a while later, as in Kong, whose workers look every few seconds.
 */
export class StandInProxy {
  readonly #server: http.Server
  readonly #delayMs: number
  readonly #timers = new Set<NodeJS.Timeout>()
  #known: Knowledge = { routes: [], services: [], targets: [], upstreams: [] }

  private constructor(delayMs: number) {
    this.#delayMs = delayMs
    this.#server = http.createServer((request, response) => this.#serve(request, response))
  }

  static async open(delayMs: number): Promise<StandInProxy> {
    const proxy = new StandInProxy(delayMs)
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Something changed: what is there now will be known a while later. */
  learn({ tables }: Dao): void {
    const [routes, services, targets, upstreams] = ['routes', 'services', 'targets', 'upstreams'].map(
      (name) => tables.all(kindOf(name)),
    ) as [Entity[], Entity[], Entity[], Entity[]]
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#known = { routes, services, targets, upstreams }
    }, this.#delayMs)
    this.#timers.add(timer)
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(request: http.IncomingMessage, response: http.ServerResponse): void {
    const decision = this.#decide(request)
    if ('status' in decision) answer(response, decision)
    else forward(request, response, decision)
  }

  #decide(request: http.IncomingMessage): Own | Peer {
    const route = this.#match(request)
    if (!route) return own(404, 'no Route matched with those values')
    if (!(route['protocols'] as string[]).includes('http')) {
      const status = route['https_redirect_status_code'] as number
      if (status === 426) return own(426, 'Please use HTTPS protocol')
      return { status, message: '', location: `https://${request.headers.host}${request.url}` }
    }
    const service = this.#known.services.find(({ id }) => id === (route['service'] as Fields | null)?.['id'])
    if (!service) return own(503, 'no Service found with those values')
    return this.#targetOf(service) ?? own(503, 'failure to get a peer from the ring-balancer')
  }

  #match({ method, url, headers }: http.IncomingMessage): Entity | undefined {
    const path = decodeURI(url!.split('?')[0]!)
    const host = (headers.host ?? '').replace(/:\d+$/, '')
    return this.#known.routes
      .filter(
        (route) =>
          has(route['methods'], (one) => one === method) &&
          has(route['hosts'], (one) => matchesHost(one, host)) &&
          has(route['paths'], (one) => matchesPath(one, path)),
      )
      .sort((a, b) => precedence(b) - precedence(a))[0]
  }

  #targetOf({ host, port }: Entity): Peer | null {
    const upstream = this.#known.upstreams.find(({ name }) => name === host)
    if (!upstream) return { host: host as string, port: port as number }
    const target = this.#known.targets.find((one) => (one['upstream'] as Fields)['id'] === upstream.id)
    if (!target) return null
    const [, name, digits] = /^\[?(.*?)\]?:(\d+)$/.exec(target['target'] as string)!
    return { host: name!, port: Number(digits) }
  }
}

const has = (list: unknown, is: (one: string) => boolean) => list === null || (list as string[]).some(is)

function matchesHost(pattern: string, host: string): boolean {
  if (pattern.startsWith('*')) return host.endsWith(pattern.slice(1))
  return pattern.endsWith('*') ? host.startsWith(pattern.slice(0, -1)) : host === pattern
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.startsWith('~') ? new RegExp(`^${pattern.slice(1)}`).test(path) : path.startsWith(pattern)
}

/**
 * What Kong computes (kong/router/transform.lua): plain hosts, expressions, and beside them within 32 bits the kinds of
 * what is matched and the priority. Once that reaches the sign, the route comes before all others.
 */
function precedence(route: Entity): number {
  const hosts = (route['hosts'] ?? []) as string[]
  const paths = (route['paths'] ?? []) as string[]
  const kinds = ['methods', 'hosts', 'headers', 'snis', 'paths'].filter((field) => route[field] !== null)
  const plain = hosts.length > 0 && hosts.every((host) => !host.includes('*')) ? 2 ** 36 : 0
  const regex = paths[0]?.startsWith('~') ? 2 ** 35 : 0
  const rest =
    (kinds.length << 29) | (regex > 0 ? (route['regex_priority'] as number) << 19 : (paths[0]?.length ?? 0))
  return rest < 0 ? 2 ** 40 + plain : plain + regex + rest
}

const own = (status: number, message: string): Own => ({ status, message })

function answer(response: http.ServerResponse, { status, message, location }: Own): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-kong-response-latency': '0',
    ...(location === undefined ? {} : { location }),
  })
  response.end(JSON.stringify({ message, request_id: '5be8f37d2e6bc32711e2891300764f1e' }))
}

function forward(request: http.IncomingMessage, response: http.ServerResponse, peer: Peer): void {
  const headers = { ...request.headers, connection: 'close' }
  const onward = http.request({ ...peer, method: request.method, path: request.url, headers }, (answered) => {
    response.writeHead(answered.statusCode!, {
      ...answered.headers,
      via: '1.1 kong/3.9.3',
      connection: 'close',
    })
    answered.pipe(response)
  })
  onward.once('error', () =>
    answer(response, own(502, 'An invalid response was received from the upstream server')),
  )
  request.pipe(onward)
}
