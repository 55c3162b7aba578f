import { RepeatedBytes } from '../../contract/repeated-bytes.ts'

const MOST_FIELDS = 32

/** The fields of the head before on a connection: clients say the same in nearly every one, but for its first line. */
export class RepeatedFields {
  rawHeaders: readonly string[]
  bodyLength: number
  /** From behind the first line to behind the empty one. */
  readonly #bytes: RepeatedBytes

  constructor() {
    this.rawHeaders = []
    this.bodyLength = 0
    this.#bytes = new RepeatedBytes()
  }

  /** @param text Of all fields, the empty line included. */
  keep(text: string, rawHeaders: readonly string[], bodyLength: number): void {
    if (rawHeaders.length > 2 * MOST_FIELDS || !this.#bytes.keep(text)) return
    this.rawHeaders = rawHeaders
    this.bodyLength = bodyLength
  }

  /** @returns Index behind the fields when they come again from `from` on, else -1. */
  endIn(bytes: Buffer, from: number): number {
    return this.#bytes.endIn(bytes, from, bytes.length)
  }
}
