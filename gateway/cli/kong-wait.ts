import { setTimeout as pause } from 'node:timers/promises'
import { isList } from '../../kong-plugins/sync/canonical.ts'
import type { DesiredEntity, Json } from '../../kong-plugins/sync/entities.ts'
import { type ProxyAnswer, ProxyProbe, type RouteProbe } from '../../kong-plugins/sync/proxy-probe.ts'
import type { Round } from '../../kong-plugins/sync/session.ts'
import type { KongWork } from './kong-session.ts'

/** Routes that are asked when none was written. */
const SAMPLE = 50
const AT_ONCE = 8
const PAUSE_MS = 250
/** A route is believed after so many answers, each by a connection of its own. */
const IN_TURN = 3

export interface SilentRoute {
  readonly title: string
  /** What came instead, for people. */
  readonly last: string
}

/**
 * Asks the routes that a run has written, or some when it wrote none, until each answers through the proxy.
 *
 * @returns How many were asked, and those that do not answer in time.
 */
export async function waitForRoutes(
  { desired }: KongWork,
  { plan, result }: Round,
  proxy: string,
  timeoutMs: number,
): Promise<{ readonly asked: number; readonly missing: readonly SilentRoute[] }> {
  const written = new Set((result?.writes ?? 0) === 0 ? [] : plan.changes.flatMap(routeOf))
  const routes = desired.entities.filter(({ kind }) => kind === 'routes')
  const asked = written.size === 0 ? routes.slice(0, SAMPLE) : routes.filter((route) => written.has(route))
  const probe = new ProxyProbe(proxy)
  const dueAt = performance.now() + timeoutMs
  const missing: SilentRoute[] = []
  const waiting = [...asked]
  const worker = async (): Promise<void> => {
    for (let route = waiting.shift(); route !== undefined; route = waiting.shift()) {
      const answer = await untilItAnswers(probe, route, dueAt)
      if (!answer.isRouted) missing.push({ title: route.name, last: answer.said })
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, asked.length) }, worker))
  } finally {
    await probe.close()
  }
  return { asked: asked.length, missing }
}

async function untilItAnswers(probe: ProxyProbe, route: DesiredEntity, dueAt: number): Promise<ProxyAnswer> {
  const asked = probeOf(route)
  for (let inTurn = 0; ; ) {
    const answer = await probe.ask(asked)
    inTurn = answer.isRouted ? inTurn + 1 : 0
    if (inTurn >= IN_TURN || (!answer.isRouted && performance.now() >= dueAt)) return answer
    if (!answer.isRouted) await pause(PAUSE_MS)
  }
}

function routeOf(change: Round['plan']['changes'][number]): DesiredEntity[] {
  return 'entity' in change && change.entity.kind === 'routes' ? [change.entity] : []
}

/** A request that this route of Kong takes. */
function probeOf({ fields }: DesiredEntity): RouteProbe {
  const [method = 'GET'] = textsIn(fields['methods'])
  const [host = null] = textsIn(fields['hosts'])
  const [path = '~/'] = textsIn(fields['paths'])
  return { method, host: plain(host), path: exampleOf(path) }
}

/** Some name that `*.example.com` stands for. */
function plain(host: string | null): string | null {
  return host === null ? null : host.replace(/^\*/, 'dispatch')
}

/** A path that the expression matches, which is one that `kongPath` made. */
function exampleOf(path: string): string {
  const literal = path.slice(1).replace(/\$$/, '').replaceAll('[^/]+', 'x').replace(/\\(.)/g, '$1')
  return encodeURI(literal).replaceAll('%25', '%').replace(/[?#]/g, encodeURIComponent)
}

function textsIn(value: Json | undefined): string[] {
  return isList(value) ? value.filter((one): one is string => typeof one === 'string') : []
}
