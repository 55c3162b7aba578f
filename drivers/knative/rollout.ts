import { type DeployProgress, PlatformRefusal, type TellProgress } from '../../gateway/contract/lifecycle.ts'
import { find } from '../support/kubernetes/change.ts'
import { lastingFailure } from '../support/kubernetes/lasting-failure.ts'
import { untilRolledOut } from '../support/kubernetes/until-rolled-out.ts'
import type { Look } from '../support/until-ready.ts'
import { type Condition, type Revision, readService, type Service } from './service.ts'
import type { Services } from './services.ts'

/** Conditions are taken back while the platform still works (as `kn` has it). */
const LASTING_MS = 2000

/**
 * Waits until calls of a service reach what was asked for last.
 *
 * @throws PlatformRefusal With the platform's own reason when that has failed.
 */
export async function waitForRollout(
  services: Services,
  name: string,
  progress: TellProgress,
  signal: AbortSignal,
): Promise<void> {
  const checkFailure = lastingFailure(LASTING_MS)
  const look = async (): Promise<Look> => {
    const service = readService(await find(services.api, services.pathOf(name), signal))
    if (service === null) throw new PlatformRefusal('failed', `the service ${name} was removed meanwhile`)
    const { isObserved, latestCreated, latestReady, conditions } = service
    // Until the platform has seen what was asked for, all of this is about what was there before.
    const isNew = isObserved && latestCreated !== null && latestCreated !== latestReady
    const revision = isNew ? await services.revision(latestCreated, signal) : null
    const ready = isObserved ? (conditions.get('Ready')?.status ?? 'Unknown') : 'Unknown'
    if (ready === 'True') return reached(service, await services.revision(latestReady ?? '', signal))
    const detail = detailOf(service, revision)
    checkFailure(ready === 'False' ? detail : null)
    return { isReady: false, progress: progressOf(revision, detail) }
  }
  await untilRolledOut(look, progress, signal)
}

/** A service may have its calls go to revisions that somebody chose. */
function reached({ name, latestReady, shares }: Service, revision: Revision | null): Look {
  const serving = shares.filter(({ percent }) => percent > 0).map((share) => share.revision)
  if (latestReady !== null && serving.includes(latestReady)) {
    return { isReady: true, progress: progressOf(revision, `${latestReady} serves`) }
  }
  throw new PlatformRefusal(
    'failed',
    `${latestReady} is ready, but the calls of ${name} go to ${serving.join(', ')}: its \`spec.traffic\` says so`,
  )
}

function progressOf(revision: Revision | null, detail: string): DeployProgress {
  return { ready: revision?.replicas ?? 0, wanted: revision?.wanted ?? null, detail }
}

/** What is waited for, or what has failed: the revision knows most, then the service. */
function detailOf(service: Service, revision: Revision | null): string {
  if (!service.isObserved) return 'the platform has not seen it yet'
  const failed = [
    ...(revision === null ? [] : conditionsOf(revision, ['ContainerHealthy', 'ResourcesAvailable', 'Ready'])),
    ...conditionsOf(service, ['ConfigurationsReady', 'RoutesReady', 'Ready']),
  ]
  const told = failed.filter(({ reason, message }) => reason !== '' || message !== '')
  const most = told.find(({ status }) => status === 'False') ?? told[0]
  return most === undefined ? 'the revision starts' : sentenceOf(most)
}

function conditionsOf(
  { conditions }: { readonly conditions: ReadonlyMap<string, Condition> },
  types: readonly string[],
): Condition[] {
  return types.flatMap((type) => conditions.get(type) ?? []).filter(({ status }) => status !== 'True')
}

function sentenceOf({ reason, message }: Condition): string {
  const line = message.replaceAll(/\s+/g, ' ').trim().slice(0, 1000)
  if (line === '') return reason
  return reason === '' ? line : `${reason}: ${line}`
}
