import { Type } from 'typebox'
import { registry } from '../../gateway/built-in.ts'
import { ConnectionLimit } from '../../gateway/capacity/connection-limit.ts'
import { SharedMemory } from '../../gateway/capacity/shared-memory.ts'
import { parseConfig } from '../../gateway/config/load-config.ts'
import type { DriverDefinition } from '../../gateway/contract/driver.ts'
import type { Exchange, LaneName } from '../../gateway/contract/lane.ts'
import type { Plugin, PluginDefinition } from '../../gateway/contract/plugin.ts'
import { JwksSources } from '../../gateway/identity/jwks-sources.ts'
import { handle } from '../../gateway/invocation/handle.ts'
import { mayUpgrade } from '../../gateway/invocation/read-upgrade.ts'
import { WaitingRoom } from '../../gateway/invocation/waiting-room.ts'
import { ConnectionWatch } from '../../gateway/lanes/express/connection-watch.ts'
import { createExpressLane } from '../../gateway/lanes/express/express-lane.ts'
import { createStandardLane } from '../../gateway/lanes/standard/standard-lane.ts'
import { ThreadSeries } from '../../gateway/observe/thread-series.ts'
import { Authenticators } from '../../gateway/snapshot/authenticators.ts'
import { compileSnapshot } from '../../gateway/snapshot/compile.ts'
import { Invokers } from '../../gateway/snapshot/invokers.ts'
import type { Snapshot } from '../../gateway/snapshot/snapshot.ts'
import { LaneCounters } from '../../gateway/threads/lane-counters.ts'
import { ThreadServices } from '../../gateway/threads/thread-services.ts'
import { TRANSPORTS } from '../../gateway/transport/open-transport.ts'

/** The data plane of one thread in the thread of the test, which can so look at its objects. */
export interface Pipeline {
  readonly url: string
  readonly port: number
  readonly services: ThreadServices
  readonly snapshot: Snapshot
  close(): void
}

/**
 * @param spy A plugin that every route of the configuration may name.
 * @param drivers Beside those of the project.
 */
export async function openPipeline(
  config: Record<string, unknown>,
  spy: PluginDefinition,
  name: LaneName = 'standard',
  drivers: readonly DriverDefinition[] = [],
): Promise<Pipeline> {
  const quiet = { accessLog: { enabled: false }, logLevel: 'error', ...(config['gateway'] as object) }
  const kinds = new Map([...registry.drivers, ...drivers.map((driver) => [driver.kind, driver] as const)])
  const modules = { ...registry, drivers: kinds, plugins: [...registry.plugins, spy] }
  const loaded = await parseConfig(JSON.stringify({ ...config, gateway: quiet }), '/dispatch.yaml', modules)
  const memory = new SharedMemory()
  const series = new ThreadSeries(memory, 1, 0)
  const services = new ThreadServices(
    loaded.config,
    series,
    new WaitingRoom(memory, 1, 0, series),
    null,
    false,
  )
  const { log } = services
  const counters = new LaneCounters(series, new ConnectionLimit(memory, 1, 0, 1000))
  memory.begin(1)
  const host = {
    ...loaded.registry,
    cells: memory,
    threads: 1,
    thread: 0,
    epoch: Date.now(),
    log,
    invokers: new Invokers(TRANSPORTS[loaded.config.gateway.transport], log),
    authenticators: new Authenticators(new JwksSources(log)),
    random: Math.random,
  }
  const snapshot = compileSnapshot(loaded.config, 1, host, () => {})
  const shared = {
    headTimeoutMs: 10_000,
    keepAliveMs: 72_000,
    handle: (exchange: Exchange) => handle(exchange, snapshot, services),
    observe: counters,
  }
  const standard = createStandardLane({
    ...shared,
    tls: null,
    parserHeadBytes: 65_536,
    messageBytes: 1_048_576,
    mayUpgrade: (target, rawHeaders) => mayUpgrade(target, rawHeaders, snapshot),
  })
  const watch = new ConnectionWatch()
  const lane =
    name === 'standard' ? standard : createExpressLane(standard, { ...shared, mostHeadBytes: 24_576, watch })
  const port = await lane.listen({ host: '127.0.0.1', port: 0, reusePort: false })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    services,
    snapshot,
    close() {
      void lane.stopAccepting()
      lane.destroy()
      watch.close()
      snapshot.retire()
      void services.close()
    },
  }
}

/** A plugin with these phases and no options. */
export function spyPlugin(name: string, phases: Plugin): PluginDefinition {
  return {
    name,
    status: 'stable',
    description: 'Looks on.',
    options: Type.Object({}),
    create: () => phases,
  }
}
