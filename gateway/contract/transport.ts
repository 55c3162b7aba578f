import type { Readable } from 'node:stream'
import type { Certificates } from './certificates.ts'
import type { Sink, UpgradeSink } from './sink.ts'

/** A request as it goes to a backend. The transport adds framing and Host, nothing else. */
export interface UpstreamRequest {
  /** `http://host:port`, `https://host:port` or `unix:/path`; decides the connection, never taken from the client. */
  readonly origin: string
  readonly method: string
  /** Origin-form target with its query; begins with one slash. */
  readonly path: string
  /** Flat lower-case list with at most one `host`, without framing or hop-by-hop fields. The transport may add to it. */
  readonly headers: string[]
  readonly body: Body
  /** Length of a streamed body if the client declared one, else -1. */
  readonly bodyLength: number
}

/** A request to open a WebSocket. The transport adds the handshake of RFC 6455, with a key of its own. */
export interface UpgradeRequest {
  /** As in {@link UpstreamRequest}. */
  readonly origin: string
  readonly path: string
  /** As in {@link UpstreamRequest}; of the fields of the handshake at most one `sec-websocket-protocol`: what is offered. */
  readonly headers: string[]
}

/** None, whole in memory (may be sent again), or streamed (sent once). */
export type Body = null | Buffer | Readable

/** The ways out by name. `undici` is the library, `wire` the gateway's own client of HTTP/1.1. */
export const TRANSPORT_NAMES = ['undici', 'wire'] as const
export type TransportName = (typeof TRANSPORT_NAMES)[number]

/** The one that is taken unless the configuration names another. */
export const DEFAULT_TRANSPORT: TransportName = 'wire'

/** How to reach the servers of one backend. */
export interface TransportOptions extends Certificates {
  /** Connections to one origin from one thread. Default 128. */
  readonly connections?: number
  /** Milliseconds for DNS, TCP and TLS together. Default 3000. */
  readonly connectTimeoutMs?: number
  /** Milliseconds an idle connection is kept; stay below the server's own idle time. Default 4000. */
  readonly keepAliveMs?: number
  /**
   * Where every connection goes, whatever host the origin names: an ingress that tells its servers apart by name. TLS
   * is verified for the origin's host all the same. Not for Unix sockets.
   */
  readonly connectTo?: { readonly host: string; readonly port: number } | null
}

/** A way out to a backend. TLS is always verified. */
export interface Transport {
  /**
   * Sends a request and pushes the answer into the sink. Never throws; calls `sink.start` before it returns.
   * Fails with `unreachable`, `reset` or `malformed`; deadlines are the caller's: it aborts.
   */
  send(request: UpstreamRequest, sink: Sink): void
  /**
   * Asks for a WebSocket without extensions. Never throws; calls `sink.start` before it returns. An answer other than
   * 101 is pushed as any other, but one that says success: that fails with `function-error`. A handshake that is not
   * right fails with `malformed`; the rest as for `send`.
   */
  upgrade(request: UpgradeRequest, sink: UpgradeSink): void
  /** Lets running requests finish, then closes; connections that were upgraded are their receivers'. */
  close(): Promise<void>
}
