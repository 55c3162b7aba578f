import { Agent } from 'undici'
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
  #current: Connection | null = null
  #readAt = 0
  #reading: Promise<Connection> | null = null

  constructor(source: AccessSource, connectTimeoutMs: number) {
    this.#source = source
    this.#connectTimeoutMs = connectTimeoutMs
  }

  /**
   * The connection for the next request.
   *
   * @param refused The one whose credentials were not taken.
   * @throws Error With a sentence for the operator when there is no access.
   */
  get(refused: Connection | null): Promise<Connection> {
    const current = this.#current
    const now = Date.now()
    const isFresh =
      current !== null &&
      current !== refused &&
      now - this.#readAt < FRESH_MS &&
      (current.access.expiresAt === null || now < current.access.expiresAt)
    if (isFresh) return Promise.resolve(current)
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
    const access = await this.#source.read(refused)
    const before = this.#current
    const isSame = before !== null && tlsOf(before.access) === tlsOf(access)
    const agent = isSame ? before.agent : this.#open(access)
    // What is on its way over the old connections may end there.
    if (!isSame) before?.agent.close().catch(() => {})
    this.#current = { access, agent }
    this.#readAt = Date.now()
    return this.#current
  }

  #open({ ca, certificate, key, serverName }: Access): Agent {
    return new Agent({
      allowH2: false,
      connect: {
        timeout: this.#connectTimeoutMs,
        ca: ca ?? undefined,
        cert: certificate ?? undefined,
        key: key ?? undefined,
        servername: serverName ?? undefined,
      },
    })
  }
}

/** The same for access that the same connections serve. */
export function tlsOf({ server, ca, certificate, key, serverName }: Access): string {
  return JSON.stringify([server, ca, certificate, key, serverName])
}
