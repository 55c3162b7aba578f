import { performance } from 'node:perf_hooks'
import { shorten } from './headers.ts'

/** A connection that is to begin its request when the turn ends. */
export interface Starter {
  /** The turn in which the answer before ended, -1 for none. */
  readonly releasedIn: number
  begin(): void
}

/** Somebody who gathers in a turn what goes out at its end. */
export interface Gatherer {
  turnIsOver(): void
}

/**
 * Turns of this thread's event loop. A request on a kept connection is written at the end of the turn in which it is
 * sent, when whatever the server had said or closed by then has been seen, and never in the turn in which the answer
 * before it ended: so a server that says more than it was asked for is found out before that can pass for the next
 * answer (response queue poisoning, GHSA-35p6-xmwp-9g52). Answers go out behind them: who is written to is woken once in a
 * turn and not once for each. One immediate for all connections.
 */
class Turns {
  now = 0
  #starters: Starter[] = []
  #gatherers: Gatherer[] = []
  #spareStarters: Starter[] = []
  #spareGatherers: Gatherer[] = []
  #ending = false
  #time = 0
  #clock = 0
  /** The turn in which both were read. */
  #lookedIn = -1

  /** Milliseconds since 1970, read once in a turn: for what need not know how far the turn has got. */
  get time(): number {
    this.#look()
    return this.#time
  }

  /** The same of `performance.now()`. */
  get clock(): number {
    this.#look()
    return this.#clock
  }

  /** Begins a request when this is safe. */
  start(starter: Starter): void {
    this.#starters.push(starter)
    this.count()
  }

  /** Tells when this turn is over. */
  gather(gatherer: Gatherer): void {
    this.#gatherers.push(gatherer)
    this.count()
  }

  /** Sees to it that this turn is counted. */
  count(): void {
    if (this.#ending) return
    this.#ending = true
    setImmediate(endTurn)
  }

  #look(): void {
    if (this.#lookedIn === this.now) return
    this.#lookedIn = this.now
    this.#time = Date.now()
    this.#clock = performance.now()
    this.count()
  }

  end(): void {
    const starters = this.#starters
    const gatherers = this.#gatherers
    this.#starters = this.#spareStarters
    this.#gatherers = this.#spareGatherers
    this.#ending = false
    const ending = this.now++
    let begun = 0
    let told = 0
    try {
      while (begun < starters.length) {
        const starter = starters[begun++]!
        if (starter.releasedIn === ending) this.start(starter)
        else starter.begin()
      }
      while (told < gatherers.length) gatherers[told++]!.turnIsOver()
    } finally {
      // One that threw is the concern of whoever catches what nobody caught; the others come in the next turn.
      while (begun < starters.length) this.start(starters[begun++]!)
      while (told < gatherers.length) this.gather(gatherers[told++]!)
      shorten(starters, 0)
      shorten(gatherers, 0)
      this.#spareStarters = starters
      this.#spareGatherers = gatherers
    }
  }
}

export const turns = new Turns()

function endTurn(): void {
  turns.end()
}
