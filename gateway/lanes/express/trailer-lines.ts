import type { ErrorCode } from '../../contract/errors.ts'
import { mayBeTrailer } from '../../invocation/header-rules.ts'
import { COLON, CR, LF, TOKEN, VALUE } from './byte-classes.ts'

type Part = 'begin' | 'name' | 'value' | 'lf' | 'last-lf' | 'done'

/** Fields behind a chunked body, in pieces of any length. Their values are dropped; their names decide. */
export class TrailerLines {
  readonly #mostBytes: number
  #part: Part
  #bytes: number
  #name: string
  /** A field was there that frames, routes or authorizes. */
  refused: boolean
  fault: ErrorCode | null

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
    this.#part = 'done'
    this.#bytes = 0
    this.#name = ''
    this.refused = false
    this.fault = null
  }

  get done(): boolean {
    return this.#part === 'done'
  }

  begin(): void {
    this.#part = 'begin'
    this.#bytes = 0
    this.#name = ''
    this.refused = false
    this.fault = null
  }

  /** @returns Index behind what was read: behind the empty line when it is `done`. */
  read(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length && this.#part !== 'done' && this.fault === null) {
      if (++this.#bytes > this.#mostBytes) this.fault = 'GW_HEADERS_TOO_LARGE'
      else if (!this.#take(bytes[at]!)) this.fault = 'GW_BAD_REQUEST'
      at++
    }
    return at
  }

  #take(byte: number): boolean {
    switch (this.#part) {
      case 'begin':
        if (byte === CR) this.#part = 'last-lf'
        else if (TOKEN[byte] === 1) {
          this.#name = String.fromCharCode(byte)
          this.#part = 'name'
        } else return false
        return true
      case 'name':
        if (TOKEN[byte] === 1) this.#name += String.fromCharCode(byte)
        else if (byte !== COLON) return false
        else {
          if (!mayBeTrailer(this.#name.toLowerCase())) this.refused = true
          this.#part = 'value'
        }
        return true
      case 'value':
        if (byte === CR) this.#part = 'lf'
        return byte === CR || VALUE[byte] === 1
      case 'lf':
        this.#part = 'begin'
        return byte === LF
      default:
        this.#part = 'done'
        return byte === LF
    }
  }
}
