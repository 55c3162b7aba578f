import { PlatformRefusal } from '../../../gateway/contract/lifecycle.ts'
import type { Look } from '../until-ready.ts'
import { KubernetesRefusal } from './refusal.ts'

/** So many looks in a row may find the API away. */
const MOST_MISSES = 10

/** The same look, which is not the end of it when the API is away for a moment. */
export function patiently(look: () => Promise<Look>, signal: AbortSignal): () => Promise<Look> {
  let misses = 0
  return async () => {
    try {
      const seen = await look()
      misses = 0
      return seen
    } catch (error) {
      const isSaid = error instanceof PlatformRefusal || error instanceof KubernetesRefusal
      if (isSaid || signal.aborted || ++misses > MOST_MISSES) throw error
      return { isReady: false, progress: { ready: 0, wanted: null, detail: (error as Error).message } }
    }
  }
}
