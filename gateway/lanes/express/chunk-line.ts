import type { ErrorCode } from '../../contract/errors.ts'
import { BACKSLASH, CR, EQUALS, HEX, LF, QUOTE, SEMICOLON, TOKEN, VALUE } from './byte-classes.ts'

/** Digits of a size: some pad it with zeros. It is exact as a number all the same. */
const MOST_DIGITS = 16
/** Bytes of the extensions of one chunk: as many as Node's parser takes. */
const MOST_EXTENSION_BYTES = 16_384

type Part = 'size' | 'name' | 'value' | 'quoted' | 'escaped' | 'unquoted' | 'lf' | 'done'

/** The line before a chunk: its size, and extensions that nobody reads. It may come in pieces of any length. */
export class ChunkLine {
  #part: Part
  #digits: number
  #extensionBytes: number
  /** Bytes of the part that is being read: a name must not be empty. */
  #length: number
  size: number
  fault: ErrorCode | null

  constructor() {
    this.#part = 'done'
    this.#digits = 0
    this.#extensionBytes = 0
    this.#length = 0
    this.size = 0
    this.fault = null
  }

  get done(): boolean {
    return this.#part === 'done'
  }

  begin(): void {
    this.#part = 'size'
    this.#digits = 0
    this.#extensionBytes = 0
    this.#length = 0
    this.size = 0
    this.fault = null
  }

  /** @returns Index behind what was read: behind the line when it is `done`. */
  read(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length && this.#part !== 'done' && this.fault === null) {
      const byte = bytes[at++]!
      if (this.#part === 'size') this.#readSize(byte)
      else if (this.#part === 'lf') this.#readLf(byte)
      else this.#readExtension(byte)
    }
    return at
  }

  #readSize(byte: number): void {
    const digit = HEX[byte]!
    if (digit < 16) {
      this.size = this.size * 16 + digit
      if (++this.#digits > MOST_DIGITS || this.size > Number.MAX_SAFE_INTEGER) this.#fail()
    } else if (this.#digits === 0) this.#fail()
    else this.#next(byte, false)
  }

  #readLf(byte: number): void {
    if (byte === LF) this.#part = 'done'
    else this.#fail()
  }

  /** `;name`, `;name=token` or `;name="quoted"` without white space, the token may be missing (RFC 9112, 7.1.1). */
  #readExtension(byte: number): void {
    if (++this.#extensionBytes > MOST_EXTENSION_BYTES) {
      this.fault = 'GW_BODY_TOO_LARGE'
      return
    }
    switch (this.#part) {
      case 'name':
        if (TOKEN[byte] === 1) this.#length++
        else if (this.#length === 0) this.#fail()
        else this.#next(byte, true)
        break
      case 'value':
        if (byte === QUOTE && this.#length === 0) this.#part = 'quoted'
        else if (TOKEN[byte] === 1) this.#length++
        else this.#next(byte, false)
        break
      case 'quoted':
        if (byte === QUOTE) this.#part = 'unquoted'
        else if (byte === BACKSLASH) this.#part = 'escaped'
        else if (VALUE[byte] !== 1) this.#fail()
        break
      case 'escaped':
        if (VALUE[byte] === 1) this.#part = 'quoted'
        else this.#fail()
        break
      default:
        this.#next(byte, false)
    }
  }

  #next(byte: number, mayHaveValue: boolean): void {
    if (byte === CR) this.#part = 'lf'
    else if (byte === SEMICOLON) this.#part = 'name'
    else if (byte === EQUALS && mayHaveValue) this.#part = 'value'
    else this.#fail()
    this.#length = 0
  }

  #fail(): void {
    this.fault = 'GW_BAD_REQUEST'
  }
}
