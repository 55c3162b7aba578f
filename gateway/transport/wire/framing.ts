import { CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING } from './field-names.ts'
import { TOKEN } from './octets.ts'

const CLOSE = Buffer.from('close')
const KEEP_ALIVE = Buffer.from('keep-alive')
const TIMEOUT = Buffer.from('timeout=')

/** What the fields of a head say about where the answer ends (RFC 9112, 6.3) and what becomes of its connection (9.3). */
export class Framing {
  /** Content-Length, -1 without one. */
  length = -1
  chunked = false
  /** What the server says it keeps an idle connection, in milliseconds, -1 when it does not say. */
  timeoutHintMs = -1
  #closes = false
  #keeps = false

  reset(): void {
    this.length = -1
    this.chunked = false
    this.timeoutHintMs = -1
    this.#closes = false
    this.#keeps = false
  }

  take(other: Framing): void {
    this.length = other.length
    this.chunked = other.chunked
    this.timeoutHintMs = other.timeoutHintMs
    this.#closes = other.#closes
    this.#keeps = other.#keeps
  }

  /** The server keeps the connection. @param minor Of the version HTTP/1.x. */
  persistent(minor: number): boolean {
    return !this.#closes && (minor === 1 || this.#keeps)
  }

  /**
   * Takes a field.
   *
   * @param index Of its name, one of those that frame.
   * @returns Why the answer is not valid; empty when it is.
   */
  note(index: number, bytes: Buffer, from: number, to: number): string {
    switch (index) {
      case CONTENT_LENGTH:
        return this.length >= 0 || this.chunked ? UNCLEAR : this.#noteLength(bytes, from, to)
      case TRANSFER_ENCODING:
        if (this.length >= 0 || this.chunked) return UNCLEAR
        this.chunked = true
        return bytes.toString('latin1', from, to).toLowerCase() === 'chunked' ? '' : UNASKED
      case CONNECTION:
        this.#noteOptions(bytes, from, to)
        return ''
      default:
        this.timeoutHintMs = timeoutMs(bytes, from, to)
        return ''
    }
  }

  #noteLength(bytes: Buffer, from: number, to: number): string {
    let length = from === to ? Number.NaN : 0
    for (let at = from; at < to; at++) {
      const digit = bytes[at]! - 0x30
      length = digit >= 0 && digit <= 9 ? length * 10 + digit : Number.NaN
    }
    if (!Number.isSafeInteger(length)) return 'the length of the answer is no number'
    this.length = length
    return ''
  }

  /** One of these two is what nearly every field says. */
  #noteOptions(bytes: Buffer, from: number, to: number): void {
    if (is(KEEP_ALIVE, bytes, from, to)) {
      this.#keeps = true
    } else if (is(CLOSE, bytes, from, to)) {
      this.#closes = true
    } else {
      for (const option of bytes.toString('latin1', from, to).toLowerCase().split(',')) {
        if (option.trim() === 'close') this.#closes = true
        else if (option.trim() === 'keep-alive') this.#keeps = true
      }
    }
  }
}

const UNCLEAR = 'the length of the answer is not clear'
const UNASKED = 'the answer has a transfer coding that nobody asked for'

/** `timeout=` of a Keep-Alive field; -1 when it has none. */
function timeoutMs(bytes: Buffer, from: number, to: number): number {
  if (to - from <= TIMEOUT.length || !is(TIMEOUT, bytes, from, from + TIMEOUT.length)) {
    const found = /(?:^|[\s,])timeout=(\d+)/i.exec(bytes.toString('latin1', from, to))
    return found === null ? -1 : Number(found[1]) * 1000
  }
  let seconds = 0
  for (let at = from + TIMEOUT.length; at < to; at++) {
    const digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 9) break
    seconds = seconds * 10 + digit
  }
  return seconds * 1000
}

function is(word: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (to - from !== word.length) return false
  for (let i = 0; i < word.length; i++) {
    const octet = bytes[from + i]!
    if (octet !== word[i] && TOKEN[octet] !== word[i]) return false
  }
  return true
}
