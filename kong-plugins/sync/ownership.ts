import type { DesiredEntity } from './entities.ts'

/** On everything that a Dispatch Edge gateway wrote. */
export const MARK = 'dispatch-edge'

const OWNER = 'dispatch-edge-owner:'
const DIGEST = 'dispatch-edge-digest:'
const GENERATION = 'dispatch-edge-generation:'
const STATE = 'dispatch-edge-state:'

/** Who wrote last, and what all should be: kept in the tags of the service. */
export interface SyncRecord {
  /** Milliseconds since 1970 when that configuration was loaded; grows with every one that leads. */
  readonly generation: number
  /** Digest of the whole desired state. */
  readonly state: string
}

/** What tags say of an entity. */
export interface Ownership {
  /** Null for an entity of somebody else. */
  readonly owner: string | null
  /** Digest of what was last applied; null when it was never, or somebody took it away. */
  readonly digest: string | null
  /** Only on the service. */
  readonly record: SyncRecord | null
}

/** The tag that all entities of an owner have. */
export function ownerTag(owner: string): string {
  return OWNER + owner
}

/**
 * The tags of an entity as we write it.
 *
 * @param generation Of the configuration that writes it.
 * @param state Digest of the whole, on the service; else null.
 */
export function tagsOf(
  owner: string,
  { digest }: Pick<DesiredEntity, 'digest'>,
  generation: number,
  state: string | null,
): string[] {
  const tags = [MARK, ownerTag(owner), DIGEST + digest, GENERATION + generation]
  return state === null ? tags : [...tags, STATE + state]
}

export function readOwnership(tags: readonly string[]): Ownership {
  const generation = Number(suffixOf(tags, GENERATION) ?? Number.NaN)
  const state = suffixOf(tags, STATE)
  return {
    owner: suffixOf(tags, OWNER),
    digest: suffixOf(tags, DIGEST),
    record: state === null || !Number.isSafeInteger(generation) ? null : { generation, state },
  }
}

/** Whether the tags are just those of a digest, whoever wrote it and when. */
export function areTagsRight(tags: readonly string[], owner: string, digest: string): boolean {
  const own = tags.filter((tag) => !tag.startsWith(GENERATION) && !tag.startsWith(STATE))
  const wanted = [MARK, ownerTag(owner), DIGEST + digest]
  return (
    own.length === wanted.length &&
    wanted.every((tag) => own.includes(tag)) &&
    tags.filter((tag) => tag.startsWith(GENERATION)).length === 1
  )
}

function suffixOf(tags: readonly string[], prefix: string): string | null {
  const found = tags.find((tag) => tag.startsWith(prefix))
  return found === undefined ? null : found.slice(prefix.length)
}
