/** A connection that is to begin its request when the turn ends. */
export interface Starter {
  /** The turn in which the answer before ended, -1 for none. */
  readonly releasedIn: number
  begin(): void
}

/**
 * Turns of this thread's event loop. A request on a kept connection is written at the end of the turn in which it is
 * sent, when whatever the server had said or closed by then has been seen, and never in the turn in which the answer
 * before it ended: so a server that says more than it was asked for is found out before that can pass for the next
 * answer (response queue poisoning, GHSA-35p6-xmwp-9g52). One immediate for all connections.
 */
class Turns {
  now = 0
  #starters: Starter[] = []
  #spare: Starter[] = []
  #ending = false

  /** Begins a request when this is safe. */
  start(starter: Starter): void {
    this.#starters.push(starter)
    this.count()
  }

  /** Sees to it that this turn is counted. */
  count(): void {
    if (this.#ending) return
    this.#ending = true
    setImmediate(endTurn)
  }

  end(): void {
    const starters = this.#starters
    this.#starters = this.#spare
    this.#spare = starters
    this.#ending = false
    const ending = this.now++
    for (let i = 0; i < starters.length; i++) {
      const starter = starters[i]!
      if (starter.releasedIn === ending) this.start(starter)
      else starter.begin()
    }
    starters.length = 0
  }
}

export const turns = new Turns()

function endTurn(): void {
  turns.end()
}
