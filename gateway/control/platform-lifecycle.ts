import type { DeployProgress, LogLine, LogsWanted, TellProgress } from '../contract/lifecycle.ts'
import type { PlatformApi } from '../contract/platform-api.ts'
import type { Log } from '../contract/plugin.ts'
import { Rejection } from '../contract/rejection.ts'
import type {
  BackendFunctions,
  Change,
  DeployRequest,
  Done,
  Ended,
  LifecycleHost,
} from '../management/lifecycle-host.ts'
import { boundedLines } from './bounded-lines.ts'
import { listBackend } from './function-list.ts'
import { type Ability, findTarget, type LifecycleTarget, type TargetSource } from './lifecycle-target.ts'
import { withOrderFolder } from './order-folder.ts'
import { platformRefusal } from './platform-refusal.ts'
import { unknownBackend } from './unknown-backend.ts'
import { within } from './within.ts'

/** Milliseconds that a platform gets. */
const LIST_MS = 10_000
const CHANGE_MS = 30_000

/** What the life cycle of functions needs of the gateway; the configuration may be another one at any time. */
export interface LifecycleGateway extends TargetSource {
  readonly log: Log
}

/** Asks the platforms of the configuration about their functions, has them changed, and notes each change in the log. */
export class PlatformLifecycle implements LifecycleHost {
  readonly #gateway: LifecycleGateway
  /** Functions that are being changed, by Backend and name. */
  readonly #changing = new Set<string>()

  constructor(gateway: LifecycleGateway) {
    this.#gateway = gateway
  }

  async list(backend: string | null, signal: AbortSignal): Promise<readonly BackendFunctions[] | Rejection> {
    const { config } = this.#gateway
    const backends = config.backends.filter(({ name }) => backend === null || name === backend)
    if (backend !== null && backends.length === 0) return unknownBackend(config, backend)
    return await Promise.all(backends.map((each) => listBackend(this.#gateway, each, LIST_MS, signal)))
  }

  deploy(
    change: Change,
    request: DeployRequest,
    progress: TellProgress,
    signal: AbortSignal,
  ): Promise<Done | Rejection> {
    const { files, waitMs, ...order } = request
    const fields = {
      image: order.image,
      files: files?.length,
      // Never the values: they may be secret.
      environment: Object.keys(order.environment),
    }
    return this.#change(change, 'deploy', fields, signal, ({ deployment, lifecycle }, noteStep) => {
      const step = (next: DeployProgress): void => {
        noteStep(next.detail)
        progress(next)
      }
      return withOrderFolder(files, (folder) =>
        within(waitMs, signal, (ending) => lifecycle.deploy({ ...order, deployment, folder }, step, ending)),
      )
    })
  }

  remove(change: Change, signal: AbortSignal): Promise<Done | Rejection> {
    return this.#change(change, 'remove', {}, signal, async ({ deployment, lifecycle }) => {
      await within(CHANGE_MS, signal, (ending) => lifecycle.remove(deployment, ending))
      return 'removed'
    })
  }

  scale(change: Change, replicas: number, signal: AbortSignal): Promise<Done | Rejection> {
    return this.#change(change, 'scale', { replicas }, signal, async ({ deployment, lifecycle }) => {
      await within(CHANGE_MS, signal, (ending) => lifecycle.scale(deployment, replicas, ending))
      return 'scaled'
    })
  }

  async *logs(
    change: Change,
    wanted: LogsWanted,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine | Rejection | Ended> {
    const target = findTarget(this.#gateway, change, 'logs')
    if (target instanceof Rejection) {
      yield target
      return
    }
    try {
      yield* boundedLines(
        (ending) => target.lifecycle.logs(target.deployment, wanted, ending),
        wanted.follow,
        signal,
      )
    } catch (error) {
      if (!signal.aborted) yield platformRefusal(error)
    }
  }

  api(backend: string): PlatformApi | Rejection {
    const { config } = this.#gateway
    const found = config.backends.find(({ name }) => name === backend)
    if (found === undefined) return unknownBackend(config, backend)
    return (
      this.#gateway.operator(backend)?.api ??
      new Rejection(
        'GW_PLATFORM_UNSUPPORTED',
        `The backend ${backend} (${found.driver}) has no API to lend with these options.`,
      )
    )
  }

  async #change<Asked extends Exclude<Ability, 'logs'>>(
    change: Change,
    ability: Asked,
    fields: object,
    signal: AbortSignal,
    work: (target: LifecycleTarget<Asked>, noteStep: (detail: string) => void) => Promise<Done['result']>,
  ): Promise<Done | Rejection> {
    const target = findTarget(this.#gateway, change, ability)
    if (target instanceof Rejection) return this.#refused(change, ability, target)
    const { backend, deployment } = target
    const key = `${backend} ${deployment.name}`
    if (this.#changing.has(key)) return this.#refused(change, ability, new Rejection('GW_CHANGE_UNDER_WAY'))
    this.#changing.add(key)
    const startedAt = performance.now()
    const noted = { ...audited(change, ability), backend, deployment: deployment.name, ...fields }
    let last = ''
    const tookMs = (): number => Math.round(performance.now() - startedAt)
    try {
      const result = await work(target, (detail) => {
        last = detail
      })
      this.#gateway.log.info(
        { ...noted, outcome: result, tookMs: tookMs() },
        'an operator changed a function',
      )
      return { backend, name: deployment.name, result }
    } catch (error) {
      const refusal = platformRefusal(error, last)
      // Without the platform's words: it may repeat what it was given.
      const outcome = {
        outcome: signal.aborted ? 'abandoned' : 'failed',
        code: refusal.code,
        tookMs: tookMs(),
      }
      this.#gateway.log.warn({ ...noted, ...outcome }, 'a function was not changed as an operator asked')
      return refusal
    } finally {
      this.#changing.delete(key)
    }
  }

  #refused(change: Change, ability: Ability, refusal: Rejection): Rejection {
    const fields = { ...audited(change, ability), backend: change.backend, outcome: 'refused' }
    this.#gateway.log.warn(
      { ...fields, code: refusal.code },
      'a function was not changed as an operator asked',
    )
    return refusal
  }
}

function audited({ organization, functionName, asker }: Change, ability: Ability): object {
  return { audit: ability, organization, function: functionName, ...asker }
}
