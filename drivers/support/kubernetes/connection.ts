import { Agent } from 'undici'
import { verifiedTls } from '../../../gateway/contract/certificates.ts'
import type { Access, AccessSource } from './access.ts'

/** Access is read anew after so long; the same as in Kubernetes' own clients. */
const FRESH_MS = 60_000

/** Access to the API as it was last read, with connections for it. */
export interface Connection {
  readonly access: Access
  readonly agent: Agent
}

/** Keeps {@link Connection}s that fit what the files say at the moment. */
export class Connections {
  readonly #source: AccessSource
  readonly #connectTimeoutMs: number
  readonly #now: () => number
  #current: Connection | null = null
  #readAt = 0
  #reading: Promise<Connection> | null = null

  constructor(source: AccessSource, connectTimeoutMs: number, now = Date.now) {
    this.#source = source
    this.#connectTimeoutMs = connectTimeoutMs
    this.#now = now
  }

  /**
   * The connection for the next request.
   *
   * @param refused The one whose credentials were not taken.
   * @throws Error With a sentence for the operator when there is no access.
   */
  get(refused: Connection | null): Promise<Connection> {
    const current = this.#current
    const isFresh = this.#now() - this.#readAt < FRESH_MS
    if (current !== null && current !== refused && isFresh && this.#lasts(current)) {
      return Promise.resolve(current)
    }
    this.#reading ??= this.#read(current !== null && current === refused).finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  /** As it was last read; null before. */
  get access(): Access | null {
    return this.#current?.access ?? null
  }

  async close(): Promise<void> {
    await this.#current?.agent.destroy()
  }

  async #read(refused: boolean): Promise<Connection> {
    const before = this.#current
    this.#readAt = this.#now()
    try {
      const access = await this.#source.read(refused)
      const isSame = before !== null && tlsOf(before.access) === tlsOf(access)
      const agent = isSame ? before.agent : this.#open(access)
      // What is on its way over the old connections may end there.
      if (!isSame) before?.agent.close().catch(() => {})
      this.#current = { access, agent }
      return this.#current
    } catch (error) {
      // A file may be away while it is replaced: what was taken a minute ago is good for another.
      if (before !== null && !refused && this.#lasts(before)) return before
      throw error
    }
  }

  #lasts({ access: { expiresAt } }: Connection): boolean {
    return expiresAt === null || this.#now() < expiresAt
  }

  #open(access: Access): Agent {
    return new Agent({
      allowH2: false,
      connect: {
        timeout: this.#connectTimeoutMs,
        servername: access.serverName ?? undefined,
        ...verifiedTls(access),
      },
    })
  }
}

/** The same for access that the same connections serve. */
export function tlsOf({ server, ca, certificate, key, serverName }: Access): string {
  return JSON.stringify([server, ca, certificate, key, serverName])
}
