import type { ProbeResult } from '../contract/driver.ts'
import { burstStatus } from '../observe/burst-status.ts'
import type { GatewayStatus } from '../observe/gateway-status.ts'
import type { KongStatus } from '../observe/kong-status.ts'
import type { Gateway } from './gateway.ts'

/** What `/v1/status` and the metrics tell of the gateway at this moment. Holds no secret. */
export function gatewayStatus(
  gateway: Gateway,
  probes: ReadonlyMap<string, ProbeResult | null>,
  kong: KongStatus | null,
  version: string,
): GatewayStatus {
  const { config, supervisor, reloads, keys } = gateway
  const now = Date.now()
  return {
    version,
    startedAt: gateway.startedAt,
    state: gateway.state,
    configuration: {
      file: config.file,
      generation: gateway.generation,
      loadedAt: gateway.loadedAt,
      reloads: { succeeded: reloads.succeeded, failed: reloads.failed },
      lastError: reloads.lastError,
    },
    threads: supervisor.threads.map(({ index, state, generation }) => ({
      index,
      state,
      generation,
      heartbeatAgeMs: Math.round(supervisor.silentMs(index)),
      restarts: supervisor.restartsOf(index),
    })),
    backends: config.backends.map(({ name, driver }) => {
      const probe = probes.get(name) ?? null
      return { name, driver, ready: probe?.ready ?? null, detail: probe?.detail ?? 'not probed' }
    }),
    deployments: gateway.control.deployments.map((deployment) => ({
      organization: deployment.organization,
      functionName: deployment.functionName,
      backend: deployment.backend,
      name: deployment.name,
      inFlight: deployment.slot.inFlight,
      healthy: deployment.isHealthy(now),
      state: deployment.state(now),
      cold: deployment.slot.latency.cold,
      perSecond: deployment.slot.pace.perSecond || null,
    })),
    burst: gateway.control.budgets.map((budget) => burstStatus(budget.read(now))),
    issuers: config.identity.issuers.flatMap(({ issuer }) => {
      const state = keys.current(issuer)
      if (state === null) return []
      return [{ issuer, state: state.state, keys: state.keys.length, fetchedAt: state.fetchedAt }]
    }),
    kong,
  }
}
