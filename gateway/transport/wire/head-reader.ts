import { FIELD_NAMES, fieldIndex, KEEP_ALIVE, TRANSFER_ENCODING } from './field-names.ts'
import { Framing } from './framing.ts'
import { COLON, CR, LF, SPACE, TAB, TEXT, TOKEN } from './octets.ts'
import { RepeatedHead } from './repeated-head.ts'

/** Octets of all heads of one answer and of the fields behind its body, as many as the other transport takes. */
const MOST_BYTES = 65_536

/** Fields of one head. Node's own client hides those beyond 2000 and so must never see more. */
const MOST_FIELDS = 1000

const PREFIX = Buffer.from('HTTP/1.')
const EMPTY = Buffer.alloc(0)
const INCOMPLETE = -1
const TOO_LARGE = `the head of the answer is larger than ${MOST_BYTES} bytes`

/** Names and places of the fields of one read until their strings are made, all from one: shared by all readers. */
const MOST_PLACED = 64
const PLACES = new Int32Array(MOST_PLACED * 4)
const INDEXES = new Int32Array(MOST_PLACED)
let placed = 0

/** Reads the head of an answer (RFC 9112, 2 to 5), or the fields behind its body, from whatever pieces arrive. */
export class HeadReader {
  /** The empty line was read. */
  done = false
  /** Why this is no head; empty while it may be one. */
  problem = ''
  status = 0
  minor = 1
  /** Names and values of the fields. */
  flat: string[] = []
  readonly framing = new Framing()
  readonly #before = new RepeatedHead()
  #inStatusLine = true
  #inTrailers = false
  #bytes = 0
  #fields = 0
  /** The beginning of a line of which the rest has not arrived. */
  #line: Buffer = EMPTY
  #held = 0

  /** For the first head of an answer. */
  reset(): void {
    this.#bytes = 0
    this.problem = ''
    this.next()
  }

  /** For another head of the same answer, within the same bounds. */
  next(): void {
    this.done = false
    this.status = 0
    this.minor = 1
    this.flat = []
    this.framing.reset()
    this.#inStatusLine = true
    this.#inTrailers = false
    this.#fields = 0
    this.#line = EMPTY
    this.#held = 0
  }

  /** For the fields behind the body: they are checked and forgotten. */
  trailers(): void {
    this.done = false
    this.#inTrailers = true
  }

  /** @returns Where it stopped: behind the empty line, or at the end of what there is. */
  read(bytes: Buffer, from: number, to: number): number {
    const isFirst = this.#inStatusLine && this.#held === 0
    const end = isFirst ? this.#before.endIn(bytes, from, to) : -1
    if (end > 0) return this.#repeat(end - from, end)
    let at = this.#held === 0 ? from : this.#finishLine(bytes, from, to)
    while (at < to && !this.done && this.problem === '') {
      const next = this.#readLine(bytes, at, to)
      if (next === INCOMPLETE) {
        if (this.problem === '') this.#hold(bytes, at, to)
        at = to
      } else {
        at = next
      }
    }
    if (isFirst && this.done && this.problem === '') this.#keep(bytes, from, at)
    else this.#addFields(bytes)
    if (this.done) this.#line = EMPTY
    this.#bytes += at - from
    if (this.#bytes > MOST_BYTES) this.problem = TOO_LARGE
    return at
  }

  /** The head is that of the answer before. */
  #repeat(length: number, end: number): number {
    const before = this.#before
    this.status = before.status
    this.minor = before.minor
    this.flat = before.flat.slice()
    this.framing.take(before.framing)
    this.#inStatusLine = false
    this.done = true
    this.#bytes += length
    if (this.#bytes > MOST_BYTES) this.problem = TOO_LARGE
    return end
  }

  /** The head came as one piece. */
  #keep(bytes: Buffer, from: number, end: number): void {
    this.#addFields(bytes)
    this.#before.keep(bytes, from, end, this)
  }

