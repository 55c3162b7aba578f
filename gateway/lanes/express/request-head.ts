import { COLON, CR, HOST_BYTES, LF, SPACE, TAB, TOKEN, VALUE } from './byte-classes.ts'
import {
  CODING,
  CONNECTION,
  EXPECT,
  HOST,
  LENGTH,
  NAME_KINDS,
  NAMES,
  PLAIN,
  slotOfName,
  UPGRADE,
} from './field-names.ts'
import type { RepeatedHead } from './repeated-head.ts'
import { line, readRequestLine, type Verdict } from './request-line.ts'

/** The head that was read last. One object for all: it is used before the next one is read. */
export const head = {
  method: '',
  target: '',
  /** Names as sent and values without white space around them, in turn, as Node gives them. */
  rawHeaders: [] as readonly string[],
  /** Bytes of the body, -1 for chunks. */
  bodyLength: 0,
  /** The client said that it is the last request of its connection. */
  close: false,
  /** Index behind the head. */
  end: 0,
}

const MOST_FIELDS = 256
/** Where the fields of a head lie: of each the name, its hash, and the value. */
const nameFrom = new Int32Array(MOST_FIELDS)
const nameTo = new Int32Array(MOST_FIELDS)
const nameHash = new Int32Array(MOST_FIELDS)
const valueFrom = new Int32Array(MOST_FIELDS)
const valueTo = new Int32Array(MOST_FIELDS)
let fields = 0

/** Up to this size the values are parts of one string. Whoever keeps one keeps all, so a large head is taken apart. */
const LARGEST_SHARED = 4096

/**
 * Reads a request head into `head`. What it accepts is a strict subset of what Node's parser accepts, and read alike:
 * anything else is left to that parser.
 *
 * @param before Of the connection: what is the same is not read again, what is not takes its place.
 * @returns `read`; `partial` when the head is not whole; else the reason why it is not for this lane.
 */
export function readHead(bytes: Buffer, from: number, before: RepeatedHead | null = null): Verdict {
  if (before !== null && repeatHead(before, before.endIn(bytes, from))) {
    head.method = before.method
    head.target = before.target
    return 'read'
  }
  const first = readRequestLine(bytes, from)
  if (first !== 'read') return first
  if (before === null || !repeatHead(before, before.endOfFieldsIn(bytes, line.end))) {
    const second = readNewFields(bytes)
    if (second !== 'read') return second
  }
  takeLine(bytes)
  // Nothing is read behind a request that is its connection's last.
  if (!head.close) before?.keep(bytes, from, line.end, head.end, head)
  return 'read'
}

/** @param end Index behind the fields when they are those of the head before, else negative. */
function repeatHead(before: RepeatedHead, end: number): boolean {
  if (end < 0) return false
  head.end = end
  head.rawHeaders = before.rawHeaders
  head.bodyLength = before.bodyLength
  head.close = false
  return true
}

function readNewFields(bytes: Buffer): Verdict {
  const found = readFields(bytes, line.end)
  if (found !== 'read') return found
  const meant = readMeaning(bytes)
  if (meant === 'read') takeFields(bytes, line.end)
  return meant
}

function takeLine(bytes: Buffer): void {
  head.method = line.method
  head.target = bytes.toString('latin1', line.targetFrom, line.targetTo)
}

/** Finds where the fields are, up to the empty line. */
function readFields(bytes: Buffer, from: number): Verdict {
  const end = bytes.length
  let at = from
  for (fields = 0; fields < MOST_FIELDS; fields++) {
    if (at >= end) return 'partial'
    if (bytes[at] === CR) {
      if (at + 1 >= end) return 'partial'
      if (bytes[at + 1] !== LF) return 'field'
      head.end = at + 2
      return 'read'
    }
    nameFrom[fields] = at
    let hash = 0
    while (at < end && TOKEN[bytes[at]!] === 1) hash = (Math.imul(hash, 31) + bytes[at++]!) | 0
    if (at >= end) return 'partial'
    if (bytes[at] !== COLON || at === nameFrom[fields]) return 'field'
    nameTo[fields] = at++
    nameHash[fields] = hash
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
    valueFrom[fields] = at
    while (at < end && VALUE[bytes[at]!] === 1) at++
    if (at + 1 >= end) return at < end && bytes[at] !== CR ? 'field' : 'partial'
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 'field'
    valueTo[fields] = at
    at += 2
  }
  return 'size'
}

/** Looks at the fields that frame the message, name the host, or speak of the connection. */
function readMeaning(bytes: Buffer): Verdict {
  let hosts = 0
  let framings = 0
  let options = 0
  head.bodyLength = 0
  head.close = false
  for (let i = 0; i < fields; i++) {
    const slot = slotOfName(bytes, nameFrom[i]!, nameTo[i]!, nameHash[i]!)
    const kind = NAME_KINDS[slot]!
    if (kind === PLAIN) continue
    const from = valueFrom[i]!
    const to = valueTo[i]!
    if (kind === HOST) {
      if (++hosts > 1 || !isHost(bytes, from, to)) return 'host'
    } else if (kind === LENGTH) {
      if (++framings > 1 || !readLength(bytes, from, to)) return 'framing'
    } else if (kind === CODING) {
      if (++framings > 1 || !isWord(bytes, from, to, 'chunked')) return 'framing'
      head.bodyLength = -1
    } else if (kind === CONNECTION) {
      const close = isWord(bytes, from, to, 'close')
      if (++options > 1 || nameTo[i]! - nameFrom[i]! !== 10) return 'connection'
      if (!close && !isWord(bytes, from, to, 'keep-alive')) return 'connection'
      head.close = close
    } else if (kind === UPGRADE) {
      return 'upgrade'
    } else if (kind === EXPECT) {
      return 'expect'
    }
  }
  return hosts === 1 ? 'read' : 'host'
}

const ZERO = 0x30
const MOST_DIGITS = 15

function readLength(bytes: Buffer, from: number, to: number): boolean {
  if (from === to || to - from > MOST_DIGITS) return false
  let length = 0
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return false
    length = length * 10 + digit
  }
  head.bodyLength = length
  return true
}

const LONGEST_HOST = 255

function isHost(bytes: Buffer, from: number, to: number): boolean {
  if (from === to || to - from > LONGEST_HOST) return false
  for (let at = from; at < to; at++) if (HOST_BYTES[bytes[at]!] !== 1) return false
  return true
}

/** Whether the bytes are a word of letters, in any case. */
function isWord(bytes: Buffer, from: number, to: number, word: string): boolean {
  if (to - from !== word.length) return false
  for (let i = 0; i < word.length; i++) if ((bytes[from + i]! | 0x20) !== word.charCodeAt(i)) return false
  return true
}

function takeFields(bytes: Buffer, from: number): void {
  const shared = head.end - from <= LARGEST_SHARED ? bytes.toString('latin1', from, head.end) : null
  const raw: string[] = new Array(fields * 2)
  for (let i = 0; i < fields; i++) {
    raw[i * 2] = NAMES[slotOfName(bytes, nameFrom[i]!, nameTo[i]!, nameHash[i]!)]!
    let to = valueTo[i]!
    while (to > valueFrom[i]! && (bytes[to - 1] === SPACE || bytes[to - 1] === TAB)) to--
    raw[i * 2 + 1] = piece(bytes, shared, from, valueFrom[i]!, to)
  }
  head.rawHeaders = raw
}

function piece(bytes: Buffer, shared: string | null, base: number, from: number, to: number): string {
  return shared === null ? bytes.toString('latin1', from, to) : shared.slice(from - base, to - base)
}
