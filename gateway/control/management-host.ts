import { handleDirect } from '../invocation/handle-direct.ts'
import { StandardExchange } from '../lanes/standard/standard-exchange.ts'
import type { ManagementHost } from '../management/host.ts'
import { Exposition } from '../observe/exposition.ts'
import type { KongStatus } from '../observe/kong-status.ts'
import { SeriesFactory } from '../observe/series.ts'
import { type LabelledRoute, labelledRoutes, SeriesReader } from '../observe/series-reader.ts'
import { functionKey } from '../snapshot/compile-functions.ts'
import type { FunctionTarget } from '../snapshot/function-target.ts'
import { Route } from '../snapshot/route.ts'
import { explainCall } from './explain-call.ts'
import type { Gateway } from './gateway.ts'
import { PlatformLifecycle } from './platform-lifecycle.ts'
import type { ProbeWatch } from './probe-watch.ts'
import { gatewayStatus } from './status.ts'
import { unknownFunction } from './unknown-function.ts'

/** What the management API needs, from the control plane. */
export function createManagementHost(
  gateway: Gateway,
  probes: ProbeWatch,
  kong: () => KongStatus | null,
  version: string,
): ManagementHost {
  const status = () => gatewayStatus(gateway, probes.results, kong(), version)
  const { threads } = gateway.supervisor
  const exposition = new Exposition({
    series: () => new SeriesReader(gateway.memory, threads.length + 1, labels(gateway)),
    status,
    threads: [...threads.map(({ index }) => String(index)), 'main'],
    mostDeployments: gateway.config.gateway.metrics.routes,
  })
  return {
    log: gateway.log,
    lifecycle: new PlatformLifecycle({
      log: gateway.log,
      get config() {
        return gateway.config
      },
      get functions() {
        return gateway.control.current.functions
      },
      operator: (backend) => gateway.operators.get(backend),
    }),
    explain: (organization, functionName, call) => explainCall(gateway, organization, functionName, call),
    readiness: () => ({ ready: gateway.notReady.length === 0, reasons: gateway.notReady }),
    status,
    metrics: () => exposition.page(),
    reload: () => gateway.reload(),
    invoke(request, reply, organization, functionName, path) {
      reply.hijack()
      const exchange = new StandardExchange(request.raw, reply.raw, path, false)
      const snapshot = gateway.control.current
      const target = snapshot.functions.get(functionKey(organization, functionName))
      handleDirect(
        exchange,
        snapshot,
        operatorRoute(gateway, organization, functionName, target),
        gateway.control.services,
      )
    },
  }
}

/** Label of calls that operators make over the management API. */
const OPERATOR = 'operator'

function labels({ config }: Gateway): LabelledRoute[] {
  return [...labelledRoutes(config), { label: OPERATOR, backends: config.backends.map(({ name }) => name) }]
}

/** A Route of no configuration: it has no plugins and asks for nobody, the management API has done so. */
function operatorRoute(
  gateway: Gateway,
  organization: string,
  name: string,
  target: FunctionTarget | undefined,
): Route {
  const threads = gateway.supervisor.threads.length
  const unknown = unknownFunction(gateway.control.current, organization, name)
  const known: FunctionTarget = target ?? { ...gateway.control.current.noRoute.target, organization, name }
  const series = new SeriesFactory(gateway.memory, threads + 1, threads)
  return new Route({
    name: OPERATOR,
    path: '/*',
    steps: target === undefined ? [{ access: () => unknown }] : [],
    plugins: [],
    target: known,
    maxAttempts: 3,
    upgrades: false,
    rewrite: null,
    series: series.route(
      OPERATOR,
      known.deployments.map(({ backend }) => backend),
    ),
    preflight: null,
    forPreflight: false,
  })
}
