import { createSecureContext } from 'node:tls'
import { Type } from 'typebox'
import { secureContextOptions } from '../../gateway/contract/certificates.ts'
import { Duration, Maybe, Secret, Text } from '../../gateway/contract/option-types.ts'
import type { TransportOptions } from '../../gateway/contract/transport.ts'

/** Options of every driver that reaches its platform by URL. */
export const connectionFields = {
  connections: Type.Integer({
    default: 128,
    minimum: 1,
    maximum: 65_535,
    description: 'Connections to one host from one thread. Calls beyond it wait for a free one.',
  }),
  connectTimeout: Duration({
    default: '3s',
    min: '10ms',
    max: '1m',
    description: 'Time for DNS, TCP and TLS together; then the backend counts as unreachable.',
  }),
  keepAlive: Duration({
    default: '4s',
    min: '1ms',
    max: '10m',
    description: "Time an idle connection is kept. Stay below the server's own: Node closes after 5 s.",
  }),
  ca: Maybe(
    Text({ description: 'PEM of the authorities that may vouch for the server, instead of the usual ones.' }),
  ),
  certificate: Maybe(Text({ description: 'PEM of a client certificate, for mutual TLS. Needs `key`.' })),
  key: Maybe(Secret({ description: 'PEM of the private key of `certificate`.' })),
}

export interface ConnectionOptions {
  readonly connections: number
  readonly connectTimeout: number
  readonly keepAlive: number
  readonly ca: string | null
  readonly certificate: string | null
  readonly key: string | null
}

export function transportOptions(options: ConnectionOptions): TransportOptions {
  return {
    connections: options.connections,
    connectTimeoutMs: options.connectTimeout,
    keepAliveMs: options.keepAlive,
    ca: options.ca,
    certificate: options.certificate,
    key: options.key,
  }
}

/**
 * Refuses options that cannot be kept together.
 *
 * @throws Error With a sentence for the operator, without what the PEM holds.
 */
export function checkConnection(url: URL, options: ConnectionOptions): void {
  const { ca, certificate, key } = options
  if (url.search !== '') throw new Error('url has a query: queries come from the caller')
  if ((certificate === null) !== (key === null)) throw new Error('certificate and key go together')
  if (ca === null && certificate === null) return
  if (url.protocol !== 'https:') throw new Error('ca, certificate and key need an https url')
  try {
    createSecureContext(secureContextOptions(options))
  } catch (error) {
    const { code } = error as { code?: unknown }
    throw new Error(`ca, certificate or key is not usable PEM (${String(code)})`)
  }
}
