import type { TellProgress } from '../../gateway/contract/lifecycle.ts'
import { fieldsAt, fieldsOf, itemsOf, textOf } from '../support/kubernetes/fields.ts'
import { lastingFailure } from '../support/kubernetes/lasting-failure.ts'
import { podsPath } from '../support/kubernetes/pods.ts'
import { untilRolledOut } from '../support/kubernetes/until-rolled-out.ts'
import type { Look } from '../support/until-ready.ts'
import { FUNCTION_LABEL, type Topics } from './topics.ts'

/** Containers wait for these while they come up. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing'])
/** An image may be pulled at the second try. */
const LASTING_MS = 5000

/**
 * Waits until the pods of a function are those of this order. With no message in its topic it has none, and what becomes
 * of the image is seen with the first message only.
 *
 * @throws PlatformRefusal With what its pods say when they do not come up.
 */
export async function waitForTopic(
  topics: Topics,
  { name, orderedAt }: { readonly name: string; readonly orderedAt: string },
  progress: TellProgress,
  signal: AbortSignal,
): Promise<void> {
  const checkFailure = lastingFailure(LASTING_MS)
  const look = async (): Promise<Look> => {
    const deployment = await topics.deployment(name, signal)
    if (deployment === null || deployment.orderedAt !== orderedAt) {
      const detail = 'the function controller of riff has not taken it yet'
      return { isReady: false, progress: { ready: 0, wanted: null, detail } }
    }
    const { ready, wanted, isCurrent } = deployment
    if (isCurrent && ready >= wanted) {
      const detail = wanted === 0 ? 'it starts with the first message' : 'its pods are ready'
      return { isReady: true, progress: { ready, wanted, detail } }
    }
    const failure = await failureOf(topics, name, signal)
    checkFailure(failure)
    return { isReady: false, progress: { ready, wanted, detail: failure ?? 'its pods start' } }
  }
  await untilRolledOut(look, progress, signal)
}

/** Why a container of its pods does not come up; null when all do so far. */
async function failureOf(topics: Topics, name: string, signal: AbortSignal): Promise<string | null> {
  const labelSelector = `${FUNCTION_LABEL}=${name}`
  const pods = await topics.api.list(podsPath(topics.namespace), signal, { labelSelector })
  for (const status of pods.flatMap((pod) => itemsOf(fieldsAt(pod, 'status')['containerStatuses']))) {
    const { reason, message } = fieldsAt(status, 'state', 'waiting')
    const why = textOf(reason)
    if (why === null || STARTING.has(why)) continue
    const ended = fieldsOf(fieldsAt(status, 'lastState', 'terminated'))['message']
    return `${why}: ${textOf(message) ?? textOf(ended) ?? 'it does not come up'}`.slice(0, 1000)
  }
  return null
}
