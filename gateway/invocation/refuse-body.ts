import type { Rejection } from '../contract/rejection.ts'
import type { ActiveCall } from './active-call.ts'
import { refuse } from './refuse.ts'
import { relayBroken } from './relay.ts'

/** Ends a call whose body may not be, by an answer if there is none yet. @param reason For the log. */
export function refuseBody(call: ActiveCall, refusal: Rejection, reason: string): void {
  call.abandon('aborted')
  const { state } = call
  if (state === 'relaying') relayBroken(call, 'aborted', reason)
  else if (state === 'body' || state === 'waiting' || state === 'invoking') refuse(call, refusal)
}
