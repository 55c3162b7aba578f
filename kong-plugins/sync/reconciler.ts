import type { Config, KongConfig } from '../../gateway/config/schema.ts'
import type { Log } from '../../gateway/contract/plugin.ts'
import type { KongStatus } from '../../gateway/observe/kong-status.ts'
import { desiredState } from './desired/desired-state.ts'
import type { DesiredState } from './entities.ts'
import { KongError } from './kong-error.ts'
import { openTarget } from './open-target.ts'
import { problemsOf } from './problems.ts'
import { Progress } from './progress.ts'
import { type Round, Session } from './session.ts'
import type { Target } from './target.ts'

/** Milliseconds between two thoughts on whether something is to be done. */
const TICK_MS = 200
const FIRST_BACKOFF_MS = 1000
const LONGEST_BACKOFF_MS = 60_000

/** Where configurations come from; the gateway is one. */
export interface ConfigurationSource {
  readonly config: Config
  /** Milliseconds since 1970; another one for each configuration that was taken. */
  readonly loadedAt: number
}

export interface ReconcilerHost {
  readonly open: (kong: KongConfig) => Target
  readonly now: () => number
  readonly random: () => number
}

const HOST: ReconcilerHost = { open: openTarget, now: Date.now, random: Math.random }

/** One configuration that is being brought to Kong. */
interface Task {
  readonly kong: KongConfig
  readonly desired: DesiredState
  readonly generation: number
}

/**
 * Keeps a Kong as the configuration says: at once when it is taken, and again and again for what others change. It runs
 * on the main thread and asks nothing of the threads that serve calls; a Kong that is away changes nothing for them.
 */
export class Reconciler {
  readonly #source: ConfigurationSource
  readonly #log: Log
  readonly #host: ReconcilerHost
  readonly #progress = new Progress()
  #timer: NodeJS.Timeout | null = null
  #seenAt = Number.NaN
  #task: Task | null = null
  #session: Session | null = null
  /** Settings that the session was opened with. */
  #sessionKey = ''
  #dueAt = Number.POSITIVE_INFINITY
  #failures = 0
  #lastSeenGeneration = 0
  #running: Promise<void> | null = null
  #abort = new AbortController()

  constructor(source: ConfigurationSource, log: Log, host: ReconcilerHost = HOST) {
    this.#source = source
    this.#log = log
    this.#host = host
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), TICK_MS).unref()
    this.tick()
  }

  /** Stops at once; a write that is under way may or may not count. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#dueAt = Number.POSITIVE_INFINITY
    this.#abort.abort()
    await this.#running
    await this.#session?.close()
    this.#session = null
  }

  /** Null when there is no Kong. */
  status(): KongStatus | null {
    if (this.#task === null) return null
    return this.#progress.status(this.#task.generation, this.#dueAt, this.#host.now())
  }

  /** Takes a configuration that is new, and begins what is due. */
  tick(): void {
    if (this.#source.loadedAt !== this.#seenAt) this.#take()
    if (this.#running === null && this.#task !== null && this.#host.now() >= this.#dueAt) {
      this.#running = this.#run(this.#task).finally(() => {
        this.#running = null
      })
    }
  }

  /** Resolves when nothing is being done. */
  async idle(): Promise<void> {
    await this.#running
  }

  #take(): void {
    const { config, loadedAt } = this.#source
    const isFirst = Number.isNaN(this.#seenAt)
    this.#seenAt = loadedAt
    // Whoever waits for an answer for the configuration before waits in vain.
    this.#abort.abort()
    this.#abort = new AbortController()
    if (config.kong === null) {
      this.#task = null
      this.#dueAt = Number.POSITIVE_INFINITY
      return
    }
    const desired = desiredState(config)
    // What was reloaded here is newer than all that was seen here, whatever the clocks of others say.
    const generation = isFirst ? loadedAt : Math.max(loadedAt, this.#lastSeenGeneration + 1)
    this.#task = { kong: config.kong, desired, generation }
    this.#failures = 0
    this.#dueAt = config.kong.sync ? this.#host.now() : Number.POSITIVE_INFINITY
    this.#progress.begin(config.kong, desired, this.#host.now())
  }

  async #run({ kong, desired, generation }: Task): Promise<void> {
    const { signal } = this.#abort
    this.#progress.onLook()
    try {
      const session = await this.#sessionFor(kong)
      const round = await session.round(desired, {
        guard: kong.deletions,
        generation,
        signal,
        onWritten: () => this.#progress.onWritten(),
      })
      if (signal.aborted) return
      this.#lastSeenGeneration = Math.max(this.#lastSeenGeneration, round.record?.generation ?? 0)
      this.#settle(round, kong)
    } catch (error) {
      if (signal.aborted) return
      const message = error instanceof KongError ? error.message : `unexpected: ${(error as Error).message}`
      if (!(error instanceof KongError)) this.#log.error({ err: error }, 'Kong could not be looked at')
      this.#fail(message)
    }
  }

  #settle(round: Round, kong: KongConfig): void {
    const now = this.#host.now()
    const { result, plan } = round
    const problems = problemsOf(plan, result)
    const unfinished =
      result?.failures.some(({ retryable }) => retryable) === true || (result?.stopped ?? null) !== null
    const before = this.#progress.state
    this.#progress.settle(round, problems, now)
    if (unfinished && round.standing !== 'passive') {
      this.#fail(problems[0] ?? 'Kong was left before all was written')
      return
    }
    this.#failures = 0
    this.#dueAt = now + kong.every * (0.9 + 0.2 * this.#host.random())
    const { state } = this.#progress
    if (result !== null && result.writes > 0) {
      this.#log.info({ writes: result.writes, state }, 'Kong was brought in step')
    }
    if (state !== before && state === 'passive') {
      this.#log.warn({ record: round.record }, 'another gateway leads Kong with a newer configuration')
    }
    if (problems.length > 0 && this.#progress.problemsAreNew) {
      this.#log.warn(
        { problems: problems.slice(0, 5), count: problems.length },
        'Kong is not all as it should be',
      )
    }
  }

  #fail(message: string): void {
    const now = this.#host.now()
    const bound = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures, 10))
    this.#dueAt = now + bound / 2 + (this.#host.random() * bound) / 2
    this.#failures++
    const isNew = this.#progress.state !== 'failing'
    this.#progress.fail(message, now)
    if (isNew) this.#log.warn({ reason: message }, 'Kong is not in step; it is tried again')
  }

  async #sessionFor(kong: KongConfig): Promise<Session> {
    const key = JSON.stringify([kong.admin, kong.mode, kong.owner])
    if (this.#session !== null && key === this.#sessionKey) return this.#session
    await this.#session?.close()
    this.#session = new Session(this.#host.open(kong), kong.mode, this.#host.now)
    this.#sessionKey = key
    return this.#session
  }
}
