/** How a machine disturbs slices of load; deviations of the logarithm of the time. */
export interface Noise {
  /** From one slice to the next the speed of the machine wanders by so much, and comes back. */
  readonly wander: number
  /** Of a slice by itself. */
  readonly slice: number
  /** Share of slices that somebody else's work makes up to two thirds longer. */
  readonly ruined: number
}

/** Two cores on which little else runs. */
export const CALM: Noise = { wander: 0.02, slice: 0.03, ruined: 0.04 }
/** Two cores that ten other programs want: two slices side by side differ by a fifth, as was seen. */
export const BUSY: Noise = { wander: 0.1, slice: 0.12, ruined: 0.15 }

/** A machine that others use, made of numbers that only the seed decides. */
export class NoisyMachine {
  readonly #random: () => number
  readonly #noise: Noise
  #slowness = 0

  constructor(seed: number, noise: Noise) {
    this.#random = dice(seed)
    this.#noise = noise
  }

  /** What pairs of slices side by side show of a program that takes `ratio` times as long as the other. */
  ratios(count: number, ratio: number): number[] {
    return Array.from({ length: count }, () => (ratio * this.#slice()) / this.#slice())
  }

  /** Of a normal distribution (Box and Muller, 1958). */
  normal(deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random()))
    return deviation * radius * Math.cos(2 * Math.PI * this.#random())
  }

  #slice(): number {
    const { wander, slice, ruined } = this.#noise
    this.#slowness = 0.9 * this.#slowness + this.normal(wander)
    const extra = this.#random() < ruined ? Math.log(1 + (2 / 3) * this.#random()) : 0
    return Math.exp(this.#slowness + this.normal(slice) + extra)
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
