import type { Duplex } from 'node:stream'
import type { HeaderList } from './headers.ts'
import type { Outcome } from './outcome.ts'

/** Control over an answer on its way: backpressure and cancel. Every method is idempotent. */
export interface Flow {
  /** Stop reading from the backend; what was read already may still be pushed. */
  pause(): void
  resume(): void
  /** Cut the upstream call at once. The sink hears nothing more after this returns. */
  abort(): void
}

/**
 * Takes the answer of a function as pushes: `start head data* end`, and `fail` in the place of any later call.
 * After `end` or `fail` nothing follows. `start` comes synchronously inside `invoke`, exactly once.
 */
export interface Sink {
  start(flow: Flow): void
  /** Final head: never 1xx. Headers are the sink's own, hop-by-hop fields included: the receiver strips them. */
  head(status: number, headers: HeaderList): void
  data(chunk: Buffer): void
  end(): void
  /**
   * The attempt ended without a whole answer.
   * @param outcome Never `answered`.
   * @param detail For the log of the operator: which address, which error. Never reaches the client.
   * @param retryAfterMs How long the platform asks to be left alone, with `overloaded` or `rate-limited`; 0 when it does not
   * say. Of more than 30 s as much is kept to.
   */
  fail(outcome: Outcome, detail: string, retryAfterMs?: number): void
}

/** The same for an attempt to open a WebSocket: where the function agrees, an open connection takes the place of the head. */
export interface UpgradeSink extends Sink {
  /**
   * The function agreed (101), and its handshake is checked (RFC 6455, 4.1). Nothing follows; the connection is the
   * receiver's to read, write and end, and `abort` of the Flow cuts it.
   *
   * @param connection Frames from the first byte on. Has a listener for errors.
   * @param headers Of the answer, the sink's own. Its one `sec-websocket-protocol`, if any, is among those that were offered.
   */
  upgraded(connection: Duplex, headers: HeaderList): void
}
