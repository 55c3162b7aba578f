import type { LaneName } from '../../gateway/contract/lane.ts'
import type { TransportName } from '../../gateway/contract/transport.ts'

/** A program that a bench starts. */
export interface Program {
  readonly name: string
  /** Path from `bench/`. */
  readonly module: string
  /** What the module makes of itself; JSON. */
  readonly settings: object
}

/** How this gateway is set up. Unless something else is said: secured, as the budgets mean it. */
export interface GatewaySettings {
  readonly lane?: LaneName
  readonly transport?: TransportName
  /** Default 1000. */
  readonly routes?: number
  /** Served over TLS. Default false. */
  readonly tls?: boolean
  /** Every token is verified anew. Default false. */
  readonly everyTokenNew?: boolean
  /** Default false. */
  readonly accessLog?: boolean
  readonly serverTiming?: 'on-request' | 'always' | 'never'
  /** Calls that the backends at home take at once; the rest goes to a cloud. Default: as many as come. */
  readonly homeCalls?: number
}

/** This gateway. One thread serves, as with the baselines. */
export function gateway(name: string, settings: GatewaySettings = {}): Program {
  return { name, module: 'proxies/dispatch.ts', settings }
}

/** What every budget is a ratio to: `@fastify/http-proxy` as it comes. It checks nothing. */
export const HTTP_PROXY: Program = program('@fastify/http-proxy, bare', 'http-proxy')
/** The least that node:http and undici cost. */
export const NODE_UNDICI: Program = program('node:http + undici, bare', 'node-undici')
export const NGINX: Program = program('nginx, bare', 'nginx')
export const HAPROXY: Program = program('HAProxy, bare', 'haproxy')

/** In front of which everything stands. */
export const UPSTREAM: Program = { name: 'upstream', module: 'support/upstream.ts', settings: {} }

function program(name: string, file: string, settings: object = {}): Program {
  return { name, module: `proxies/${file}.ts`, settings }
}
