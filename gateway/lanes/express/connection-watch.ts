/** How often connections are looked at; their time-outs come up to two ticks late. */
export const TICK_MS = 250

/** What a connection lets the watch do. */
export interface Watched {
  /** Index among those that are watched. */
  watchedAt: number
  /** @param ticks Since the watch began. */
  tick(ticks: number): void
  /** @see Lane.endQuiet @returns False when it goes on. */
  endIfQuiet(quietMs: number, now: number): boolean
}

/**
 * The time-outs of all express connections of a thread, on one timer. Connections note the tick at which something
 * began; that is cheaper than a timer for each, and exact enough.
 */
export class ConnectionWatch {
  readonly #watched: Watched[] = []
  readonly #timer: NodeJS.Timeout
  ticks = 0

  constructor() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref()
  }

  /** Ticks that are surely no less than the time. */
  static ticksFor(milliseconds: number): number {
    return Math.ceil(milliseconds / TICK_MS) + 1
  }

  add(connection: Watched): void {
    connection.watchedAt = this.#watched.length
    this.#watched.push(connection)
  }

  remove(connection: Watched): void {
    const last = this.#watched.pop()!
    if (last === connection) return
    this.#watched[connection.watchedAt] = last
    last.watchedAt = connection.watchedAt
  }

  /** A copy: connections may end while it is walked. */
  all(): Watched[] {
    return this.#watched.slice()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Connections may end while they are looked at: each then leaves its place to the last one, which had its turn. */
  #tick(): void {
    this.ticks++
    for (let i = this.#watched.length - 1; i >= 0; i--) this.#watched[i]?.tick(this.ticks)
  }
}
