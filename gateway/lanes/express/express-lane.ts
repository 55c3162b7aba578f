import type { Socket } from 'node:net'
import type { ErrorCode } from '../../contract/errors.ts'
import type { HandoverReason } from '../../contract/handover-reason.ts'
import type { Exchange } from '../../contract/lane.ts'
import type { Lane } from '../lane.ts'
import type { StandardLane } from '../standard/standard-lane.ts'
import { Endings } from './answer-text.ts'
import type { ConnectionHost } from './connection-host.ts'
import { ConnectionWatch, TICK_MS } from './connection-watch.ts'
import { ExpressConnection } from './express-connection.ts'

export interface ExpressLaneOptions {
  /** Until the head of a request is complete. */
  readonly headTimeoutMs: number
  /** A larger head is for the standard lane. */
  readonly mostHeadBytes: number
  readonly keepAliveMs: number
  readonly handle: (exchange: Exchange) => void
  readonly observe: ExpressObserver
  /** Of all express lanes of the thread; they stop together. */
  readonly watch: ConnectionWatch
}

export interface ExpressObserver {
  fault(code: ErrorCode): void
  handedOver(reason: HandoverReason): void
}

/** Node's server closes idle connections a second later than it tells clients. */
const KEEP_ALIVE_GRACE_MS = 1000

/**
 * HTTP/1.1 on sockets, in front of a standard lane: requests in the plain form that nearly all have are read here, at a
 * fraction of the price; a connection with any other is left to the standard lane behind, with all that was not
 * answered. Listening, TLS and the count of connections stay with that lane.
 */
export function createExpressLane(standard: StandardLane, options: ExpressLaneOptions): Lane {
  const host: ConnectionHost = {
    handle: options.handle,
    fault: (code) => options.observe.fault(code),
    adopt: (socket, reason) => {
      options.observe.handedOver(reason)
      adopt(socket)
    },
    watch: options.watch,
    endings: new Endings(options.keepAliveMs),
    mostHeadBytes: options.mostHeadBytes,
    headTicks: ConnectionWatch.ticksFor(options.headTimeoutMs),
    keepAliveTicks: Math.ceil((options.keepAliveMs + KEEP_ALIVE_GRACE_MS) / TICK_MS),
  }
  const adopt = standard.intercept((socket: Socket) => {
    host.watch.add(new ExpressConnection(socket, host))
  })
  return {
    listen: (address) => standard.listen(address),
    useCertificate: (tls) => standard.useCertificate(tls),
    stopAccepting: () => standard.stopAccepting(),
    get open() {
      return standard.open
    },
    endQuiet(quietMs) {
      const now = performance.now()
      let kept = standard.endQuiet(quietMs)
      for (const connection of options.watch.all()) if (!connection.endIfQuiet(quietMs, now)) kept++
      return kept
    },
    destroy: () => standard.destroy(),
  }
}
