import type { Config } from '../config/schema.ts'

/** Settings that a running gateway cannot change: listeners, threads, and what is fixed when these are made. */
const FIXED = [
  ['gateway.http', (config: Config) => config.gateway.http],
  ['gateway.https.address', (config: Config) => config.gateway.https?.address ?? null],
  // Its authorities and subjects may change, as the certificate may.
  [
    'gateway.https.clientCertificate',
    (config: Config) => (config.gateway.https?.clientCertificate ?? null) !== null,
  ],
  ['gateway.management', (config: Config) => config.gateway.management],
  ['gateway.threads', (config: Config) => config.gateway.threads],
  ['gateway.transport', (config: Config) => config.gateway.transport],
  ['gateway.hosts', (config: Config) => config.gateway.hosts],
  ['gateway.logLevel', (config: Config) => config.gateway.logLevel],
  ['gateway.metrics.routes', (config: Config) => config.gateway.metrics.routes],
  ['gateway.lanes', (config: Config) => config.gateway.lanes],
  ['gateway.limits.uri', (config: Config) => config.gateway.limits.uri],
  ['gateway.limits.headers', (config: Config) => config.gateway.limits.headers],
  ['gateway.limits.connections', (config: Config) => config.gateway.limits.connections],
  ['gateway.websocket.message', (config: Config) => config.gateway.websocket.message],
  ['gateway.timeouts.head', (config: Config) => config.gateway.timeouts.head],
  ['gateway.timeouts.keepAlive', (config: Config) => config.gateway.timeouts.keepAlive],
] as const

/** One sentence for each setting whose change needs a restart: such a configuration is refused whole. */
export function restartNeeded(before: Config, after: Config): string[] {
  return FIXED.filter(([, read]) => JSON.stringify(read(before)) !== JSON.stringify(read(after))).map(
    ([path]) => `${after.file}: ${path} changed; restart the gateway to use it`,
  )
}
