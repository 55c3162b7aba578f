import { STATUS_CODES } from 'node:http'
import { TOKEN, VALUE } from './byte-classes.ts'

/** What the head that was written last says. One object for all: it is used before the next one is written. */
export const said = {
  /** Declared length, -1 for none. */
  length: -1,
  /** The body goes in chunks. */
  chunked: false,
  /** The connection ends behind this answer. */
  close: false,
}

/** Status lines of the statuses that an answer may have. */
const STATUS_LINES: string[] = []
for (let status = 200; status <= 999; status++) {
  STATUS_LINES[status] = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`
}

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
    const name = headers[i]!
    const value = headers[i + 1]!
    checkField(name, value)
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === 'date') hasDate = true
        break
      case 10:
        if (name.toLowerCase() === 'connection') {
          hasConnection = true
          if (/(?:^|\W)close(?:$|\W)/i.test(value)) said.close = true
        }
        break
      case 14:
        if (name.toLowerCase() === 'content-length') said.length = lengthOf(value)
        break
      case 17:
        // How the answer is framed is not theirs to say.
        if (name.toLowerCase() === 'transfer-encoding') continue
    }
    text += `${name}: ${value}\r\n`
  }
  said.chunked = said.length < 0 && !toHead && status !== 204 && status !== 304
  return text + endings.of(hasDate, hasConnection, said.close, said.chunked)
}

function lengthOf(value: string): number {
  if (said.length >= 0 || !/^[0-9]{1,15}$/.test(value))
    throw new TypeError('the length of the answer is not clear')
  return Number(value)
}

function checkField(name: string, value: string): void {
  if (typeof name !== 'string' || typeof value !== 'string') throw new TypeError('a header is no text')
  if (name.length === 0) throw new TypeError('a header has no name')
  for (let i = 0; i < name.length; i++) {
    if (TOKEN[name.charCodeAt(i)] !== 1) throw new TypeError(`${JSON.stringify(name)} is no name of a header`)
  }
  for (let i = 0; i < value.length; i++) {
    if (VALUE[value.charCodeAt(i)] !== 1) throw new TypeError(`the value of ${name} has an invalid character`)
  }
}

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
    this.#keep = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n`
    this.#date = ''
    this.#kept = ''
    this.#keptChunked = ''
    this.#until = 0
  }

  of(hasDate: boolean, hasConnection: boolean, close: boolean, chunked: boolean): string {
    const now = Date.now()
    if (now >= this.#until) this.#refresh(now)
    if (!hasDate && !hasConnection && !close) return chunked ? this.#keptChunked : this.#kept
    const connection = hasConnection ? '' : close ? 'Connection: close\r\n' : this.#keep
    return `${hasDate ? '' : this.#date}${connection}${chunked ? CHUNKED : ''}\r\n`
  }

  #refresh(now: number): void {
    this.#until = now - (now % 1000) + 1000
    this.#date = `Date: ${new Date(now).toUTCString()}\r\n`
    this.#kept = `${this.#date}${this.#keep}\r\n`
    this.#keptChunked = `${this.#date}${this.#keep}${CHUNKED}\r\n`
  }
}

const CHUNKED = 'Transfer-Encoding: chunked\r\n'
