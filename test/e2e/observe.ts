import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GatewayStatus } from '../../gateway/observe/gateway-status.ts'
import { parseExposition } from '../gateway/observe/parse-exposition.ts'

/** A gateway that an operator may ask. */
export interface Observed {
  /** Address of the management listener. */
  readonly management: string
  /** Folder of its configuration. */
  readonly directory: string
}

/** What Prometheus reads. */
export async function readMetrics({ management }: Pick<Observed, 'management'>) {
  return parseExposition(await (await fetch(`${management}/metrics`)).text())
}

/** Calls by outcome, over all routes and backends. */
export async function callsByOutcome(gateway: Pick<Observed, 'management'>): Promise<Record<string, number>> {
  const { samples } = await readMetrics(gateway)
  const calls: Record<string, number> = {}
  for (const { name, labels, value } of samples) {
    if (name !== 'dispatch_requests_total') continue
    const outcome = labels['outcome']!
    calls[outcome] = (calls[outcome] ?? 0) + value
  }
  return calls
}

/** Waits until so many calls are counted with this outcome: the last thing that is done for a call. */
export async function counted(
  gateway: Pick<Observed, 'management'>,
  outcome: string,
  calls: number,
): Promise<void> {
  const isSo = async () => ((await callsByOutcome(gateway))[outcome] ?? 0) === calls
  await until(isSo, `${calls} calls are counted as ${outcome}`)
}

export async function readStatus({ management, directory }: Observed): Promise<GatewayStatus> {
  const response = await askManagement({ management, directory }, '/v1/status')
  assert.equal(response.status, 200)
  return (await response.json()) as GatewayStatus
}

/** What an operator gets at a path of the management port. */
export async function askManagement(gateway: Observed, path: string): Promise<Response> {
  const token = await managementToken(gateway)
  return fetch(`${gateway.management}${path}`, { headers: { authorization: `Bearer ${token}` } })
}

/** The token that the gateway made for operators. */
export async function managementToken({ directory }: Pick<Observed, 'directory'>): Promise<string> {
  return (await readFile(join(directory, '.dispatch/management-token'), 'utf8')).trim()
}

/** Calls in flight over all deployments: slots that are taken. */
export async function slotsTaken(gateway: Observed): Promise<number> {
  const { deployments } = await readStatus(gateway)
  return deployments.reduce((sum, { inFlight }) => sum + inFlight, 0)
}

/** Asks again every few milliseconds until it is so; fails after the time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  message: string,
  timeoutMs = 5000,
): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > end) assert.fail(`not within ${timeoutMs} ms: ${message}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
