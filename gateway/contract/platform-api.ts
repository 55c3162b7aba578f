import type { TransportOptions } from './transport.ts'

/**
 * The platform's own API, lent to administrators over the management port. The gateway asks there in its own name:
 * nothing that proves who the caller is goes on.
 */
export interface PlatformApi {
  /** Scheme, host and port. */
  readonly origin: string
  /** Path that every request stays below: empty, or with a slash at its beginning and none at its end. */
  readonly base: string
  /** How the origin is reached. TLS is always verified. */
  readonly connection: Pick<TransportOptions, 'connectTimeoutMs' | 'ca' | 'certificate' | 'key'>
  /** Most bytes of a body where `authorize` has to see it, which is then held whole; 0 where bodies go on unseen. */
  readonly signedBodyBytes: number
  /**
   * Fields beside `authorization` by which callers could say who they are to this platform, in lower case; never sent
   * on. A name that ends in `-` stands for all that begin so.
   */
  readonly identityFields: readonly string[]
  /**
   * Header fields by their lower-case names that prove who the gateway is. They take the place of what the caller
   * sends, and are sent as they are here. Rejects with `PlatformRefusal` when there is no credential.
   *
   * @param signal Aborted when nobody waits any more.
   */
  authorize(request: PlatformApiRequest, signal: AbortSignal): Promise<Readonly<Record<string, string>>>
}

/** One request as it will be sent, but for what `authorize` adds. */
export interface PlatformApiRequest {
  readonly method: string
  /** With `base` and the query. */
  readonly path: string
  /** By lower-case names; holds neither `host` nor fields of the framing. */
  readonly headers: Readonly<Record<string, string>>
  /** Null where there is none, or where `signedBodyBytes` is 0. */
  readonly body: Buffer | null
}
