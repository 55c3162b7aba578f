import type { IssuerConfig } from '../config/schema.ts'
import type { Log } from '../contract/plugin.ts'
import { JwksSource, type JwksSourceHost } from './jwks-source.ts'
import type { JwksState, KeyFeed } from './key-feed.ts'

const TICK_MS = 1000

interface Held {
  readonly source: JwksSource
  /** The settings it was made from. */
  readonly settings: string
  readonly url: string
}

/** The published keys of all issuers: the one place that fetches them, on the main thread. */
export class JwksSources implements KeyFeed {
  readonly #held = new Map<string, Held>()
  readonly #listeners = new Set<(state: JwksState) => void>()
  readonly #host: JwksSourceHost
  #version = 0
  #timer: NodeJS.Timeout | null = null

  /** @param clock Milliseconds since 1970. */
  constructor(log: Log, clock: () => number = Date.now) {
    this.#host = {
      log,
      clock,
      nextVersion: () => ++this.#version,
      announce: (state) => {
        for (const listener of this.#listeners) listener(state)
      },
    }
  }

  /** Begins to fetch, and from now on in the background. Resolves when every issuer was tried once; never rejects. */
  async open(issuers: readonly IssuerConfig[]): Promise<void> {
    const failed = (error: unknown) => this.#host.log.error({ err: error }, 'refreshing keys failed')
    this.#timer = setInterval(() => void this.tick().catch(failed), TICK_MS).unref()
    await this.update(issuers)
  }

  /**
   * Takes the issuers of a new configuration. Keys stay where the URL of the JWKS stays, also while fetching them
   * fails; others are fetched anew. Resolves when all were tried.
   */
  async update(issuers: readonly IssuerConfig[]): Promise<void> {
    const wanted = new Map(issuers.flatMap(({ issuer, jwks }) => (jwks === null ? [] : [[issuer, jwks]])))
    const closing: Promise<void>[] = []
    const known = new Map<string, JwksState>()
    for (const [issuer, { source, settings, url }] of this.#held) {
      const jwks = wanted.get(issuer)
      if (JSON.stringify(jwks) === settings) continue
      this.#held.delete(issuer)
      if (jwks !== undefined && jwks.url === url) known.set(issuer, source.state)
      closing.push(source.close())
    }
    for (const [issuer, jwks] of wanted) {
      if (this.#held.has(issuer)) continue
      const source = new JwksSource(issuer, jwks, this.#host, known.get(issuer) ?? null)
      this.#held.set(issuer, { source, settings: JSON.stringify(jwks), url: jwks.url })
    }
    await Promise.all([this.tick(), ...closing])
  }

  /** Fetches what is due. Called every second once open. */
  async tick(): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ source }) => source.tick()))
  }

  current(issuer: string): JwksState | null {
    return this.#held.get(issuer)?.source.state ?? null
  }

  async refresh(issuer: string, keyId: string | null): Promise<JwksState> {
    const held = this.#held.get(issuer)
    if (held === undefined) throw new Error(`issuer ${issuer} has no JWKS`)
    return await held.source.refresh(keyId)
  }

  subscribe(listener: (state: JwksState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Stops fetching. What is known stays readable. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await Promise.all([...this.#held.values()].map(({ source }) => source.close()))
  }
}
