import { type DesiredState, type LiveEntity, nameOf } from './entities.ts'
import { dependantsIn, readLive, titleOf } from './live-state.ts'
import { deletionSteps } from './plan.ts'
import type { Session } from './session.ts'
import type { ApplyWatch, Work } from './target.ts'

/** What became of it. */
export interface Pruned {
  readonly deleted: number
  /** What stays although it should go, one sentence each. */
  readonly problems: readonly string[]
}

/**
 * Deletes what carries our tag and is no longer wanted, however much it is.
 *
 * @param everything What is wanted too.
 * @throws KongError When Kong cannot be read.
 */
export async function prune(
  session: Session,
  desired: DesiredState,
  everything: boolean,
  watch: Pick<ApplyWatch, 'onWritten' | 'signal'>,
): Promise<Pruned> {
  const { deletions, problems, whole } = everything
    ? await allOf(session, desired, watch.signal)
    : await unwantedOf(session, desired, watch.signal)
  if (deletions.length === 0) return { deleted: 0, problems }
  let deleted = 0
  const onWritten: ApplyWatch['onWritten'] = (step) => {
    deleted++
    watch.onWritten(step)
  }
  const result = await session.target.apply(
    { steps: deletionSteps(deletions), whole },
    { signal: watch.signal, onWritten, mayWrite: async () => true },
  )
  const failed = result.failures.map(({ step, reason }) => `${step.kind} ${step.name}: ${reason}`)
  return { deleted, problems: [...problems, ...failed] }
}

interface Found {
  readonly deletions: readonly LiveEntity[]
  readonly problems: readonly string[]
  readonly whole: Work['whole']
}

async function unwantedOf(session: Session, desired: DesiredState, signal: AbortSignal): Promise<Found> {
  const look = await session.look(desired, signal)
  // What is not wanted goes now, and not when something else takes its place.
  const { changes } = look.comparison.withoutMoves()
  const plan = session.plan(desired, look, null, look.record?.generation ?? 0)
  return {
    deletions: changes.flatMap((change) => (change.action === 'delete' ? [change.live] : [])),
    problems: changes.flatMap((change) =>
      change.action === 'held' ? [heldSentence(change.live, change.by)] : [],
    ),
    whole: plan.work?.whole ?? [],
  }
}

async function allOf(session: Session, { owner }: DesiredState, signal: AbortSignal): Promise<Found> {
  const live = await readLive(session.target, { owner, entities: [], digest: '' }, signal)
  const dependants = dependantsIn(live)
  const held = live.owned.filter((entity) => dependants(entity).length > 0)
  const problems = held.map((entity) => heldSentence(entity, dependants(entity).map(titleOf)))
  return { deletions: live.owned.filter((entity) => !held.includes(entity)), problems, whole: [] }
}

function heldSentence(live: LiveEntity, by: readonly string[]): string {
  return `${live.kind} ${nameOf(live)} stays, because others hang on it: ${by.join(', ')}`
}
