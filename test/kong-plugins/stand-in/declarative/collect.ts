import { createHash, randomUUID } from 'node:crypto'
import { type Fields, type Json, unpack } from '../field.ts'
import type { Kind } from '../kind.ts'
import { isRecord } from '../validate.ts'
import { ORDER } from './order.ts'

/** An entity as it was written, and where. */
export interface Written {
  readonly kind: Kind
  readonly given: Fields
  readonly where: readonly (string | number)[]
  /** Whether its id was made here. */
  readonly generated: boolean
}

/** The entities of a list, and those that stand within them. */
export function collect(
  kind: Kind,
  list: Json | undefined,
  where: (string | number)[],
  parent: Fields,
): Written[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((item, i) => {
    const here = [...where, i]
    const own: Fields = isRecord(item) ? { ...parent, ...item } : { ...parent, name: item }
    const below: Written[] = []
    const generated = own['id'] === undefined
    own['id'] ??= generatedId(kind, own)
    for (const child of ORDER) {
      const reference = child.fields
        .map(unpack)
        .find(([, field]) => field.type === 'foreign' && field.reference === kind.name)
      const nested = own[child.name]
      if (!reference || child === kind || !Array.isArray(nested)) continue
      delete own[child.name]
      below.push(...collect(child, nested, [...here, child.name], { [reference[0]]: { id: own['id'] } }))
    }
    return [{ kind, given: own, where: here, generated }, ...below]
  })
}

/** Kong makes the ids of what has a name from the name, so that they stay when the configuration is loaded again. */
function generatedId(kind: Kind, given: Fields): string {
  const key = kind.endpointKey === null || kind.uniqueTogether ? undefined : given[kind.endpointKey]
  if (typeof key !== 'string' || kind.name === 'keyauth_credentials') return randomUUID()
  return uuidV5(uuidV5('fd02801f-0957-4a15-a55a-c8d9606f30b5', kind.name), key)
}

function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}
