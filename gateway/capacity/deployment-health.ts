import type { SharedCells } from '../contract/shared-cells.ts'
import { FailureShare } from './failure-share.ts'

const FAILURES_IN_A_ROW = 0
const EJECTED_UNTIL = 1
const EJECTIONS = 2
/** Zero while calls may pass, else the time until which none may. */
const GATE = 3
const RECOVERED_AT = 4
const NOT_READY = 5
const WORDS = 6

/** Failures in a row that eject a Deployment (Envoy's outlier detection has the same default). */
const FAILURES_TO_EJECT = 5
/** Milliseconds of the first ejection; the n-th lasts n times as long, up to the cap. */
const EJECTION_MS = 30_000
const EJECTION_CAP_MS = 300_000
/** Milliseconds after which a probe that nobody heard of again does not keep the next one out. */
const PROBE_PATIENCE_MS = 10_000
/** Milliseconds in which a recovered Deployment comes back to its full share, and the share it begins with. */
const SLOW_START_MS = 30_000
const SLOW_START_WEIGHT = 0.1

/** What a call was let in as; anything above `ADMITTED` is the probe of a half-open Deployment. */
export type Admission = number
/** Not let in. Every other admission is true in a condition. */
export const REFUSED: Admission = 0
export const ADMITTED: Admission = 1

export type HealthState = 'healthy' | 'not-ready' | 'ejected' | 'half-open' | 'recovering'

/**
 * What all threads know of the health of one Deployment, from how its calls end and from what the control plane sees.
 * Five platform failures in a row, or more than half of at least ten attempts within 10 s, eject it. After that it is
 * half-open: one call at a time, over all threads, until one succeeds. Then it takes more and more (slow start). What
 * the function itself does wrong does not count. Times are milliseconds since 1970; in shared memory they are tenths
 * of a second since the gateway's epoch, so that 32 bits last for years.
 *
 * What only looks reads plainly, because `Atomics.load` costs 9 to 25 ns and a plain read less than 1
 * (`bench/micro/placement-parts.ts`); what another thread writes meanwhile is seen by the next call.
 */
export class DeploymentHealth {
  readonly #cells: Int32Array
  readonly #share: FailureShare
  readonly #epoch: number

  /** @param epoch Milliseconds since 1970 when the gateway started; the same on every thread. */
  constructor(cells: SharedCells, key: string, epoch: number) {
    this.#cells = cells.claim(`health:${key}`, WORDS)
    this.#share = new FailureShare(cells, key)
    this.#epoch = epoch
  }

  /** False when the control plane found that the Deployment cannot serve. True until it has looked. */
  get ready(): boolean {
    return this.#cells[NOT_READY] === 0
  }

  /** Ready and not ejected. A half-open one is healthy as far as anybody knows. */
  isHealthy(now: number): boolean {
    return this.ready && this.#isOver(this.#cells[EJECTED_UNTIL]!, now)
  }

  /** After an ejection, until a call has succeeded: the next one to go there is a probe. */
  get isComingBack(): boolean {
    return this.#cells[GATE] !== 0
  }

