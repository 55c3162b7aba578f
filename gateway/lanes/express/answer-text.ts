import { STATUS_CODES } from 'node:http'
import { FieldLines } from '../../contract/field-lines.ts'
import { turns } from '../../contract/turns.ts'

/** What the head that was written last says. One object for all: it is used before the next one is written. */
export const said = {
  /** Declared length, -1 for none. */
  length: -1,
  /** The body goes in chunks. */
  chunked: false,
  /** The connection ends behind this answer. */
  close: false,
}

/** Status lines of the statuses that an answer may have, without their end. */
const STATUS_LINES: string[] = []
for (let status = 200; status <= 999; status++) {
  STATUS_LINES[status] = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}`
}

const DATE = 1
const CONNECTION = 2
const LENGTH = 3
/** How the answer is framed is not theirs to say. */
const CODING = 4
const LINES = new FieldLines({
  date: DATE,
  connection: CONNECTION,
  'content-length': LENGTH,
  'transfer-encoding': CODING,
})

/**
 * The head of an answer as it goes onto the wire, framed as Node's server would: by the declared length, without a body
 * for 204 and 304, else in chunks.
 *
 * @param headers Names and values in turn. Whatever they hold, they cannot end the head or begin another one.
 * @param toHead The answer has no body whatever its head says.
 * @param close The connection ends behind this answer.
 * @param ending Fields of the lane for an answer that keeps the connection, from `Endings`.
 * @throws TypeError For a field that HTTP cannot carry, or a length that is none. @throws RangeError For a status that
 *   is none.
 */
export function headText(
  status: number,
  headers: readonly string[],
  toHead: boolean,
  close: boolean,
  endings: Endings,
): string {
  let text = STATUS_LINES[status]
  if (text === undefined) throw new RangeError(`${status} is not the status of an answer`)
  said.length = -1
  said.close = close
  let hasDate = false
  let hasConnection = false
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1]!
    const line = LINES.of(headers[i]!, i >> 1)
    const whole = line.with(value)
    const { kind } = line
    if (kind === CODING) continue
    if (kind === LENGTH) said.length = lengthOf(value)
    else if (kind === DATE) hasDate = true
    else if (kind === CONNECTION) {
      hasConnection = true
      if (/(?:^|\W)close(?:$|\W)/i.test(value)) said.close = true
    }
    text += whole
  }
  said.chunked = said.length < 0 && !toHead && status !== 204 && status !== 304
  return text + endings.of(hasDate, hasConnection, said.close, said.chunked)
}

function lengthOf(value: string): number {
  let length = value.length > 0 && value.length <= MOST_DIGITS && said.length < 0 ? 0 : Number.NaN
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - ZERO
    length = digit >= 0 && digit <= 9 ? length * 10 + digit : Number.NaN
  }
  if (Number.isNaN(length)) throw new TypeError('the length of the answer is not clear')
  return length
}

const ZERO = 0x30
const MOST_DIGITS = 15

/** What stands at the end of every head: the date, what becomes of the connection, the chunks. Kept for a second. */
export class Endings {
  readonly #keep: string
  #date: string
  #kept: string
  #keptChunked: string
  /** Milliseconds since 1970 until which the date is true. */
  #until: number

  /** @param keepAliveMs What clients are told about idle connections. */
  constructor(keepAliveMs: number) {
    this.#keep = `\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}`
    this.#date = ''
    this.#kept = ''
    this.#keptChunked = ''
    this.#until = 0
  }

  of(hasDate: boolean, hasConnection: boolean, close: boolean, chunked: boolean): string {
    const now = turns.time
    if (now >= this.#until) this.#refresh(now)
    if (!hasDate && !hasConnection && !close) return chunked ? this.#keptChunked : this.#kept
    const connection = hasConnection ? '' : close ? '\r\nConnection: close' : this.#keep
    return `${hasDate ? '' : this.#date}${connection}${chunked ? CHUNKED : ''}${END}`
  }

  #refresh(now: number): void {
    this.#until = now - (now % 1000) + 1000
    this.#date = `\r\nDate: ${new Date(now).toUTCString()}`
    this.#kept = this.#date + this.#keep + END
    this.#keptChunked = this.#date + this.#keep + CHUNKED + END
  }
}

const CHUNKED = '\r\nTransfer-Encoding: chunked'
/** Of the line before, and the empty line. */
const END = '\r\n\r\n'
