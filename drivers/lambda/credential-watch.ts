import type { Log } from '../../gateway/contract/plugin.ts'
import type { CredentialProvider, FetchedCredentials } from './credential-provider.ts'

/** Credentials are fetched anew so long before they end, or after half of their time when that is less. */
const AHEAD_MS = 300_000
const SOONEST_MS = 1000
const RETRY_MS = 5000
const LONGEST_MS = 3_600_000
/** So long one fetch may take: a service or a program that never answers must not be the last that is asked. */
const FETCH_MS = 30_000

/** Keeps credentials fresh: fetches them ahead of their end, and again after a failure while the old ones serve. */
export class CredentialWatch {
  readonly #create: () => Promise<CredentialProvider>
  readonly #found: (fetched: FetchedCredentials) => void
  readonly #log: Log
  readonly #backend: string
  #provider: CredentialProvider | null = null
  #timer: NodeJS.Timeout | null = null
  #closed = false
  #current: FetchedCredentials | null = null
  /** Why there are no new ones; empty when there are. */
  #complaint = ''

  /** @param found Called with credentials that are new. */
  constructor(options: {
    readonly create: () => Promise<CredentialProvider>
    readonly found: (fetched: FetchedCredentials) => void
    readonly log: Log
    readonly backend: string
  }) {
    this.#create = options.create
    this.#found = options.found
    this.#log = options.log
    this.#backend = options.backend
  }

  /** Those that were fetched last and are good at this time. */
  current(now: number): FetchedCredentials | null {
    const { expiresAt = null } = this.#current ?? {}
    return expiresAt !== null && expiresAt <= now ? null : this.#current
  }

  get complaint(): string {
    return this.#complaint
  }

  /** Fetches, and sees to it that it is done again in time. Never rejects. */
  async refresh(): Promise<void> {
    try {
      this.#provider ??= await this.#create()
      const fetched = await inTime(this.#provider())
      if (this.#closed) return
      this.#complaint = ''
      this.#current = fetched
      this.#found(fetched)
      if (fetched.expiresAt !== null) this.#again(untilRefresh(fetched.expiresAt - Date.now()))
    } catch (error) {
      if (this.#closed) return
      this.#complain(error)
      this.#again(RETRY_MS)
    }
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #again(afterMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.refresh(), afterMs).unref()
  }

  /** By its name alone: what the SDK writes beside it may hold what a process or a file said. */
  #complain(error: unknown): void {
    const complaint = error instanceof Error ? error.name : 'Error'
    if (complaint === this.#complaint) return
    this.#complaint = complaint
    this.#log.error({ backend: this.#backend, error: complaint }, 'credentials of AWS cannot be fetched')
  }
}

/** @throws Error named `TimeoutError` when nobody waits for it any longer. */
async function inTime(fetching: Promise<FetchedCredentials>): Promise<FetchedCredentials> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new DOMException('too late', 'TimeoutError')), FETCH_MS).unref()
  try {
    return await Promise.race([fetching, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** @param leftMs Until the credentials end. */
export function untilRefresh(leftMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SOONEST_MS, leftMs - AHEAD_MS, Math.min(leftMs, AHEAD_MS) / 2))
}