  /**
   * Whether a call may go there. A half-open Deployment lets one in at a time: its admission goes to `failed` or
   * `probeOver` when it does not succeed, so that the next may try.
   */
  admit(now: number): Admission {
    if (this.#cells[NOT_READY] !== 0) return REFUSED
    const gate = this.#cells[GATE]!
    if (gate === 0) return ADMITTED
    if (!this.#isOver(gate, now)) return REFUSED
    const probe = this.#tenths(now + PROBE_PATIENCE_MS)
    return Atomics.compareExchange(this.#cells, GATE, gate, probe) === gate ? probe : REFUSED
  }

  /** What `admit` would say, without letting anything in: false while it is not ready, ejected, or while a probe runs. */
  wouldAdmit(now: number): boolean {
    const gate = this.#cells[GATE]!
    return this.ready && (gate === 0 || this.#isOver(gate, now))
  }

  /** The call ended without a word on the Deployment: the client left, the platform was full. Any admission will do. */
  probeOver(admission: Admission, now: number): void {
    if (admission > ADMITTED) {
      Atomics.compareExchange(this.#cells, GATE, admission, Math.min(admission, this.#tenths(now) - 1))
    }
  }

  /** The Deployment did its part, whatever status the function chose. */
  succeeded(now: number): void {
    if (this.#cells[FAILURES_IN_A_ROW] !== 0) Atomics.store(this.#cells, FAILURES_IN_A_ROW, 0)
    this.#share.succeeded(now - this.#epoch)
    if (this.#cells[GATE] !== 0) this.#recover(now)
    if (this.#cells[EJECTIONS] !== 0) this.#forgive(now)
  }

  /**
   * The platform failed; tells whether this failure ejected the Deployment: of several threads one hears so. A probe
   * that fails ejects at once; what fails while it is ejected says nothing new.
   */
  failed(now: number, admission: Admission = ADMITTED): boolean {
    if (!this.#isOver(Atomics.load(this.#cells, EJECTED_UNTIL), now)) return false
    const failures = Atomics.add(this.#cells, FAILURES_IN_A_ROW, 1) + 1
    const tooMany = this.#share.failed(now - this.#epoch)
    const probed = admission > ADMITTED && Atomics.load(this.#cells, GATE) !== 0
    return (failures >= FAILURES_TO_EJECT || tooMany || probed) && this.#eject(now)
  }

  /** Share of its usual calls, 0.1 to 1, that a Deployment takes while it comes back. */
  weight(now: number): number {
    if (this.#cells[GATE] !== 0) return SLOW_START_WEIGHT
    const recoveredAt = this.#cells[RECOVERED_AT]!
    if (recoveredAt === 0) return 1
    const done = (now - this.#epoch - recoveredAt * 100) / SLOW_START_MS
    return done >= 1 ? 1 : SLOW_START_WEIGHT + (1 - SLOW_START_WEIGHT) * Math.max(0, done)
  }

  state(now: number): HealthState {
    if (!this.ready) return 'not-ready'
    if (this.#cells[GATE] !== 0) {
      return this.#isOver(this.#cells[EJECTED_UNTIL]!, now) ? 'half-open' : 'ejected'
    }
    return this.weight(now) < 1 ? 'recovering' : 'healthy'
  }

  /** What the control plane found. One that was not ready comes back slowly. */
  setReady(ready: boolean, now: number): void {
    const before = Atomics.exchange(this.#cells, NOT_READY, ready ? 0 : 1)
    if (ready && before !== 0) this.startSlowly(now)
  }

  /** Begins a slow start: the Deployment, or the platform below it, was away. */
  startSlowly(now: number): void {
    Atomics.store(this.#cells, RECOVERED_AT, this.#tenths(now))
  }

  #eject(now: number): boolean {
    const before = Atomics.load(this.#cells, EJECTED_UNTIL)
    if (!this.#isOver(before, now)) return false
    const times = Atomics.load(this.#cells, EJECTIONS) + 1
    const until = this.#tenths(now + Math.min(EJECTION_MS * times, EJECTION_CAP_MS))
    if (Atomics.compareExchange(this.#cells, EJECTED_UNTIL, before, until) !== before) return false
    Atomics.store(this.#cells, GATE, until)
    Atomics.add(this.#cells, EJECTIONS, 1)
    Atomics.store(this.#cells, FAILURES_IN_A_ROW, 0)
    return true
  }

  /** A call that succeeds after the ejection opens the gate; one that began before it and ends within it does not. */
  #recover(now: number): void {
    const gate = Atomics.load(this.#cells, GATE)
    if (gate === 0 || !this.#isOver(Atomics.load(this.#cells, EJECTED_UNTIL), now)) return
    if (Atomics.compareExchange(this.#cells, GATE, gate, 0) !== gate) return
    this.startSlowly(now)
    this.#share.clear()
  }

  /** A Deployment that served well for as long as its last ejection lasted has one ejection less on its record. */
  #forgive(now: number): void {
    const times = Atomics.load(this.#cells, EJECTIONS)
    const until = Atomics.load(this.#cells, EJECTED_UNTIL)
    const lastedMs = Math.min(EJECTION_MS * times, EJECTION_CAP_MS)
    if (now - this.#epoch < until * 100 + lastedMs) return
    if (Atomics.compareExchange(this.#cells, EJECTIONS, times, times - 1) !== times) return
    const since = times === 1 ? 0 : Math.floor((now - this.#epoch) / 100)
    Atomics.compareExchange(this.#cells, EJECTED_UNTIL, until, since)
  }

  #isOver(until: number, now: number): boolean {
    return until === 0 || now - this.#epoch >= until * 100
  }

  /** Never zero, which says that there is no such time. */
  #tenths(at: number): number {
    return Math.max(2, Math.ceil((at - this.#epoch) / 100))
  }
}
