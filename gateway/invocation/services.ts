import type { HeaderList } from '../contract/headers.ts'
import type { Log } from '../contract/plugin.ts'
import type { WebSocketEnd } from '../contract/web-socket.ts'
import type { ActiveCall } from './active-call.ts'
import type { Deadlines } from './deadlines.ts'
import type { RunningCalls } from './running-calls.ts'
import type { WaitingRoom } from './waiting-room.ts'

/** What a thread keeps for all its calls, whatever Snapshot they are on. */
export interface Services {
  readonly log: Log
  /** Calls from their head to their last byte. */
  readonly calls: RunningCalls
  readonly deadlines: Deadlines
  /** Calls that wait for a free slot. */
  readonly waitingRoom: WaitingRoom
  /** True once the gateway is about to stop: every answer is the last of its connection. */
  draining: boolean
  /** A call begins. */
  enter(call: ActiveCall): void
  /** A call is over: counts it and writes its line to the access log. */
  leave(call: ActiveCall): void
  /** An answer was late because no instance ran. */
  coldStart(): void
  /** A call is sent to a second Deployment. */
  hedged(): void
  /** The second one answered first. */
  hedgeWon(): void
  webSocketOpened(): void
  /** Once for each that was opened. Bytes of the messages that were relayed. */
  webSocketEnded(end: WebSocketEnd, bytesIn: number, bytesOut: number): void
  /** Adds `server-timing` and `dispatch-backend` to an answer whose caller asked for them. */
  addTiming(call: ActiveCall, headers: HeaderList): void
}
