import { unpack } from '../field.ts'
import type { Kind } from '../kind.ts'
import { KINDS } from '../kinds.ts'
import type { Entity } from '../tables.ts'

/** Collections that stand at the top of the Admin API, by their path. */
export const COLLECTIONS = new Map(
  KINDS.filter(({ name }) => name !== 'targets').map((kind) => [kind.path ?? kind.name, kind]),
)

/** Collections below an entity, by the name of its kind and their part of the path. */
export const NESTED = new Map(
  KINDS.flatMap((kind) =>
    kind.fields
      .map(unpack)
      .filter(([, field]) => field.type === 'foreign')
      .map(
        ([field, { reference }]) =>
          [`${reference}/${kind.nestedPath ?? kind.path ?? kind.name}`, { kind, field }] as const,
      ),
  ),
)

/** The kind of what a path of the Admin API is about; null when it is about none. */
export function collectionAt(segments: readonly string[]): Kind | null {
  const top = COLLECTIONS.get(segments[0] ?? '')
  if (!top || segments.length < 3) return top ?? null
  return NESTED.get(`${top.name}/${segments[2]}`)?.kind ?? top
}

/** The entity below which a path goes. */
export interface Scope {
  readonly parent: Entity
  readonly kind: Kind
  readonly field: string
  readonly path: string
}
