import { performance } from 'node:perf_hooks'
import type { HeaderList } from '../contract/headers.ts'
import { OUTCOMES, type Outcome } from '../contract/outcome.ts'
import type { ActiveCall } from './active-call.ts'
import { cleanAnswer, filterHead } from './answer-head.ts'
import { addExplanation } from './place-explained.ts'

/** The head of the function's answer on its way to the client: cleaned, filtered by plugins, sent. */
export function relayHead(call: ActiveCall, status: number, headers: HeaderList): void {
  const { services } = call
  call.dueAt = Number.POSITIVE_INFINITY
  call.headAt = performance.now()
  call.movedAt = call.headAt
  cleanAnswer(headers, status)
  headers.flat.push('x-request-id', call.id)
  if (call.degraded) headers.flat.push('dispatch-placement', 'degraded')
  addExplanation(call, headers)
  if (wantsTiming(call)) services.addTiming(call, headers)
  filterHead(call, status, headers)
  if (services.draining) call.exchange.closeAfter()
  call.exchange.head(status, headers.flat)
  call.status = status
  call.state = 'relaying'
}

/** A piece of the answer. A client slower than the function stops the function's connection, not our memory. */
export function relayData(call: ActiveCall, chunk: Buffer): void {
  // Drivers from outside may give anything, and what is no buffer has another length than it says.
  if (!Buffer.isBuffer(chunk)) throw new TypeError('a piece of the answer is no buffer')
  call.bytesOut += chunk.length
  call.moves = true
  if (call.exchange.write(chunk)) return
  call.clientIsSlow = true
  call.attempt?.pause()
}

/** The answer cannot be finished: the client's connection is cut, so that no part of it passes for the whole. */
export function relayBroken(call: ActiveCall, outcome: Outcome, reason: string): void {
  call.outcome = outcome
  call.code = OUTCOMES[outcome].code
  call.reason = reason
  call.state = 'answered'
  call.exchange.destroy()
}

/** @throws Error When the answer has another length than its head declared. */
export function relayEnd(call: ActiveCall): void {
  call.exchange.end()
  call.outcome = 'answered'
  call.state = 'answered'
}

export function wantsTiming(call: ActiveCall): boolean {
  const { serverTiming } = call.snapshot
  return serverTiming === 'always' || (call.wantsTiming && serverTiming === 'on-request')
}
