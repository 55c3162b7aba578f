import { BACKSLASH, CR, EQUALS, HEX, LF, QUOTE, SEMICOLON, TEXT, TOKEN } from './octets.ts'

/** Digits of a chunk size: some pad it with zeros. It is exact as a number all the same. */
const MOST_DIGITS = 16

/** Octets of chunk extensions in one answer, as many as Node takes. */
const MOST_EXTENSION_BYTES = 16_384

/** What the next octet belongs to. */
const SIZE = 0
const SIZE_LF = 1
const NAME = 2
const NAME_MORE = 3
const VALUE = 4
const VALUE_MORE = 5
const QUOTED = 6
const ESCAPED = 7
const QUOTED_END = 8
const DATA = 9
const DATA_CR = 10
const DATA_LF = 11
const LAST = 12

/**
 * Reads what stands between the pieces of a chunked body (RFC 9112, 7.1), octet by octet, so that it may arrive in
 * any pieces. Extensions are read as Node's parser reads them, bounded and forgotten.
 */
export class ChunkReader {
  /** Octets of data that come next. */
  remaining = 0
  /** Why it is no chunked body; empty while it may be one. */
  problem = ''
  #part = SIZE
  #size = 0
  #digits = 0
  #extensionBytes = 0

  /** The last chunk was read: fields follow. */
  get last(): boolean {
    return this.#part === LAST
  }

  reset(): void {
    this.remaining = 0
    this.problem = ''
    this.#part = SIZE
    this.#size = 0
    this.#digits = 0
    this.#extensionBytes = 0
  }

  /**
   * Reads up to the next data, or to the end of the last chunk. Not to be called while data remains.
   *
   * @returns Where it stopped.
   */
  read(bytes: Buffer, from: number, to: number): number {
    if (this.#part === DATA) this.#part = DATA_CR
    let at = from
    while (at < to && this.#part !== DATA && this.#part !== LAST) {
      if (!this.#take(bytes[at]!)) {
        this.problem = 'the chunks of the answer are not valid'
        return at
      }
      at++
    }
    return at
  }

  #take(octet: number): boolean {
    switch (this.#part) {
      case SIZE:
        if (HEX[octet] === 0) return this.#digits > 0 && this.#endOfWord(octet)
        this.#size = this.#size * 16 + (HEX[octet]! - 1)
        return ++this.#digits <= MOST_DIGITS && this.#size <= Number.MAX_SAFE_INTEGER
      case SIZE_LF:
        this.#part = this.#size === 0 ? LAST : DATA
        this.remaining = this.#size
        return octet === LF
      case NAME:
      case VALUE:
        if (octet === QUOTE && this.#part === VALUE) return this.#extend(QUOTED)
        return TOKEN[octet] !== 0 && this.#extend(this.#part + 1)
      case NAME_MORE:
        if (octet === EQUALS) return this.#extend(VALUE)
        return TOKEN[octet] === 0 ? this.#endOfWord(octet) : this.#extend(NAME_MORE)
      case VALUE_MORE:
        return TOKEN[octet] === 0 ? this.#endOfWord(octet) : this.#extend(VALUE_MORE)
      case QUOTED:
        if (octet === BACKSLASH) return this.#extend(ESCAPED)
        return TEXT[octet] === 1 && this.#extend(octet === QUOTE ? QUOTED_END : QUOTED)
      case ESCAPED:
        return TEXT[octet] === 1 && this.#extend(QUOTED)
      case QUOTED_END:
        return this.#endOfWord(octet)
      case DATA_CR:
        this.#part = DATA_LF
        return octet === CR
      default:
        this.#part = SIZE
        this.#size = 0
        this.#digits = 0
        return octet === LF
    }
  }

  /** Behind the size, and behind each extension. */
  #endOfWord(octet: number): boolean {
    if (octet === SEMICOLON) return this.#extend(NAME)
    this.#part = SIZE_LF
    return octet === CR
  }

  #extend(part: number): boolean {
    this.#part = part
    return ++this.#extensionBytes <= MOST_EXTENSION_BYTES
  }
}
