import type { Duplex } from 'node:stream'

/** What a lane can do with a client that asks for a WebSocket, besides answering it. */
export interface Upgrade {
  /**
   * Answers 101 and relays between the client and the function until both have closed. From here on only `listener`
   * hears of the client.
   *
   * @param connection To the function, which has agreed already; without extensions.
   * @param protocol The subprotocol that the function chose, or null.
   * @param headers Further fields of the answer, lower-case name and value in turn.
   * @throws TypeError For a field that HTTP cannot carry; nothing is sent then, and the exchange goes on.
   */
  accept(
    connection: Duplex,
    protocol: string | null,
    headers: readonly string[],
    listener: RelayListener,
  ): Relay
}

/** What ends a WebSocket: a side that closes, is lost or breaks the protocol; or the gateway. */
export const WEB_SOCKET_ENDS = [
  'client-closed',
  'function-closed',
  'client-lost',
  'function-lost',
  'client-fault',
  'function-fault',
  'idle',
  'lifetime',
  'expired',
  'draining',
  'cut',
] as const

export type WebSocketEnd = (typeof WEB_SOCKET_ENDS)[number]

/** Those that a relay sees by itself. */
export type RelayEnd = Exclude<WebSocketEnd, 'idle' | 'lifetime' | 'expired' | 'draining' | 'cut'>

export interface RelayListener {
  /**
   * Both connections are closed. Once.
   *
   * @param end What ended it first, or would have, had nobody called `close`.
   * @param detail For the log: close code or error, never what a peer wrote.
   */
  relayEnded(end: RelayEnd, detail: string): void
}

/** A WebSocket between client and function. */
export interface Relay {
  /** Changes whenever a byte came from the client, or from the function. */
  readonly clientBytes: number
  readonly functionBytes: number
  /** Bytes in messages of the client, and of the function. */
  readonly messageBytesIn: number
  readonly messageBytesOut: number
  /** Sends both a ping, which they answer (RFC 6455, 5.5.2). */
  ping(): void
  /** Sends both a close frame. Who does not close then is cut off within seconds. */
  close(code: number, reason: string): void
  /** Cuts both connections. */
  destroy(): void
}
