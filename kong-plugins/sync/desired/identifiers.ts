import { createHash } from 'node:crypto'
import type { Kind } from '../entities.ts'

/** Namespace of the identifiers that the reconciler gives; chosen once, never to be changed. */
const NAMESPACE = Buffer.from('8a6f4c0e5d1b4b0e9f3a2c7d6e5b4a39', 'hex')

/**
 * The id of an entity: a UUID of version 5 (RFC 9562, 5.5) of its owner, kind and name. Everybody who wants the same
 * entity writes to the same id, so that a write may be repeated by anybody.
 */
export function idOf(owner: string, kind: Kind, name: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(`${owner} ${kind} ${name}`).digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}
