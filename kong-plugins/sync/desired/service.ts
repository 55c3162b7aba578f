import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Config, KongConfig } from '../../../gateway/config/schema.ts'
import type { DesiredEntity } from '../entities.ts'
import { createEntity } from './entity.ts'

/** Kong gives up so much later than we do, so that the answer is ours. */
const MARGIN_MS = 10_000
/** The longest time that Kong takes. */
const LONGEST_MS = 2_147_483_646

/** The one service and its upstream, with a target for each gateway. The name of both. */
export function gatewayName(owner: string): string {
  return `${owner}.dispatch-edge`
}

/**
 * The service that all routes lead to.
 *
 * @param authorities By which Kong checks the gateway; none for plain HTTP.
 * @param client What Kong shows to the gateway; null for none.
 */
export function serviceEntity(
  config: Config,
  kong: KongConfig,
  authorities: readonly DesiredEntity[],
  client: DesiredEntity | null,
): DesiredEntity {
  const { owner, tls } = kong
  const name = gatewayName(owner)
  const timeout = timeoutMs(config)
  return createEntity(owner, 'services', name, {
    protocol: tls === null ? 'http' : 'https',
    host: name,
    port: tls === null ? 80 : 443,
    path: null,
    enabled: true,
    // We try again ourselves, where that is safe; Kong would repeat what may have run.
    retries: 0,
    connect_timeout: timeout,
    write_timeout: timeout,
    read_timeout: timeout,
    tls_verify: tls === null ? null : true,
    tls_verify_depth: null,
    ca_certificates: tls === null ? null : authorities.map(({ id }) => id),
    client_certificate: client === null ? null : { id: client.id },
  })
}

/**
 * What spreads calls over the gateways that are ready.
 *
 * @param client What Kong shows to the gateway when it asks whether that is ready; null for none.
 */
export function upstreamEntities(
  { owner, targets, tls, health }: KongConfig,
  client: DesiredEntity | null,
): DesiredEntity[] {
  const name = gatewayName(owner)
  const interval = health.interval / 1000
  const upstream = createEntity(owner, 'upstreams', name, {
    algorithm: 'round-robin',
    host_header: null,
    client_certificate: client === null ? null : { id: client.id },
    healthchecks: {
      threshold: 0,
      active: {
        type: tls === null ? 'http' : 'https',
        http_path: health.path,
        timeout: 2,
        // Kong checks it here against its own list of authorities, not by `ca`.
        https_verify_certificate: false,
        healthy: { interval, successes: 1, http_statuses: [200] },
        unhealthy: { interval, http_failures: 1, tcp_failures: 2, timeouts: 2, http_statuses: [500, 503] },
      },
      // Failures of functions do not make a gateway unhealthy.
      passive: {
        healthy: { successes: 0 },
        unhealthy: { http_failures: 0, tcp_failures: 0, timeouts: 0 },
      },
    },
  })
  return [
    upstream,
    ...targets.map(({ host, port }) =>
      createEntity(owner, 'targets', `${hostOf(host)}:${port}`, {
        weight: 100,
        upstream: { id: upstream.id },
      }),
    ),
  ]
}

/** Kong writes IPv6 addresses in full. */
function hostOf(host: string): string {
  if (!isIPv6(host)) return host
  const groups = ipaddr.IPv6.parse(host).parts.map((part) => part.toString(16).padStart(4, '0'))
  return `[${groups.join(':')}]`
}

/** Above all that the gateway waits for: the head of an answer, the gap between its pieces, a WebSocket that is idle. */
function timeoutMs({ gateway, functions, routes }: Config): number {
  const longest = Math.max(
    gateway.timeouts.body,
    ...functions.map(({ timeout }) => timeout),
    ...routes.map(({ upgrade }) => (upgrade === 'websocket' ? gateway.websocket.idle : 0)),
  )
  return Math.min(longest + MARGIN_MS, LONGEST_MS)
}
