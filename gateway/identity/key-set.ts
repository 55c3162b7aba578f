import type { PublishedKey } from './key-feed.ts'
import { readJwk } from './keys.ts'
import type { VerificationKey } from './verification-key.ts'

/** A set is a few keys while one replaces another. What stands behind this many is not read. */
const MOST_KEYS = 100
/** Verifications that one token may cost when several keys could have signed it. */
const MOST_CANDIDATES = 4

const NOBODY: readonly VerificationKey[] = []

/** The keys of one issuer at one moment, in the issuer's order. Never shared between issuers. */
export class KeySet {
  readonly keys: readonly VerificationKey[]
  readonly #byId: ReadonlyMap<string | null, readonly VerificationKey[]>

  constructor(keys: readonly VerificationKey[]) {
    this.keys = keys
    this.#byId = Map.groupBy(keys, (key) => key.id)
  }

  /**
   * Keys that may have signed a token, in the issuer's order and at most four. Without a `kid` every key that fits
   * the algorithm may; with one only keys of that name, of which there can be several by mistake.
   */
  candidates(keyId: string | null, algorithm: string): readonly VerificationKey[] {
    const named = keyId === null ? this.keys : (this.#byId.get(keyId) ?? NOBODY)
    return named.filter((key) => key.algorithms.some((name) => name === algorithm)).slice(0, MOST_CANDIDATES)
  }
}

/** A key of a JWKS that is not used, and why. */
export interface IgnoredKey {
  readonly index: number
  readonly keyId: string | null
  readonly reason: string
}

/**
 * Keys of a JWKS document; the useless are left out, the others work.
 *
 * @param entries Its member `keys`.
 * @param allowed Algorithms of the issuer.
 */
export function readKeySet(
  entries: readonly unknown[],
  allowed: readonly string[],
): {
  readonly set: KeySet
  readonly usable: readonly PublishedKey[]
  readonly ignored: readonly IgnoredKey[]
} {
  const keys: VerificationKey[] = []
  const usable: PublishedKey[] = []
  const ignored: IgnoredKey[] = []
  for (const [index, entry] of entries.entries()) {
    const key = index < MOST_KEYS ? readJwk(entry, allowed) : `it is not among the first ${MOST_KEYS}`
    if (typeof key === 'string') {
      ignored.push({ index, keyId: nameOf(entry), reason: key })
    } else {
      usable.push(entry as PublishedKey)
      keys.push(key)
    }
  }
  return { set: new KeySet(keys), usable, ignored }
}

/**
 * Goes over from an old set to a new one: keys that are in both stay the same objects, the others are withdrawn,
 * so that what was verified with them loses its validity at once.
 */
export function replaceKeySet(old: KeySet, next: KeySet): KeySet {
  const kept = new KeySet(next.keys.map((key) => old.keys.find((known) => known.equals(key)) ?? key))
  for (const key of old.keys) if (!kept.keys.includes(key)) key.withdrawn = true
  return kept
}

function nameOf(entry: unknown): string | null {
  const kid = (entry as { kid?: unknown } | null)?.kid
  return typeof kid === 'string' ? kid.slice(0, 256) : null
}