  #readLine(bytes: Buffer, from: number, to: number): number {
    return this.#inStatusLine ? this.#readStatus(bytes, from, to) : this.#readField(bytes, from, to)
  }

  /** The space before a missing reason may be missing too: old servers leave it out, and no parser minds. */
  #readStatus(bytes: Buffer, from: number, to: number): number {
    for (let i = 0; i < PREFIX.length && from + i < to; i++) {
      if (bytes[from + i] !== PREFIX[i]) return this.#refuse('the answer is not HTTP/1.1')
    }
    if (to - from < 13) return INCOMPLETE
    this.minor = bytes[from + 7]! - 0x30
    const hundreds = bytes[from + 9]! - 0x30
    const tens = bytes[from + 10]! - 0x30
    const ones = bytes[from + 11]! - 0x30
    this.status = hundreds * 100 + tens * 10 + ones
    const digits = hundreds >= 1 && hundreds <= 9 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9
    if (this.minor < 0 || this.minor > 1 || bytes[from + 8] !== SPACE || !digits)
      return this.#refuse('the status line of the answer is not valid')
    let at = from + 12
    if (bytes[at] === SPACE) while (++at < to && TEXT[bytes[at]!] === 1);
    const next = this.#endOfLine(bytes, at, to, 'the status line of the answer is not valid')
    if (next > 0) this.#inStatusLine = false
    return next
  }

  #readField(bytes: Buffer, from: number, to: number): number {
    if (bytes[from] === CR) {
      const next = this.#endOfLine(bytes, from, to, 'the head of the answer has a bare carriage return')
      if (next > 0) this.done = true
      return next
    }
    let at = from
    while (at < to && TOKEN[bytes[at]!] !== 0) at++
    if (at === to) return INCOMPLETE
    if (at === from || bytes[at] !== COLON) return this.#refuse('a header of the answer has no valid name')
    const nameEnd = at++
    while (at < to && (bytes[at] === SPACE || bytes[at] === TAB)) at++
    const valueFrom = at
    while (at < to && TEXT[bytes[at]!] === 1) at++
    const next = this.#endOfLine(bytes, at, to, 'a header of the answer has no valid value')
    if (next < 0) return next
    const untrimmed = at
    while (at > valueFrom && (bytes[at - 1] === SPACE || bytes[at - 1] === TAB)) at--
    if (++this.#fields > MOST_FIELDS) return this.#refuse(`the answer has more than ${MOST_FIELDS} headers`)
    const index = fieldIndex(bytes, from, nameEnd)
    // Node's parser does not take a coding with a tab behind it for `chunked`: who stands behind us might not either.
    if (index === TRANSFER_ENCODING && bytes.subarray(at, untrimmed).includes(TAB))
      return this.#refuse('the answer has a transfer coding that nobody asked for')
    this.#place(index, bytes, from, nameEnd, valueFrom, at)
    return next
  }

  #endOfLine(bytes: Buffer, at: number, to: number, problem: string): number {
    if (at >= to) return INCOMPLETE
    if (bytes[at] !== CR) return this.#refuse(problem)
    if (at + 1 === to) return INCOMPLETE
    return bytes[at + 1] === LF ? at + 2 : this.#refuse(problem)
  }

  #place(
    index: number,
    bytes: Buffer,
    nameFrom: number,
    nameTo: number,
    valueFrom: number,
    valueTo: number,
  ): void {
    if (this.#inTrailers) {
      if (index >= 0 && index <= TRANSFER_ENCODING) this.problem = 'the answer is framed anew behind its body'
      return
    }
    if (index >= 0 && index <= KEEP_ALIVE) this.problem = this.framing.note(index, bytes, valueFrom, valueTo)
    if (placed === MOST_PLACED) this.#addFields(bytes)
    INDEXES[placed] = index
    PLACES[placed * 4] = nameFrom
    PLACES[placed * 4 + 1] = nameTo
    PLACES[placed * 4 + 2] = valueFrom
    PLACES[placed * 4 + 3] = valueTo
    placed++
  }

  /** One string for all fields of a read: to cut pieces out of a string is cheap, to make one out of bytes is not. */
  #addFields(bytes: Buffer): void {
    if (placed === 0) return
    const start = PLACES[0]!
    this.#cutFields(bytes.toString('latin1', start, PLACES[placed * 4 - 1]!), start)
  }

  /** @param start Index at which the text began where it was read. */
  #cutFields(text: string, start: number): void {
    for (let i = 0; i < placed; i++) {
      const index = INDEXES[i]!
      const p = i * 4
      const name =
        index >= 0
          ? FIELD_NAMES[index]!
          : text.substring(PLACES[p]! - start, PLACES[p + 1]! - start).toLowerCase()
      this.flat.push(name, text.substring(PLACES[p + 2]! - start, PLACES[p + 3]! - start))
    }
    placed = 0
  }

  /** The line that was held, and what arrived of its rest. */
  #finishLine(bytes: Buffer, from: number, to: number): number {
    let end = from
    while (end < to && bytes[end] !== LF) end++
    const whole = end < to
    if (whole) end++
    this.#hold(bytes, from, end)
    if (!whole || this.problem !== '') return end
    const length = this.#held
    this.#held = 0
    if (this.#readLine(this.#line, 0, length) !== length) this.#refuse(this.problem || 'a line has no end')
    this.#addFields(this.#line)
    return end
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    const length = this.#held + to - from
    if (length > MOST_BYTES) {
      this.#refuse(TOO_LARGE)
      return
    }
    if (length > this.#line.length) {
      const larger = Buffer.allocUnsafe(Math.max(512, length * 2))
      this.#line.copy(larger, 0, 0, this.#held)
      this.#line = larger
    }
    bytes.copy(this.#line, this.#held, from, to)
    this.#held = length
  }

  #refuse(problem: string): number {
    this.problem = problem
    return INCOMPLETE
  }
}
