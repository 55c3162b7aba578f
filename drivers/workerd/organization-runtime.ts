import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../gateway/contract/plugin.ts'
import { restartDelayMs } from './backoff.ts'
import type { Bundle } from './bundle.ts'
import { HangWatch, type HangWatchOptions } from './hang-watch.ts'
import { type ProcessPlan, RuntimeProcess, StartRefused } from './runtime-process.ts'

/** What the processes of every organization have in common. */
export interface RuntimeHost {
  readonly plan: Omit<ProcessPlan, 'folder' | 'bundles' | 'log'>
  readonly hang: HangWatchOptions
  /** Milliseconds that calls on an old version get to end. */
  readonly graceMs: number
  readonly log: Log
  /** Path for the private folder of one more process. Short: names of sockets may have 104 bytes. */
  newFolder(): string
  /** The addresses of functions changed. */
  changed(): void
}

/** Milliseconds in which every thread has heard of new addresses, many times over. */
const HANDOVER_MS = 1000

/** A process that lived this long did not fail at its start. */
const STABLE_MS = 30_000

/** Milliseconds that processes get to end when the gateway ends; calls have ended by then. */
const CLOSE_GRACE_MS = 1000

/**
 * Keeps the functions of one organization running in a process of their own: functions of two organizations never
 * share one. A new version replaces the old one when it is ready; one that cannot start leaves the old one in place.
 */
export class OrganizationRuntime {
  readonly organization: string
  readonly #host: RuntimeHost
  readonly #log: ProcessPlan['log']
  #wanted: readonly Bundle[] = []
  /** Fingerprint of what was last tried, so that code that cannot start is tried once. */
  #tried = ''
  /** The last code of each function that started. */
  readonly #good = new Map<string, Bundle>()
  #process: RuntimeProcess | null = null
  #watch: HangWatch | null = null
  readonly #leaving = new Set<RuntimeProcess>()
  #turn: Promise<void> = Promise.resolve()
  #startedAt = 0
  #failures = 0
  #restart: NodeJS.Timeout | null = null
  #closed = false

  constructor(organization: string, host: RuntimeHost, log: ProcessPlan['log']) {
    this.organization = organization
    this.#host = host
    this.#log = log
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  get running(): boolean {
    return this.#process !== null || this.#wanted.length === 0
  }

  /** Origin of a function, or null while it does not run. */
  origin(functionName: string): string | null {
    return this.#process?.origin(functionName) ?? null
  }

  /** Fingerprint of the code of a function that runs; null while it does not. */
  fingerprint(functionName: string): string | null {
    const bundle = this.#process?.bundles.find((each) => each.functionName === functionName)
    return bundle?.fingerprint ?? null
  }

  /** Has exactly these functions run. Resolves when they do, or when it is known that they cannot. */
  apply(bundles: readonly Bundle[]): Promise<void> {
    this.#wanted = bundles
    return this.#converge()
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#restart !== null) clearTimeout(this.#restart)
    await this.#turn
    this.#watch?.stop()
    const processes = [...this.#leaving]
    if (this.#process !== null) processes.push(this.#process)
    this.#process = null
    for (const process of processes) process.stop(CLOSE_GRACE_MS)
    await Promise.all(processes.map(({ exited }) => exited))
  }

  /** One change at a time. */
  #converge(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#replace())
    return this.#turn
  }

  async #replace(): Promise<void> {
    const wanted = this.#wanted
    const fingerprint = fingerprintOf(wanted)
    if (this.#closed || fingerprint === this.#tried) return
    this.#tried = fingerprint
    if (wanted.length === 0) {
      this.#handOver(null)
      return
    }
    const started = await this.#start(wanted)
    // Nothing in the code is to blame, so it may work another time.
    if (started === null) this.#scheduleRestart()
    else if (this.#closed) this.#leave(started, CLOSE_GRACE_MS)
    else if (started !== this.#process) this.#handOver(started)
  }

  /**
   * Starts a process. A function that workerd refuses is replaced by its last good version, or left out if it has
   * none, so that one mistake does not take its neighbours down.
   */
  async #start(wanted: readonly Bundle[]): Promise<RuntimeProcess | null> {
    let bundles = wanted
    for (;;) {
      if (this.#process !== null && fingerprintOf(bundles) === fingerprintOf(this.#process.bundles)) {
        return this.#process
      }
      try {
        const process = await RuntimeProcess.start({
          ...this.#host.plan,
          folder: this.#host.newFolder(),
          bundles,
          log: this.#log,
        })
        for (const bundle of bundles) this.#good.set(bundle.functionName, bundle)
        return process
      } catch (error) {
        const refused = error instanceof StartRefused ? error.functions : new Map<string, string>()
        for (const [name, message] of refused) {
          this.#host.log.error(
            { organization: this.organization, function: name },
            `cannot start: ${message}`,
          )
        }
        const rest = bundles.flatMap((bundle) => this.#withoutRefused(bundle, refused))
        if (fingerprintOf(rest) === fingerprintOf(bundles)) {
          this.#host.log.error({ organization: this.organization }, (error as Error).message)
          return null
        }
        bundles = rest
      }
    }
  }

  #withoutRefused(bundle: Bundle, refused: ReadonlyMap<string, string>): Bundle[] {
    if (!refused.has(bundle.functionName)) return [bundle]
    const good = this.#good.get(bundle.functionName)
    return good === undefined || good.fingerprint === bundle.fingerprint ? [] : [good]
  }

  #handOver(next: RuntimeProcess | null): void {
    const old = this.#process
    this.#watch?.stop()
    this.#process = next
    this.#startedAt = performance.now()
    if (next !== null) {
      this.#watch = new HangWatch(next.probeSocket, this.#host.hang, () => this.#onHang(next))
      void next.exited.then((how) => this.#onExit(next, how))
    }
    this.#host.changed()
    if (old !== null)
      void delay(HANDOVER_MS, null, { ref: false }).then(() => this.#leave(old, this.#host.graceMs))
    if (old !== null) this.#leaving.add(old)
  }

  #leave(process: RuntimeProcess, graceMs: number): void {
    this.#leaving.add(process)
    process.stop(graceMs)
    void process.exited.then(() => this.#leaving.delete(process))
  }

  #onHang(process: RuntimeProcess): void {
    const { timeoutMs } = this.#host.hang
    this.#host.log.error(
      { organization: this.organization, pid: process.pid },
      `functions of the organization do not answer for ${timeoutMs} ms: their process is killed and restarted`,
    )
    process.kill()
  }

  #onExit(process: RuntimeProcess, how: string): void {
    if (this.#process !== process || this.#closed) return
    this.#watch?.stop()
    this.#process = null
    if (performance.now() - this.#startedAt > STABLE_MS) this.#failures = 0
    this.#host.log.error(
      { organization: this.organization, pid: process.pid },
      `the process of the organization ended: ${how}`,
    )
    this.#host.changed()
    this.#scheduleRestart()
  }

  #scheduleRestart(): void {
    if (this.#closed) return
    this.#failures++
    if (this.#restart !== null) clearTimeout(this.#restart)
    this.#restart = setTimeout(() => {
      this.#tried = ''
      void this.#converge()
    }, restartDelayMs(this.#failures))
  }
}

function fingerprintOf(bundles: readonly Bundle[]): string {
  return bundles.map(({ functionName, fingerprint }) => `${functionName} ${fingerprint}`).join('\n')
}
