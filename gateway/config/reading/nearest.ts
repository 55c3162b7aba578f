import { distance } from 'fastest-levenshtein'

/** Longer names are not compared: the time grows with the square. */
const LONGEST = 100

/**
 * The candidate that was probably meant: differing by case, `-` and `_`, two letters that are swapped, an ending that is
 * missing or too much, or about every third letter. Null when there is none.
 */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  if (name === '' || name.length > LONGEST) return null
  const plain = plainOf(name)
  let best: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const other = plainOf(candidate)
    const apart = apartness(plain, other)
    const allowed = Math.max(1, Math.floor(Math.max(plain.length, other.length) / 3))
    if (candidate !== name && apart <= allowed && apart < least && apart < other.length) {
      best = candidate
      least = apart
    }
  }
  return best
}

function apartness(one: string, other: string): number {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  if (short.length >= 3 && long.startsWith(short)) return 1
  const apart = distance(one, other)
  const isSwapped =
    apart === 2 && one.length === other.length && [...one].sort().join() === [...other].sort().join()
  return isSwapped ? 1 : apart
}

function plainOf(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '')
}
