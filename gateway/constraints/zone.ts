/* A place is a region, or a zone of a region, written `region` or `region/zone`; two texts of one meaning are equal. */

const PART = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const ZONE = new RegExp(`^(${PART})(?:/(${PART}))?$`)

/** What a zone looks like, for people. */
export const ZONE_EXPECTED = 'a region or region/zone in lower case, such as eu-west-1 or eu-west-1/a'

/** Whether a text is the name of a region or zone. */
export function isZone(text: string): boolean {
  return ZONE.test(text)
}

/** The region of a zone; a region is its own. */
export function regionOf(zone: string): string {
  const end = zone.indexOf('/')
  return end === -1 ? zone : zone.slice(0, end)
}

/** Whether both are known to be in one zone. Of two that name the same region alone nobody knows. */
export function isSameZone(one: string, other: string): boolean {
  return one === other && one.includes('/')
}

/** Whether both are in one region. */
export function isSameRegion(one: string, other: string): boolean {
  return regionOf(one) === regionOf(other)
}

/** Whether a zone is the area or lies in it: `eu-west-1/a` is within `eu-west-1`, not the other way round. */
export function isWithin(zone: string, area: string): boolean {
  return zone === area || (!area.includes('/') && regionOf(zone) === area)
}
