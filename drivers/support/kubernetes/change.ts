import type { KubernetesApi } from './api.ts'
import { KubernetesRefusal } from './refusal.ts'

const MOST_TRIES = 5

/** Where an object is, and where its like are created. */
export interface ObjectPlace {
  readonly list: string
  readonly object: string
}

interface Change {
  readonly result: 'created' | 'updated'
  /** As the API has taken it. */
  readonly object: unknown
}

/**
 * Creates an object, or changes the one that is there. Somebody else may change it meanwhile: the API refuses what was
 * made of an older version (409), and the change is made again of the newer one.
 *
 * @param edit The object to be, of the one that is, or of null; changes nothing of what it is given. May throw.
 * @throws KubernetesRefusal When the API says no.
 */
export async function change(
  api: KubernetesApi,
  place: ObjectPlace,
  edit: (existing: unknown) => unknown,
  signal: AbortSignal | undefined,
): Promise<Change> {
  for (let tries = 1; ; tries++) {
    const existing = await find(api, place.object, signal)
    const object = edit(existing)
    try {
      return existing === null
        ? { result: 'created', object: await api.create(place.list, object, signal) }
        : { result: 'updated', object: await api.replace(place.object, object, signal) }
    } catch (error) {
      if (!(error instanceof KubernetesRefusal) || error.status !== 409 || tries === MOST_TRIES) throw error
    }
  }
}

/** Null when the API has no such object. */
export async function find(
  api: KubernetesApi,
  path: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    return await api.get(path, signal)
  } catch (error) {
    if (error instanceof KubernetesRefusal && error.status === 404) return null
    throw error
  }
}
