import { canonical, isRecord } from './canonical.ts'
import type { Fields, Json } from './entities.ts'

/** One field that is not as it should be. */
export interface Difference {
  /** Dots for what is inside: `config.minute`. */
  readonly path: string
  readonly is: Json
  readonly shouldBe: Json
}

/**
 * Where two normalised entities differ; empty when they say the same. What nobody says how it should be, because Kong
 * chooses it, is no difference.
 */
export function differencesOf(shouldBe: Fields, is: Fields, path = ''): Difference[] {
  const names = Object.keys(shouldBe).sort()
  return names.flatMap((name) => {
    const [wanted, found] = [shouldBe[name] ?? null, is[name] ?? null]
    if (isRecord(wanted) && isRecord(found)) return differencesOf(wanted, found, `${path}${name}.`)
    return canonical(wanted) === canonical(found) ? [] : [{ path: path + name, is: found, shouldBe: wanted }]
  })
}
