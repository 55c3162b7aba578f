/** Parts of the currency that are counted: everything about money is whole numbers of them. */
export const NANO = 1e9

const GIB = 2 ** 30
/** A part in 10^15: what floating point adds to a product is no money. */
const NOISE = 1 - 2 ** -50

/** What a Backend charges, in one currency for the whole configuration. */
export interface PriceRates {
  readonly call: number
  /** Per second that a call runs. */
  readonly second: number
  /** Per second and GiB of memory. */
  readonly gbSecond: number
}

/** What one call of a Deployment costs, known at load but for the time that it runs. */
export class CallPrice {
  readonly #callNano: number
  readonly #msNano: number

  /** @param memoryBytes What the platform bills a call with. */
  constructor(rates: PriceRates, memoryBytes: number) {
    this.#callNano = rates.call * NANO
    this.#msNano = ((rates.second + rates.gbSecond * (memoryBytes / GIB)) * NANO) / 1000
  }

  /** True when a call costs more the longer it runs. */
  get growsWithTime(): boolean {
    return this.#msNano > 0
  }

  /** Billionths of the currency, rounded up, for a time that is rounded up to whole milliseconds as platforms do. */
  nanoFor(ms: number): number {
    return Math.ceil((this.#callNano + this.#msNano * Math.ceil(ms)) * NOISE)
  }
}
