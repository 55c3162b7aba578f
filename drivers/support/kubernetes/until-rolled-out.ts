import { PlatformRefusal, type TellProgress } from '../../../gateway/contract/lifecycle.ts'
import { type Look, untilReady } from '../until-ready.ts'
import { KubernetesRefusal } from './refusal.ts'

/** Milliseconds between two looks. */
const EVERY_MS = 500
/** So many looks in a row may find the API away. */
const MOST_MISSES = 10

/** Looks at what a cluster makes of an order until it is ready. That the API is away for a moment is not the end of it. */
export async function untilRolledOut(
  look: () => Promise<Look>,
  progress: TellProgress,
  signal: AbortSignal,
): Promise<void> {
  await untilReady({ look: patiently(look, signal), progress, everyMs: EVERY_MS, signal })
}

function patiently(look: () => Promise<Look>, signal: AbortSignal): () => Promise<Look> {
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
