const MEAN = 0
const SAMPLES = 1

/** 32-bit words that a mean takes. */
export const RUNNING_MEAN_WORDS = 4

/**
 * Mean of the latest samples of all threads. Each counts 1/n until there are `memory` of them, then 1/`memory`. Plain
 * stores: of two threads that add at the same instant one may lose its sample.
 */
export class RunningMean {
  readonly #floats: Float64Array
  readonly #memory: number

  /** @param cells Aligned to 8 bytes. @param memory Samples after which an old one has faded to a third. */
  constructor(cells: Int32Array, memory: number) {
    this.#floats = new Float64Array(cells.buffer, cells.byteOffset, RUNNING_MEAN_WORDS / 2)
    this.#memory = memory
  }

  /** 0 before the first sample. */
  get value(): number {
    return this.#floats[MEAN]!
  }

  get samples(): number {
    return this.#floats[SAMPLES]!
  }

  observe(value: number): void {
    const floats = this.#floats
    const samples = Math.min(floats[SAMPLES]! + 1, this.#memory)
    floats[SAMPLES] = samples
    floats[MEAN]! += (value - floats[MEAN]!) / samples
  }

  /** Begins anew with a guess that counts as much as so many samples. */
  reset(value: number, samples: number): void {
    this.#floats[MEAN] = value
    this.#floats[SAMPLES] = samples
  }
}
