/** How a machine disturbs turns of load: others only ever make them dearer, and for some turns on end. */
export interface Noise {
  /** Deviation of the logarithm of the time that a turn takes by itself. */
  readonly turn: number
  /** Share of the turns into which somebody else's work falls. */
  readonly disturbed: number
  /** How many turns such a disturbance lasts on average. */
  readonly turns: number
  /** A disturbed turn takes up to so many times as long. */
  readonly worst: number
}

/** Two virtual cores on which nothing else runs, with neighbours on the same machine. */
export const CALM: Noise = { turn: 0.05, disturbed: 0.25, turns: 3, worst: 2 }
/** Two cores that other programs want too. */
export const BUSY: Noise = { turn: 0.25, disturbed: 0.7, turns: 12, worst: 4 }

/** Programs of which two are compared have turns in between. */
const PROGRAMS = 6

/** A machine that others use, made of numbers that only the seed decides. */
export class NoisyMachine {
  readonly #random: () => number
  readonly #noise: Noise
  /** How many times as long everything takes at the moment. */
  #slowness = 1

  constructor(seed: number, noise: Noise) {
    this.#random = dice(seed)
    this.#noise = noise
  }

  /**
   * What blocks show of a program that takes `ratio` times as long as another.
   *
   * @param rounds Of a block: the least of so many turns of each program counts.
   */
  ratios(count: number, ratio: number, rounds = 1): number[] {
    return Array.from({ length: count }, () => {
      let [one, other] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
      for (let round = 0; round < rounds; round++) {
        one = Math.min(one, ratio * this.#turn())
        other = Math.min(other, this.#turn())
        for (let i = 2; i < PROGRAMS; i++) this.#turn()
      }
      return one / other
    })
  }

  /** Of a normal distribution (Box and Muller, 1958). */
  normal(deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random()))
    return deviation * radius * Math.cos(2 * Math.PI * this.#random())
  }

  #turn(): number {
    const { turn, disturbed, turns, worst } = this.#noise
    const isDisturbed = this.#slowness > 1
    if (isDisturbed && this.#random() < 1 / turns) this.#slowness = 1
    else if (!isDisturbed && this.#random() < disturbed / (1 - disturbed) / turns) {
      this.#slowness = worst ** this.#random()
    }
    return this.#slowness * Math.exp(this.normal(turn))
  }
}

/** mulberry32 (Tommy Ettinger): numbers from 0 below 1. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
