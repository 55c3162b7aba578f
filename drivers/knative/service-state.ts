import type { Revision, Service, Share } from './service.ts'

/** What the revisions that serve the calls of a service come to. */
export interface ServiceState {
  /** A call can be served, if need be by a replica that is started for it. */
  readonly ready: boolean
  readonly replicas: number | null
  readonly limit: number | null
}

/** Nobody serves calls of that name. */
export const GONE: ServiceState = { ready: false, replicas: null, limit: null }

/**
 * The state of a service, or of the revision that has a tag.
 *
 * A service whose latest revision failed is not `Ready`, but its calls go on to the one before: that its routes are
 * ready counts. While routes are changed that is unknown, and calls go where they went.
 *
 * The limit is that of all replicas that are allowed, not of those that run: the platform starts them by the calls that
 * it gets, and would start none for calls that are kept from it.
 */
export function stateOf(
  service: Service,
  tag: string | null,
  revisions: ReadonlyMap<string, Revision>,
): ServiceState {
  const routes = service.conditions.get('RoutesReady')?.status ?? 'Unknown'
  const shares = service.shares.filter((share) => (tag === null ? share.percent > 0 : share.tag === tag))
  if (routes === 'False' || shares.length === 0) return GONE
  const serving = shares.map(({ revision }) => revisions.get(revision))
  return {
    ready: true,
    replicas: sum(serving.map((revision) => revision?.replicas ?? null)),
    limit: limitOf(shares, serving),
  }
}

/** Of several revisions the one that is full first, for its share of the calls, is the bound of all. */
function limitOf(shares: readonly Share[], serving: readonly (Revision | undefined)[]): number | null {
  const limits = shares.flatMap(({ percent }, i) => {
    const limit = serving[i]?.limit ?? null
    if (limit === null) return []
    return [shares.length === 1 ? limit : Math.floor((limit * 100) / percent)]
  })
  return limits.length === 0 ? null : Math.max(1, Math.min(...limits))
}

function sum(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce<number | null>(
    (total, each) => (total === null || each === null ? null : total + each),
    0,
  )
}
