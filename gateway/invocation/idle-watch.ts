import { performance } from 'node:perf_hooks'
import { Rejection } from '../contract/rejection.ts'
import type { ActiveCall } from './active-call.ts'
import { BODY_TOO_SLOW, refuse } from './refuse.ts'
import { relayBroken } from './relay.ts'
import type { RunningCalls } from './running-calls.ts'

const SWEEP_MS = 250
/** A sweep may be late by as much again before a burst call runs unpaid. */
const PAID_MS = 2 * SWEEP_MS

const USED_UP = new Rejection('GW_NO_DEPLOYMENT', '', ['retry-after', '60'], 'the burst budget is used up')

/**
 * Ends calls whose bytes stopped moving: a client that does not send the rest of its body, a function that stops in
 * the middle of its answer, a client that does not take it. And burst calls that outlive what was reserved for them when
 * the budget has no more. One timer for the thread instead of one per call; so an end may come up to a quarter of a second
 * late.
 */
export class IdleWatch {
  readonly #calls: RunningCalls
  readonly #timer: NodeJS.Timeout

  constructor(calls: RunningCalls) {
    this.#calls = calls
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #sweep(): void {
    const now = performance.now()
    for (const call of this.#calls.all()) {
      if (call.moves) {
        call.moves = false
        call.movedAt = now
      }
      if (mayOutlive(call) && call.attempt?.isPaidFor(PAID_MS) === false) endUnpaid(call)
      else if (now - call.movedAt > call.snapshot.limits.bodyGapMs) end(call)
    }
  }
}

function end(call: ActiveCall): void {
  const { exchange } = call
  if (call.state === 'body') {
    refuse(call, BODY_TOO_SLOW)
  } else if (call.state === 'relaying') {
    // A client that does not read, or owes the rest of its body, says nothing about the health of the function.
    const stopped = call.clientIsSlow || exchange.awaitsClient ? 'client' : 'answer'
    const outcome = stopped === 'client' ? 'aborted' : 'timeout'
    call.abandon(outcome)
    relayBroken(call, outcome, `the ${stopped} stopped moving`)
  } else if (call.state === 'answered') {
    exchange.destroy()
  } else if (call.state === 'invoking' && isUploading(call) && exchange.awaitsClient) {
    call.abandon('aborted')
    refuse(call, BODY_TOO_SLOW)
  }
}

/** Until its head its deadline ends it in time, but for an upload, with which the deadline moves. */
function mayOutlive(call: ActiveCall): boolean {
  const { state } = call
  return state === 'relaying' || state === 'upgraded' || (state === 'invoking' && isUploading(call))
}

/** Ended while it is still paid for, so that the budget is never passed. */
function endUnpaid(call: ActiveCall): void {
  if (call.webSocket !== null) {
    call.webSocket.cut()
    return
  }
  call.abandon('aborted')
  if (call.state === 'invoking') refuse(call, USED_UP)
  else relayBroken(call, 'aborted', USED_UP.reason)
}

/** While the function has the whole body, its own deadline is what counts. */
function isUploading(call: ActiveCall): boolean {
  return !call.exchange.bodyComplete && !Buffer.isBuffer(call.body)
}
