/** Where a lane listens. Port 0 lets the system choose. */
export interface LaneAddress {
  readonly host: string
  readonly port: number
  /** Several threads share the port. */
  readonly reusePort: boolean
}

/** What a listener shows, and what those who connect have to show. PEM. */
export interface TlsMaterial {
  readonly certificate: string
  readonly key: string
  /** Null when nothing is asked of clients; whether it is null never changes. */
  readonly clients: ClientAuthorities | null
}

export interface ClientAuthorities {
  readonly ca: string
  /** Common names, DNS names and URIs. */
  readonly subjects: readonly string[]
}

/** A way in from the network: one listener of one thread, and the connections that it accepted. */
export interface Lane {
  /** @returns The port that was bound. */
  listen(address: LaneAddress): Promise<number>
  /** For handshakes from now on. Nothing without TLS. */
  useCertificate(tls: TlsMaterial): void
  /** Stops accepting; resolves when the listening socket is closed. Open connections live on. */
  stopAccepting(): Promise<void>
  /** Connections that are open. */
  readonly open: number
  /**
   * Ends the connections that have been without a request and without a byte for this long, as far as this method has
   * seen: it is called again and again.
   *
   * @returns How many were not ended.
   */
  endQuiet(quietMs: number): number
  /** Cuts what is left. */
  destroy(): void
}
