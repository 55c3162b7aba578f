import type { ErrorCode } from '../../contract/errors.ts'
import { ChunkLine } from './chunk-line.ts'
import { TrailerLines } from './trailer-lines.ts'

/** Takes the bytes of a body. */
export interface BodyTaker {
  /** False when nothing can be taken now. */
  readonly wantsBody: boolean
  bodyPiece(piece: Buffer): void
  /** @param trailersRefused A field behind the body must not stand there. */
  bodyEnd(trailersRefused: boolean): void
}

type Part = 'whole' | 'line' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'done'

/** Finds the body of one request after the other in the bytes of a connection: by length, or chunks (RFC 9112, 7.1). */
export class BodyFraming {
  readonly #line: ChunkLine
  readonly #trailers: TrailerLines
  #part: Part
  /** Bytes that are missing of the body or of the chunk. */
  #left: number
  /** Why the bytes are no body, or null. */
  fault: ErrorCode | null

  /** @param mostTrailerBytes Of the fields behind a body. */
  constructor(mostTrailerBytes: number) {
    this.#line = new ChunkLine()
    this.#trailers = new TrailerLines(mostTrailerBytes)
    this.#part = 'done'
    this.#left = 0
    this.fault = null
  }

  get done(): boolean {
    return this.#part === 'done'
  }

  /** A body begins. @param length Bytes, -1 for chunks. */
  begin(length: number): void {
    this.fault = null
    this.#left = length
    this.#part = length < 0 ? 'line' : 'whole'
    if (length < 0) this.#line.begin()
  }

  /**
   * Reads as much as there is of the body and is wanted.
   *
   * @returns Index of the first byte that was not read. `done` says that the body ended there, `fault` that it broke.
   */
  read(bytes: Buffer, from: number, taker: BodyTaker): number {
    let at = from
    while (at < bytes.length && this.#part !== 'done' && this.fault === null && taker.wantsBody) {
      switch (this.#part) {
        case 'whole':
        case 'data':
          at = this.#readData(bytes, at, taker)
          break
        case 'line':
          at = this.#readLine(bytes, at)
          break
        case 'data-cr':
          at = this.#expect(bytes, at, 0x0d, 'data-lf')
          break
        case 'data-lf':
          at = this.#expect(bytes, at, 0x0a, 'line')
          this.#line.begin()
          break
        case 'trailers':
          at = this.#readTrailers(bytes, at, taker)
      }
    }
    return at
  }

  #readData(bytes: Buffer, at: number, taker: BodyTaker): number {
    const end = Math.min(bytes.length, at + this.#left)
    this.#left -= end - at
    const last = this.#left === 0 && this.#part === 'whole'
    if (this.#left === 0) this.#part = last ? 'done' : 'data-cr'
    taker.bodyPiece(bytes.subarray(at, end))
    if (last) taker.bodyEnd(false)
    return end
  }

  #readLine(bytes: Buffer, at: number): number {
    const next = this.#line.read(bytes, at)
    if (this.#line.fault !== null) this.fault = this.#line.fault
    else if (this.#line.done) {
      this.#left = this.#line.size
      this.#part = this.#left === 0 ? 'trailers' : 'data'
      if (this.#left === 0) this.#trailers.begin()
    }
    return next
  }

  #readTrailers(bytes: Buffer, at: number, taker: BodyTaker): number {
    const next = this.#trailers.read(bytes, at)
    if (this.#trailers.fault !== null) this.fault = this.#trailers.fault
    else if (this.#trailers.done) {
      this.#part = 'done'
      taker.bodyEnd(this.#trailers.refused)
    }
    return next
  }

  #expect(bytes: Buffer, at: number, byte: number, then: Part): number {
    if (bytes[at] === byte) this.#part = then
    else this.fault = 'GW_BAD_REQUEST'
    return at + 1
  }
}
