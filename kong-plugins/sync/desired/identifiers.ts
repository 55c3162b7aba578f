import { createHash } from 'node:crypto'
import type { Kind } from '../entities.ts'

/** Namespace of the identifiers that the reconciler gives; chosen once, never to be changed. */
const NAMESPACE = Buffer.from('8a6f4c0e5d1b4b0e9f3a2c7d6e5b4a39', 'hex')

/** Bytes of an id that are made of the name; the others are made of those. */
const NAMED = 8

/**
 * The id of an entity: the first half of the UUID of version 5 (RFC 9562, 5.5) of its owner, kind and name, and a digest
 * of that half. Everybody who wants the same entity writes to the same id, so that a write may be repeated by anybody; and
 * an id that was given is known again, whatever the entity is called now.
 */
export function idOf(owner: string, kind: Kind, name: string): string {
  const half = digest(`${owner} ${kind} ${name}`).subarray(0, NAMED)
  half[6] = (half[6]! & 0x0f) | 0x50
  return whole(owner, kind, half)
}

/** Whether an id is one that this owner gives to entities of a kind. */
export function isIdOf(owner: string, kind: Kind, id: string): boolean {
  const half = Buffer.from(id.replaceAll('-', '').slice(0, 2 * NAMED), 'hex')
  return half.length === NAMED && whole(owner, kind, half) === id
}

function whole(owner: string, kind: Kind, half: Buffer): string {
  const proof = digest(`${owner} ${kind} ${half.toString('hex')}`).subarray(0, NAMED)
  proof[0] = (proof[0]! & 0x3f) | 0x80
  const hex = half.toString('hex') + proof.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}

function digest(text: string): Buffer {
  return createHash('sha1').update(NAMESPACE).update(text).digest()
}
