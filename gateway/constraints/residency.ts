import { isWithin } from './zone.ts'

/**
 * Whether a function may run at a place.
 *
 * @param zone Null when unknown: then only a function without residency may.
 * @param residency Regions and zones; null for anywhere.
 */
export function isResident(zone: string | null, residency: readonly string[] | null): boolean {
  if (residency === null) return true
  if (zone === null) return false
  for (let i = 0; i < residency.length; i++) if (isWithin(zone, residency[i]!)) return true
  return false
}

/** Why a function may not run at a place: `is in us-east-1/a, outside of eu-west-1`; null when it may. */
export function residencyLack(zone: string | null, residency: readonly string[] | null): string | null {
  if (residency === null || isResident(zone, residency)) return null
  const allowed = residency.join(', ')
  return zone === null ? `says no zone, must be in ${allowed}` : `is in ${zone}, outside of ${allowed}`
}
