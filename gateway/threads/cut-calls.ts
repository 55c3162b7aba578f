import { Rejection } from '../contract/rejection.ts'
import { refuse } from '../invocation/refuse.ts'
import { relayBroken } from '../invocation/relay.ts'
import type { RunningCalls } from '../invocation/running-calls.ts'

const DRAINING = new Rejection('GW_DRAINING', 'The time to finish running calls is over.')

/** Ends every call that still runs: 503 when nothing was sent yet, else a cut connection. Returns how many. */
export function cutCalls(calls: RunningCalls): number {
  let cut = 0
  for (const call of calls.all()) {
    if (call.state === 'answered' || call.state === 'over') continue
    cut++
    if (call.state === 'upgraded') {
      call.webSocket?.cut()
      continue
    }
    call.abandon('aborted')
    if (call.state === 'relaying') relayBroken(call, 'aborted', DRAINING.detail)
    else refuse(call, DRAINING)
  }
  return cut
}

/** Closes every WebSocket: its sides learn that the gateway goes away, and where to open the next one is up to them. */
export function closeWebSockets(calls: RunningCalls): void {
  for (const call of calls.all()) if (call.state === 'upgraded') call.webSocket?.drain()
}
