import { RepeatedBytes } from '../../contract/repeated-bytes.ts'

const MOST_FIELDS = 32

/**
 * The head before on a connection. Clients say the same in nearly every one but for its first line, and many ask for the
 * same again and again.
 */
export class RepeatedHead {
  method: string
  target: string
  rawHeaders: readonly string[]
  bodyLength: number
  /** Of the first line. */
  #lineBytes: number
  readonly #bytes: RepeatedBytes

  constructor() {
    this.method = ''
    this.target = ''
    this.rawHeaders = []
    this.bodyLength = 0
    this.#lineBytes = 0
    this.#bytes = new RepeatedBytes()
  }

  /** Keeps the head in `bytes` from `from` to `end`, whose fields begin at `fieldsFrom`. */
  keep(bytes: Buffer, from: number, fieldsFrom: number, end: number, read: ReadHead): void {
    if (read.rawHeaders.length > 2 * MOST_FIELDS || !this.#bytes.keep(bytes, from, end)) return
    this.#lineBytes = fieldsFrom - from
    this.method = read.method
    this.target = read.target
    this.rawHeaders = read.rawHeaders
    this.bodyLength = read.bodyLength
  }

  /** @returns Index behind the head when all of it comes again from `from` on, else -1. */
  endIn(bytes: Buffer, from: number): number {
    return this.#bytes.endIn(bytes, from, bytes.length)
  }

  /** @returns Index behind the fields when they come again from `from` on, else -1. */
  endOfFieldsIn(bytes: Buffer, from: number): number {
    return this.#bytes.endIn(bytes, from, bytes.length, this.#lineBytes)
  }
}

/** What was found in a head. */
export interface ReadHead {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  readonly bodyLength: number
}
