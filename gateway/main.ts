import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { registry, watched } from './built-in.ts'
import { type LoadedConfig, loadConfig } from './config/load-config.ts'
import type { Config } from './config/schema.ts'
import { GatewayError } from './contract/errors.ts'
import { BurstLedger } from './control/burst-ledger.ts'
import { Gateway } from './control/gateway.ts'
import { createManagementHost } from './control/management-host.ts'
import { ProbeWatch } from './control/probe-watch.ts'
import { watchFile } from './control/watch-file.ts'
import { openManagement } from './management/open-management.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/**
 * Reads a configuration file with the drivers and plugins of the project.
 *
 * @throws ConfigInvalid With every mistake.
 */
export async function loadGatewayConfig(file: string): Promise<LoadedConfig> {
  const loaded = await loadConfig(file, registry)
  const { findUntranslatable } = await import('../kong-plugins/sync/desired/untranslatable.ts')
  const found = findUntranslatable(loaded.config)
  if (found !== null) throw loaded.refusal(found.part, found.sentence)
  return loaded
}

const MANAGEMENT_CLOSE_MS = 2000

/** A gateway that serves. */
export interface RunningGateway {
  readonly config: Config
  /** As `host:port`; with the port that was really taken. */
  readonly addresses: {
    readonly http: string | null
    readonly https: string | null
    readonly management: string
  }
  /** PEM file of the authority that signed the development certificate; null when there is none. */
  readonly authorityFile: string | null
  /** Exit code, once the gateway has stopped: 0, or 1 when running calls had to be cut. */
  readonly closed: Promise<number>
  /** Reads the configuration again, as SIGHUP does. */
  reload(): Promise<void>
  /** Drains and stops, as SIGTERM does. Asked twice it is done once. */
  close(): Promise<void>
}

/**
 * Starts a gateway on a configuration file.
 *
 * @param options.pretty Log lines for a terminal instead of JSON. Default: when standard output is one.
 * @throws ConfigInvalid, or GatewayError GW_START_FAILED with what to do.
 */
export async function startGateway(options: {
  readonly configFile: string
  readonly pretty?: boolean
}): Promise<RunningGateway> {
  // The data port answers before the start is over: a signal that comes in between is kept until then.
  const early: { wish: 'none' | 'stop' | 'reload' } = { wish: 'none' }
  const keep = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGHUP') early.wish = 'stop'
    else if (early.wish === 'none') early.wish = 'reload'
  }
  for (const signal of SIGNALS) process.on(signal, keep)
  try {
    const gateway = await start(options)
    if (early.wish === 'stop') void gateway.close()
    else if (early.wish === 'reload') void gateway.reload()
    return gateway
  } finally {
    for (const signal of SIGNALS) process.off(signal, keep)
  }
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP']

async function start(options: {
  readonly configFile: string
  readonly pretty?: boolean
}): Promise<RunningGateway> {
  const gateway = await Gateway.start({
    entry: new URL('./thread.ts', import.meta.url),
    pretty: options.pretty ?? process.stdout.isTTY === true,
    load: async () => {
      const loaded = await loadGatewayConfig(options.configFile)
      return { ...loaded, registry: watched(loaded.registry) }
    },
  })
  const { config, log } = gateway
  const probes = new ProbeWatch(gateway)
  probes.start()
  const ledger = new BurstLedger(gateway.materials.state, () => gateway.control.budgets, log)
  ledger.start()
  const { Reconciler } = await import('../kong-plugins/sync/reconciler.ts')
  const kong = new Reconciler(gateway, log)
  const host = createManagementHost(gateway, probes, () => kong.status(), version)
  const management = await openManagement(host, {
    address: config.gateway.management.address,
    token: gateway.materials.managementToken,
    names: config.gateway.hosts,
  }).catch(async (cause: Error) => {
    probes.close()
    await ledger.close()
    await gateway.close()
    throw new GatewayError('GW_START_FAILED', { detail: cause.message, cause })
  })
  const reload = async (): Promise<void> => {
    await gateway.reload()
  }
  kong.start()
  const unwatch = watchFile(
    config.file,
    () => void reload(),
    (error) => {
      log.warn({ err: error }, 'the configuration file cannot be watched; send SIGHUP after a change')
    },
  )

  const closed = Promise.withResolvers<number>()
  let closing: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    unwatch()
    probes.close()
    await kong.close()
    let exitCode = 1
    try {
      const cut = await gateway.drain()
      await ledger.close()
      // A client that does not take its answer must not keep the process.
      await Promise.race([management.close(), pause(MANAGEMENT_CLOSE_MS, undefined, { ref: false })])
      exitCode = cut === 0 ? 0 : 1
    } catch (error) {
      log.error({ err: error }, 'the gateway did not stop in order')
    }
    for (const [signal, act] of signals) process.off(signal, act)
    closed.resolve(exitCode)
  }
  const close = (): Promise<void> => {
    closing ??= stop()
    return closing
  }
  const signals: [NodeJS.Signals, () => void][] = [
    ['SIGTERM', () => void close()],
    ['SIGINT', () => void close()],
    ['SIGHUP', () => void reload()],
  ]
  for (const [signal, act] of signals) process.on(signal, act)

  const { http, https } = config.gateway
  const { ports } = gateway.supervisor
  return {
    config,
    addresses: {
      http: http === null ? null : at(http.host, ports.http),
      https: https === null ? null : at(https.address.host, ports.https),
      management: at(config.gateway.management.address.host, management.port),
    },
    authorityFile: gateway.materials.certificate?.authorityFile ?? null,
    closed: closed.promise,
    reload,
    close,
  }
}

function at(host: string, port: number | null): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
