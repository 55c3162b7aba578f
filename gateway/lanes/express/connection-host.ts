import type { Socket } from 'node:net'
import type { ErrorCode } from '../../contract/errors.ts'
import type { HandoverReason } from '../../contract/handover-reason.ts'
import type { Exchange } from '../../contract/lane.ts'
import type { Endings } from './answer-text.ts'
import type { ConnectionWatch } from './connection-watch.ts'

/** What all connections of a lane have in common. */
export interface ConnectionHost {
  readonly handle: (exchange: Exchange) => void
  /** Counts bytes that are no request. */
  readonly fault: (code: ErrorCode) => void
  /** Takes a connection whose next request is not for this lane; its bytes are unread again. */
  readonly adopt: (socket: Socket, reason: HandoverReason) => void
  readonly watch: ConnectionWatch
  readonly endings: Endings
  /** Of a head, and of the fields behind a body. */
  readonly mostHeadBytes: number
  readonly headTicks: number
  readonly keepAliveTicks: number
}
