import { digestOf } from '../canonical.ts'
import { type DesiredEntity, type Fields, KEY_FIELD, type Kind } from '../entities.ts'
import { idOf } from './identifiers.ts'

/**
 * An entity as it should be. Its key field is its name.
 *
 * @param secrets Fields that are never shown, with dots for what is inside.
 */
export function createEntity(
  owner: string,
  kind: Kind,
  name: string,
  written: Fields,
  secrets: readonly string[] = [],
): DesiredEntity {
  const id = idOf(owner, kind, name)
  const key = KEY_FIELD[kind]
  const fields = key === null ? written : { [key]: name, ...written }
  return { kind, id, name, fields, secrets, digest: digestOf({ kind, id, fields }) }
}
