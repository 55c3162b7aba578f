import type { Config } from '../config/schema.ts'

/** Settings that a running gateway cannot change: who listens where, and on how many threads. */
const FIXED = [
  ['gateway.http', (config: Config) => config.gateway.http],
  ['gateway.https.address', (config: Config) => config.gateway.https?.address ?? null],
  ['gateway.management', (config: Config) => config.gateway.management],
  ['gateway.threads', (config: Config) => config.gateway.threads],
  ['gateway.limits.connections', (config: Config) => config.gateway.limits.connections],
  ['gateway.timeouts.head', (config: Config) => config.gateway.timeouts.head],
  ['gateway.timeouts.keepAlive', (config: Config) => config.gateway.timeouts.keepAlive],
] as const

/** One sentence for each setting whose change needs a restart: such a configuration is refused whole. */
export function restartNeeded(before: Config, after: Config): string[] {
  return FIXED.filter(([, read]) => JSON.stringify(read(before)) !== JSON.stringify(read(after))).map(
    ([path]) => `${after.file}: ${path} changed; restart the gateway to use it`,
  )
}
