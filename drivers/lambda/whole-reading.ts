import type { AnswerTarget, Reading } from './reading.ts'

/** An answer that can be read only when it is there as a whole. */
export class WholeReading implements Reading {
  readonly #target: AnswerTarget
  readonly #limit: number
  readonly #read: (text: string) => void
  readonly #chunks: Buffer[]
  readonly #cuts: boolean
  #size: number

  /**
   * @param limit Bytes that are kept.
   * @param cuts True when the rest may be missing, false when a longer answer is a failure.
   */
  constructor(target: AnswerTarget, limit: number, cuts: boolean, read: (text: string) => void) {
    this.#target = target
    this.#limit = limit
    this.#cuts = cuts
    this.#read = read
    this.#chunks = []
    this.#size = 0
  }

  data(chunk: Buffer): void {
    if (this.#size + chunk.length <= this.#limit) {
      this.#size += chunk.length
      this.#chunks.push(chunk)
    } else if (!this.#cuts) {
      this.#target.fail({
        outcome: 'malformed',
        detail: `Lambda answers with more than ${this.#limit} bytes`,
      })
    }
  }

  end(): void {
    this.#read(Buffer.concat(this.#chunks, this.#size).toString())
  }
}
