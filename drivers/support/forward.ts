import type { Invocation } from '../../gateway/contract/driver.ts'
import type { Sink, UpgradeSink } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { failAtOnce } from './fail-at-once.ts'
import { joinPath, leavesItsBase } from './upstream-path.ts'

/** Where a deployment is. */
export interface Target {
  readonly origin: string
  /** Path that the path of each call is put behind; `/` for none. */
  readonly base: string
}

/** Sends a call to its function as it is: method, path behind the base, headers as the driver edited them, body. */
export function forward(
  transport: Transport,
  { origin, base }: Target,
  invocation: Invocation,
  sink: Sink,
): void {
  const { method, path, headers, body, bodyLength } = invocation
  if (leavesItsBase(path)) refuseToLeave(sink)
  else
    transport.send(
      { origin, method, path: joinPath(base, path), headers: headers.flat, body, bodyLength },
      sink,
    )
}

/** Asks the function of a call for a WebSocket, where and how {@link forward} would send the call. */
export function forwardUpgrade(
  transport: Transport,
  { origin, base }: Target,
  { path, headers }: Invocation,
  sink: UpgradeSink,
): void {
  if (leavesItsBase(path)) refuseToLeave(sink)
  else transport.upgrade({ origin, path: joinPath(base, path), headers: headers.flat }, sink)
}

/** Ends the attempt of a call whose path {@link leavesItsBase}. */
export function refuseToLeave(sink: Sink): void {
  failAtOnce(sink, 'driver-error', 'the path leaves the base of the URL')
}
