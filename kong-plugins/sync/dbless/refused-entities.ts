import { isList, isRecord } from '../canonical.ts'
import type { Json } from '../entities.ts'

/** An entity that Kong did not take, and why. */
export interface RefusedEntity {
  readonly id: string | null
  /** For people: `route default.p1`. */
  readonly title: string
  /** What is wrong, field by field; repeats no value but what Kong's sentences do. */
  readonly reason: string
}

/**
 * Reads `flattened_errors` of Kong's refusal of a whole configuration (`POST /config?flatten_errors=1`).
 *
 * @param content The answer.
 */
export function refusedEntities(content: Json): RefusedEntity[] {
  const flattened = isRecord(content) ? content['flattened_errors'] : null
  if (!isList(flattened)) return []
  return flattened.filter(isRecord).map((one) => ({
    id: typeof one['entity_id'] === 'string' ? one['entity_id'] : null,
    title: [one['entity_type'], one['entity_name']].filter((part) => typeof part === 'string').join(' '),
    reason: reasonOf(one['errors']),
  }))
}

function reasonOf(errors: Json | undefined): string {
  if (!isList(errors)) return 'Kong does not say why'
  const sentences = errors.filter(isRecord).flatMap((error) => {
    const { field, message } = error
    // A whole record may be what is wrong: then each of its fields has a sentence.
    if (isList(error['messages'])) return error['messages'].map(String)
    if (typeof message !== 'string') return []
    return [typeof field === 'string' ? `${field}: ${message}` : message]
  })
  return sentences.length === 0 ? 'Kong does not say why' : sentences.join('; ')
}
