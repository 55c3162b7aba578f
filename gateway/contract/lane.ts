import type { Readable } from 'node:stream'
import type { Upgrade } from './web-socket.ts'

export const LANE_NAMES = ['standard', 'express'] as const
export type LaneName = (typeof LANE_NAMES)[number]

/** The lane of listeners for which none is configured. */
export const DEFAULT_LANE: LaneName = 'express'

/**
 * One request as a lane hands it to the pipeline, and the way its answer goes back. The pipeline does not know
 * which lane it runs on.
 */
export interface Exchange {
  readonly method: string
  /** Request target exactly as sent. */
  readonly target: string
  /** Names and values in turn, exactly as received. */
  readonly rawHeaders: readonly string[]
  /** Address of the peer of the socket. */
  readonly peerAddress: string
  readonly peerPort: number
  /** True when the peer holds a certificate that the listener asks for: it is a trusted proxy. */
  readonly peerCertified: boolean
  /** True when the socket is TLS. */
  readonly encrypted: boolean
  /** Minor version of HTTP/1: 0 or 1. */
  readonly httpMinor: number

  /** Given for a request to turn the connection into a WebSocket (RFC 6455), which an answer refuses. */
  readonly upgrade?: Upgrade

  /** The listener hears what happens on the client's side from now on. */
  listen(listener: ExchangeListener): void

  /** Reads the whole body, of a declared length that fits in memory; the listener gets it by `bodyRead`. */
  readBody(): void
  /** False while no byte of the body was taken: the body may then still be given to another attempt. */
  readonly bodyTouched: boolean
  /** True once the whole body has arrived. */
  readonly bodyComplete: boolean
  /** True while somebody wants more of the body than the client has sent. */
  readonly awaitsClient: boolean
  /** Bytes of the body that arrived so far. */
  readonly bytesIn: number
  /**
   * The body as a stream that counts: beyond `limitBytes` it is destroyed with an error and the listener hears
   * `bodyTooLarge`. Destroying it leaves the connection alive so that an answer can still be sent.
   */
  streamBody(limitBytes: number): Readable
  /** Tells a client that waits with `Expect: 100-continue` to go on. Does nothing otherwise. */
  continueBody(): void

  /** Head of a streamed answer. Framing is the lane's: `content-length` in the headers is kept, else it frames. */
  head(status: number, headers: string[]): void
  /** Returns false when the client is slow: wait for `drained`. */
  write(chunk: Buffer): boolean
  end(): void
  /** A whole answer. The request body, if it is still arriving, is drained within bounds or the connection closed. */
  respond(status: number, headers: string[], body: string | Buffer): void
  /** Cuts the connection so that the client sees the answer as broken. */
  destroy(): void
  /** From now on: the connection ends after this answer. */
  closeAfter(): void
}

export interface ExchangeListener {
  /** The client left before the answer was sent, or its request turned out broken. */
  clientGone(): void
  /** The client takes data again. */
  drained(): void
  /** The last byte of the answer is handed to the operating system. */
  finished(): void
  bodyRead(body: Buffer): void
  /** The body is longer than the limit given to `streamBody`. */
  bodyTooLarge(): void
  /** Behind the body came a field that must not stand there (RFC 9110, 6.5.1): the body is not to be taken as whole. */
  trailersRefused(): void
  /** A piece of the body arrived or was taken by the client: the connection moves. */
  moved(): void
}
