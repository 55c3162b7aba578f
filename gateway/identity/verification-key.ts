import type { KeyObject } from 'node:crypto'
import type { Algorithm } from '../config/schema.ts'
import { algorithmsOf } from './algorithms.ts'

/** A key that tokens of one issuer are verified with, ready for use. */
export class VerificationKey {
  /** `kid` of the tokens that it verifies; null when the issuer does not name its keys. */
  readonly id: string | null
  /** The only algorithms that it may be used with; never empty. */
  readonly algorithms: readonly Algorithm[]
  readonly material: KeyObject
  /** True once the issuer has taken it away: what it signed is not valid any more. */
  withdrawn: boolean

  constructor(id: string | null, algorithms: readonly Algorithm[], material: KeyObject) {
    this.id = id
    this.algorithms = algorithms
    this.material = material
    this.withdrawn = false
  }

  /** True when both would verify the same tokens. */
  equals(other: VerificationKey): boolean {
    return (
      this.id === other.id &&
      this.algorithms.join() === other.algorithms.join() &&
      this.material.equals(other.material)
    )
  }
}

/**
 * Binds a key to its algorithms: those that fit its kind and that the issuer allows, and if the key names its own,
 * only that one (RFC 8725, section 3.1).
 *
 * @param declared The key's own `alg`; undefined when it has none.
 * @returns A sentence saying why the key cannot be used, when it cannot.
 */
export function bindKey(
  id: string | null,
  material: KeyObject,
  declared: unknown,
  allowed: readonly string[],
): VerificationKey | string {
  const weakness = weaknessOf(material)
  if (weakness !== null) return weakness
  const fitting = algorithmsOf(material)
  if (fitting.length === 0) return 'its kind is not one that we verify with'
  if (declared !== undefined && !fitting.some((name) => name === declared))
    return 'its alg does not fit its kind'
  const usable = fitting.filter(
    (name) => allowed.includes(name) && (declared === undefined || name === declared),
  )
  return usable.length > 0 ? new VerificationKey(id, usable, material) : 'no algorithm of the issuer fits it'
}

/** Keys below 2048 bits are too weak (RFC 7518, section 3.3), above 8192 too slow to verify with for a stranger. */
function weaknessOf(key: KeyObject): string | null {
  if (key.asymmetricKeyType !== 'rsa') return null
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < 2048 || modulusLength > 8192) return 'RSA keys must have 2048 to 8192 bits'
  const sound = publicExponent >= 3n && publicExponent < 1n << 33n && publicExponent % 2n === 1n
  return sound ? null : 'its public exponent is not sound'
}
