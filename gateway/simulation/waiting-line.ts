import { FairQueue } from '../capacity/fair-queue.ts'
import { inFlightOf, isBearable, isPicky, lineOf, longestWaitMs } from '../invocation/wait-rule.ts'
import type { SimulatedCall } from './simulated-call.ts'

const PATIENCE = 64

/** What the line needs of the run. */
export interface WaitingHost {
  /** False when the call has to wait; else it is chosen for or nobody can serve it. */
  tryPlace(call: SimulatedCall, now: number): boolean
  /** It has its slot, or nobody can serve it. */
  attempt(call: SimulatedCall, now: number): void
  refuse(call: SimulatedCall, reason: string, now: number): void
  /** Asks for `late` then. */
  expireAt(call: SimulatedCall, at: number): void
}

/**
 * Calls that wait for a free slot, in virtual time: what `invocation/wait.ts` and `WaitingRoom` do on a gateway with one
 * thread, with the same queue, the same counts and the same rule of who may wait.
 */
export class WaitingLine {
  readonly #queue = new FairQueue<SimulatedCall>()
  readonly #host: WaitingHost
  #slots = 0

  constructor(host: WaitingHost) {
    this.#host = host
  }

  get size(): number {
    return this.#queue.size
  }

  /** Has a call wait that found no room, or refuses it. */
  wait(call: SimulatedCall, now: number): void {
    const longestMs = longestWaitMs(call.target, call.deadlineAt, now)
    const objection = longestMs <= 0 ? 'would wait too long' : this.#admit(call, longestMs, now)
    if (objection !== null) {
      this.#host.refuse(call, objection, now)
      return
    }
    call.waitsSince = now
    this.#host.expireAt(call, now + longestMs)
    const isFirst = waitingFor(call) === 1
    this.#queue.enter(call, organizationOf(call), lineOf(call, call.target))
    if (isFirst && this.#host.tryPlace(call, now)) this.#proceed(call, now)
  }

  /** It has waited as long as it may. */
  late(call: SimulatedCall, now: number): void {
    this.#leave(call, now)
    this.#host.refuse(call, 'waited as long as it may', now)
  }

  /** A slot was given back; `serve` fills it. */
  released(): void {
    if (this.#queue.size > 0) this.#slots++
  }

  serve(now: number): void {
    while (this.#slots > 0 && this.#serveNext(now)) this.#slots--
    this.#slots = 0
  }

  /** Without a sign that there is room: an ejection that is over, a budget that is open again give none. */
  look(now: number): void {
    while (this.#serveNext(now));
  }

  #serveNext(now: number): boolean {
    const call = this.#queue.take((one) => this.#host.tryPlace(one, now), PATIENCE)
    if (call === null) return false
    this.#proceed(call, now)
    return true
  }

  #proceed(call: SimulatedCall, now: number): void {
    this.#leave(call, now)
    if (call.chosen !== null) call.target.load.served(now)
    this.#host.attempt(call, now)
  }

  #leave(call: SimulatedCall, now: number): void {
    this.#queue.leave(call)
    call.target.load.left(isPicky(call))
    call.waitedMs += now - call.waitsSince
    call.waitsSince = 0
  }

  #admit(call: SimulatedCall, longestMs: number, now: number): string | null {
    const { load, waiting } = call.target
    const picky = isPicky(call)
    const position = this.#positionOf(call)
    const inFlight = inFlightOf(call.target)
    const isIn = load.tryWait(waiting.most, picky, inFlight, now)
    const predictedMs = load.predictMs(position, now)
    if (predictedMs > longestMs || !isBearable(predictedMs, position, inFlight, call.target)) {
      if (isIn) load.left(picky)
      return 'would wait too long'
    }
    if (isIn) return null
    const own = this.#queue.lengthOf(organizationOf(call), lineOf(call, call.target))
    const last = this.#queue.lastOfLongest(lineOf(call, call.target), own + 1)
    if (last !== null) {
      this.#leave(last, now)
      this.#host.refuse(last, 'too many wait', now)
      if (load.tryWait(waiting.most, picky, inFlight, now)) return null
    }
    return 'too many wait'
  }

  #positionOf(call: SimulatedCall): number {
    const rounds = this.#queue.lengthOf(organizationOf(call), lineOf(call, call.target)) + 1
    const isNew = this.#queue.organizations === 0 ? 1 : 0
    return Math.min(call.target.load.waiting + 1, rounds * Math.max(1, this.#queue.organizations + isNew))
  }
}

/** Somebody waits who would take the slot that this call would take. */
export function isBehindOthers(call: SimulatedCall): boolean {
  return waitingFor(call) > 0
}

function waitingFor(call: SimulatedCall): number {
  const { load } = call.target
  return isPicky(call) ? load.waiting : load.waitingForAny
}

function organizationOf({ arrival }: SimulatedCall): string {
  return arrival.organization
}
