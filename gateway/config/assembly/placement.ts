import { pairOf } from '../../constraints/distance.ts'
import { isSameRegion, isWithin, regionOf } from '../../constraints/zone.ts'
import { quote } from '../mistakes.ts'
import { nearest } from '../reading/nearest.ts'
import type { BackendConfig } from '../schema/backends.ts'
import type { DistanceConfig, PlacementConfig } from '../schema/places.ts'
import type { Located } from '../written.ts'
import type { Assembly } from './assembly.ts'

/** What holds for the placement of all functions. */
export function assemblePlacement(
  assembly: Assembly,
  backends: ReadonlyMap<string, BackendConfig>,
): PlacementConfig {
  const { reading, document } = assembly
  const { zone, distances, explain } = document.placement
  const known = knownZones(zone, backends)
  // A proxy can tell of places where nothing of ours is.
  const { https, trustedProxies } = document.gateway
  const isClosed = trustedProxies.length === 0 && !https?.clientCertificate
  const seen = new Map<string, Located>()
  const complete: DistanceConfig[] = []
  for (const [i, { between, distance }] of distances.entries()) {
    const at = reading.locate(distances, i)
    const [one, other] = between
    if (one === undefined || other === undefined) continue
    refusePair(assembly, at, one, other, seen)
    for (const [j, place] of between.entries())
      warnOfUnknownPlace(assembly, reading.locate(between, j), place, known, isClosed)
    complete.push({ between: [one, other], distance })
  }
  return { zone, distances: complete, explain }
}

/** The zones of all backends and of this gateway. */
export function knownZones(
  own: string | null,
  backends: ReadonlyMap<string, BackendConfig>,
): ReadonlySet<string> {
  const zones = [own, ...[...backends.values()].map(({ zone }) => zone)]
  return new Set(zones.filter((zone) => zone !== null))
}

/** @param isClosed Nobody can mean a place where nothing is; otherwise only what looks misspelt is told. */
export function warnOfUnknownPlace(
  { reading }: Assembly,
  at: Located,
  place: string,
  known: ReadonlySet<string>,
  isClosed: boolean,
): void {
  if ([...known].some((zone) => isWithin(zone, place))) return
  const suggestion = nearest(place, new Set([...known, ...[...known].map(regionOf)]))
  if (suggestion === null && !isClosed) return
  reading.refuse(at, {
    level: 'warning',
    message: `no backend is in ${quote(place)}, nor is this gateway`,
    expected: 'the `zone` of a backend or of `placement`, or the region of one',
    suggestion,
  })
}

function refusePair(
  { reading }: Assembly,
  at: Located,
  one: string,
  other: string,
  seen: Map<string, Located>,
): void {
  if (isSameRegion(one, other)) {
    reading.refuse(at, {
      message: `${quote(one)} and ${quote(other)} are in one region, which is nearer than all neighbours`,
      expected: 'two places of different regions',
    })
    return
  }
  const first = seen.get(pairOf(one, other))
  if (first === undefined) {
    seen.set(pairOf(one, other), at)
    return
  }
  const line = reading.mistakes.lineOf(first)
  reading.refuse(at, {
    message: `${quote(one)} and ${quote(other)} have a distance already, in line ${line}`,
    expected: 'each pair once; it holds in both directions',
  })
}
