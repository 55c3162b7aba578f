import { ALGORITHMS } from '../config/schema/identity.ts'
import type { JwksConfig } from '../config/schema.ts'
import type { Log } from '../contract/plugin.ts'
import { JwksDownload } from './jwks-download.ts'
import type { JwksState } from './key-feed.ts'
import { type IgnoredKey, readKeySet } from './key-set.ts'

const FIRST_RETRY_MS = 1000
/** Keys that a warning names. */
const REPORTED_KEYS = 10

/** What a source may use of what surrounds it. */
export interface JwksSourceHost {
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Numbers states; grows over all sources. */
  nextVersion(): number
  /** Hears every new state. */
  announce(state: JwksState): void
}

/**
 * The published keys of one issuer, on the main thread. Refreshed in the background; whatever goes wrong, the keys
 * of the latest success stay. How old they may get is up to those who use them.
 */
export class JwksSource {
  readonly #settings: JwksConfig
  readonly #host: JwksSourceHost
  readonly #download: JwksDownload
  #state: JwksState
  #running: Promise<JwksState> | null = null
  #failures = 0
  #dueAt = 0
  #reported = ''
  #closed = false

  /** @param before What was known of the same keys under other settings: it holds until something newer is fetched. */
  constructor(issuer: string, settings: JwksConfig, host: JwksSourceHost, before: JwksState | null) {
    this.#settings = settings
    this.#host = host
    this.#download = new JwksDownload(settings)
    const never = { issuer, state: 'pending', attemptedAt: 0, fetchedAt: 0, keys: [] } as const
    this.#state = { ...(before ?? never), version: host.nextVersion() }
    host.announce(this.#state)
  }

  get state(): JwksState {
    return this.#state
  }

  /** Fetches when that is due. */
  async tick(): Promise<void> {
    if (this.#host.clock() >= this.#dueAt) await this.#fetch()
  }

  /**
   * Fetches because a key is missing, unless it has come in the meantime or the latest attempt is too recent.
   * Resolves with what is known then; never rejects.
   */
  refresh(keyId: string | null): Promise<JwksState> {
    if (this.#running !== null) return this.#running
    const { attemptedAt, keys } = this.#state
    const known = keyId !== null && keys.some((key) => key['kid'] === keyId)
    const tooSoon = this.#host.clock() - attemptedAt < this.#settings.cooldown
    return known || tooSoon ? Promise.resolve(this.#state) : this.#fetch()
  }

  /** Cuts a running fetch; its answer is not taken any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#download.close()
  }

  /** One at a time, so that no late answer can replace a newer one. */
  #fetch(): Promise<JwksState> {
    this.#running ??= this.#attempt().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #attempt(): Promise<JwksState> {
    const startedAt = this.#host.clock()
    const entries = await this.#download.fetch().catch((error: unknown) => sentence(error))
    if (this.#closed) return this.#state
    if (typeof entries === 'string') this.#fail(startedAt, entries)
    else this.#succeed(startedAt, entries)
    return this.#state
  }

  #succeed(startedAt: number, entries: readonly unknown[]): void {
    const { usable, ignored } = readKeySet(entries, ALGORITHMS)
    if (this.#failures > 0) {
      this.#host.log.info({ issuer: this.#state.issuer }, 'the JWKS is reachable again')
    }
    this.#report(ignored)
    this.#failures = 0
    this.#dueAt = startedAt + this.#settings.refresh
    this.#become({
      state: 'ready',
      attemptedAt: startedAt,
      fetchedAt: startedAt,
      keys: usable,
    })
  }

  #fail(startedAt: number, detail: string): void {
    const { issuer, fetchedAt, keys } = this.#state
    this.#host.log.warn(
      { issuer, detail, fetchedAt },
      'the JWKS could not be fetched; earlier keys stay in use',
    )
    this.#failures++
    this.#dueAt = startedAt + Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), this.#settings.cooldown)
    this.#become({ state: 'failing', attemptedAt: startedAt, fetchedAt, keys })
  }

  /** One line per change, not per fetch: some issuers publish keys for other purposes all the time. */
  #report(ignored: readonly IgnoredKey[]): void {
    const fields = {
      issuer: this.#state.issuer,
      count: ignored.length,
      keys: ignored.slice(0, REPORTED_KEYS),
    }
    const report = JSON.stringify(fields)
    if (ignored.length > 0 && report !== this.#reported) {
      this.#host.log.warn(fields, 'keys of the JWKS are not used')
    }
    this.#reported = report
  }

  #become(facts: Omit<JwksState, 'issuer' | 'version'>): void {
    this.#state = { issuer: this.#state.issuer, version: this.#host.nextVersion(), ...facts }
    this.#host.announce(this.#state)
  }
}

/** Node leaves the message empty when it tried several addresses; the code is always there. */
function sentence(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  return message || code || String(error)
}
