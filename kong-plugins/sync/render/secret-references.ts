import { isRecord } from '../canonical.ts'
import type { DesiredEntity, Fields, Json } from '../entities.ts'

/** A secret that stands as a reference in what is rendered. */
export interface ReferredSecret {
  /** Environment variable that has to hold it. */
  readonly variable: string
  /** Whose secret it is, for people: `certificates edge.example.com: key`. */
  readonly of: string
}

/** How whoever reads the rendering finds a secret. */
export type ReferenceStyle =
  /** A reference that Kong itself follows, when it uses the secret: `{vault://env/name}`. */
  | 'vault'
  /** What decK replaces when it reads the file: `${{ env "DECK_NAME" }}`. */
  | 'deck'

/**
 * The fields of an entity with references in the place of its secrets. Each is a text; the same secret of the same entity
 * has the same name at all times.
 *
 * @param found What was replaced is added here.
 */
export function referSecrets(
  { kind, name, fields, secrets }: DesiredEntity,
  style: ReferenceStyle,
  found: ReferredSecret[],
): Fields {
  let referred: Fields = fields
  for (const path of secrets) {
    const label = `${kind}-${name}-${path}`.toLowerCase().replace(/[^a-z0-9]+/g, '-')
    const variable = `${style === 'deck' ? 'DECK_' : ''}KONG_${label.replaceAll('-', '_').toUpperCase()}`
    const reference = style === 'deck' ? `\${{ env "${variable}" }}` : `{vault://env/kong-${label}}`
    const replaced = replaceAt(referred, path.split('.'), reference)
    if (replaced === referred) continue
    referred = replaced
    found.push({ variable, of: `${kind} ${name}: ${path}` })
  }
  return referred
}

function replaceAt(fields: Fields, [head, ...rest]: readonly string[], reference: string): Fields {
  const value: Json | undefined = fields[head!]
  if (value === undefined || value === null) return fields
  if (rest.length === 0) return { ...fields, [head!]: reference }
  if (!isRecord(value)) return fields
  const below = replaceAt(value, rest, reference)
  return below === value ? fields : { ...fields, [head!]: below }
}
