import { RepeatedBytes } from '../../contract/repeated-bytes.ts'
import { Framing } from './framing.ts'

const MOST_FIELDS = 32

/** The head of the answer before on a connection: short answers of one function often have the same. */
export class RepeatedHead {
  status = 0
  minor = 1
  /** Names and values of the fields. */
  flat: readonly string[] = []
  readonly framing = new Framing()
  readonly #bytes = new RepeatedBytes()

  /** Keeps the head in `bytes` from `from` to `end`. */
  keep(bytes: Buffer, from: number, end: number, { status, minor, flat, framing }: ReadHead): void {
    if (flat.length > 2 * MOST_FIELDS || !this.#bytes.keep(bytes, from, end)) return
    this.status = status
    this.minor = minor
    this.flat = flat.slice()
    this.framing.take(framing)
  }

  /** @returns Index behind the head when it comes again from `from` on, else -1. */
  endIn(bytes: Buffer, from: number, to: number): number {
    return this.#bytes.endIn(bytes, from, to)
  }
}

/** What was found in a head. */
export interface ReadHead {
  readonly status: number
  readonly minor: number
  readonly flat: readonly string[]
  readonly framing: Framing
}
