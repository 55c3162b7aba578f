import { NO_LOAD } from '../capacity/function-load.ts'
import { RetryBudget } from '../capacity/retry-budget.ts'
import type { BackendConfig, Config, RouteConfig } from '../config/schema.ts'
import type { PluginDefinition } from '../contract/plugin.ts'
import type { Authenticator } from '../identity/authenticator.ts'
import { labelRoutes, NO_ROUTE, SeriesFactory } from '../observe/series.ts'
import { EntryZones } from '../placement/entry-zones.ts'
import { NO_PLACEMENT } from '../placement/function-placement.ts'
import type { Authenticators } from './authenticators.ts'
import { compileFunctions, type FunctionHost, functionKey } from './compile-functions.ts'
import { Policies } from './policies.ts'
import { compileRewrite } from './rewrite.ts'
import { Route } from './route.ts'
import { needsPreflight, prechecksOf, stepsOf } from './route-steps.ts'
import { Router } from './router.ts'
import { type Limits, Snapshot } from './snapshot.ts'
import { TrustedPeers } from './trusted-peers.ts'

/** What the Snapshots of one thread have in common. */
export interface CompileHost extends FunctionHost {
  /** In the order of execution. */
  readonly plugins: readonly PluginDefinition[]
  readonly authenticators: Authenticators
}

/**
 * Config ▶ Snapshot. Opens no connection and takes no time from running calls but its own.
 *
 * @param retired Called when the Snapshot is retired and its last call is over.
 * @throws Error with a sentence for the operator when a plugin, driver or key refuses its settings; nothing is kept.
 */
export function compileSnapshot(
  config: Config,
  generation: number,
  host: CompileHost,
  retired: () => void,
): Snapshot {
  const used: BackendConfig[] = []
  const policies = new Policies(host)
  let authenticator: Authenticator | null = null
  const release = (): void => {
    policies.close()
    if (authenticator !== null) host.authenticators.release(config.identity)
    for (const backend of used) host.invokers.release(backend)
  }
  try {
    authenticator = host.authenticators.acquire(config.identity)
    return compile(config, generation, {
      ...host,
      authenticator,
      policies,
      used,
      close: () => {
        release()
        retired()
      },
    })
  } catch (error) {
    release()
    throw error
  }
}

/** What one compilation gathers beside the Snapshot. */
interface Compilation extends CompileHost {
  readonly authenticator: Authenticator
  readonly policies: Policies
  /** Backends of which an invoker is held, once for each Deployment. */
  readonly used: BackendConfig[]
  readonly close: () => void
}

function compile(config: Config, generation: number, host: Compilation): Snapshot {
  const entryZones = new EntryZones(config.placement, config.backends)
  const functions = compileFunctions(config, host, entryZones, host.used)
  const series = new SeriesFactory(host.cells, host.threads, host.thread)
  const labels = labelRoutes(
    config.routes.map(({ name }) => name),
    config.gateway.metrics.routes,
  )
  const router = new Router()
  const preflights: [RouteConfig, Route][] = []
  const ownHosts = new Set(
    config.gateway.hosts.map((authority) => authority.replace(/:\d+$/, '').toLowerCase()),
  )
  for (const [index, written] of config.routes.entries()) {
    const target = functions.get(functionKey(written.organization, written.functionName))!
    const plugins = host.policies.forRoute(written)
    const parts = {
      name: written.name,
      path: written.path,
      plugins,
      target,
      maxAttempts: written.retries.attempts,
      upgrades: written.upgrade === 'websocket',
      rewrite: written.rewrite === null ? null : compileRewrite(written.path, written.rewrite),
      series: series.route(
        labels[index]!,
        target.deployments.map(({ backend }) => backend),
      ),
      forPreflight: false,
    }
    const preflight = needsPreflight(written, plugins)
      ? new Route({ ...parts, steps: prechecksOf(plugins), preflight: null, forPreflight: true })
      : null
    if (preflight !== null) preflights.push([written, preflight])
    const steps = stepsOf(written.auth, plugins, config.identity, host.authenticator)
    router.add(written, new Route({ ...parts, steps, preflight }))
  }
  // Behind all others, so that a route which says OPTIONS keeps it.
  for (const [written, preflight] of preflights) router.add({ ...written, methods: ['OPTIONS'] }, preflight)
  return new Snapshot({
    generation,
    router,
    noRoute: new Route({ ...NOWHERE, series: series.route(NO_ROUTE, []) }),
    functions,
    limits: limitsOf(config),
    trustedPeers: new TrustedPeers(config.gateway.trustedProxies),
    assertions: host.authenticator.assertions,
    entryZones,
    ownHosts,
    serverTiming: config.gateway.serverTiming,
    trustRequestId: config.gateway.requestId.trust,
    explainRoles: config.placement.explain,
    readinessPath: config.kong?.health.path ?? '',
    close: host.close,
  })
}

function limitsOf({ gateway }: Config): Limits {
  return {
    targetBytes: gateway.limits.uri,
    headBytes: gateway.limits.headers,
    headerCount: gateway.limits.headerCount,
    bodyBytes: gateway.limits.body ?? Number.MAX_SAFE_INTEGER,
    replayBytes: gateway.limits.replay,
    bodyGapMs: gateway.timeouts.body,
    webSocket: {
      idleMs: gateway.websocket.idle,
      lifetimeMs: gateway.websocket.lifetime,
      pingMs: gateway.websocket.ping,
    },
  }
}

/** The Route of calls that no Route takes, so that every call has one. */
const NOWHERE = {
  name: '',
  path: '/',
  steps: [],
  plugins: [],
  target: {
    organization: '',
    name: '',
    deployments: [],
    placement: NO_PLACEMENT,
    load: NO_LOAD,
    waiting: { most: 0, time: null },
    timeoutMs: 0,
    idempotent: false,
    hedge: null,
    retryBudget: new RetryBudget(),
  },
  maxAttempts: 0,
  upgrades: false,
  rewrite: null,
  preflight: null,
  forPreflight: false,
}
