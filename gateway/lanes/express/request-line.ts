import type { HandoverReason } from '../../contract/handover-reason.ts'
import { CR, HEX, LF, SPACE, TARGET, TARGET_DOT, TARGET_PERCENT, TARGET_PLAIN } from './byte-classes.ts'

/** What came of reading: all of it, not enough bytes yet, or why it is not for this lane. */
export type Verdict = 'read' | 'partial' | HandoverReason

/** The request line that was read last. One object for all: it is used before the next one is read. */
export const line = {
  method: '',
  targetFrom: 0,
  targetTo: 0,
  /** Index behind the line. */
  end: 0,
}

const SLASH = 0x2f
const DOT = 0x2e

/** Methods with the space behind them, by their first letter; those with P by their second. */
const GET = 'GET '
const HEAD = 'HEAD '
const DELETE = 'DELETE '
const OPTIONS = 'OPTIONS '
const POST = 'POST '
const PUT = 'PUT '
const PATCH = 'PATCH '
const NAMES: Readonly<Record<string, string>> = {
  [GET]: 'GET',
  [HEAD]: 'HEAD',
  [DELETE]: 'DELETE',
  [OPTIONS]: 'OPTIONS',
  [POST]: 'POST',
  [PUT]: 'PUT',
  [PATCH]: 'PATCH',
}
const VERSION = 'HTTP/1.1\r\n'

/** Reads `METHOD SP target SP HTTP/1.1 CRLF` into `line`; the target is in origin form, whatever it then names. */
export function readRequestLine(bytes: Buffer, from: number): Verdict {
  const word = methodAt(bytes, from)
  if (word === '') return 'partial'
  const method = match(bytes, from, word)
  if (method !== 'read') return method === 'partial' ? method : 'request-line'
  const target = readTarget(bytes, from + word.length)
  if (target !== 'read') return target
  const at = line.targetTo + 1
  const version = match(bytes, at, VERSION)
  if (version !== 'read') return version === 'partial' ? version : 'version'
  line.method = NAMES[word]!
  line.end = at + VERSION.length
  return 'read'
}

/** The only method that the bytes can begin; empty when one byte more is needed. */
function methodAt(bytes: Buffer, at: number): string {
  switch (bytes[at]) {
    case 0x47:
      return GET
    case 0x50:
      if (at + 1 === bytes.length) return ''
      return bytes[at + 1] === 0x4f ? POST : bytes[at + 1] === 0x55 ? PUT : PATCH
    case 0x48:
      return HEAD
    case 0x44:
      return DELETE
    case 0x4f:
      return OPTIONS
    default:
      return GET
  }
}

function match(bytes: Buffer, at: number, text: string): 'read' | 'partial' | 'field' {
  const end = bytes.length
  for (let i = 0; i < text.length; i++) {
    if (at + i >= end) return 'partial'
    if (bytes[at + i] !== text.charCodeAt(i)) return 'field'
  }
  return 'read'
}

function readTarget(bytes: Buffer, from: number): Verdict {
  const end = bytes.length
  if (from >= end) return 'partial'
  if (bytes[from] !== SLASH) return 'target'
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!
    const kind = TARGET[byte]
    if (kind === TARGET_PLAIN) continue
    if (byte === SPACE) {
      line.targetFrom = from
      line.targetTo = at
      return 'read'
    }
    // The next byte may decide: when it is not there yet, the whole is read again when it is.
    if (kind === TARGET_DOT) {
      if (at + 1 < end && bytes[at + 1] === DOT) return 'target'
    } else if (kind === TARGET_PERCENT) {
      if (at + 2 < end && isOddEscape(HEX[bytes[at + 1]!]!, HEX[bytes[at + 2]!]!)) return 'target'
    } else {
      return byte === CR || byte === LF ? 'version' : 'target'
    }
  }
  return 'partial'
}

/** Escapes of separators, dots, percent signs and control characters, and what is no escape. */
function isOddEscape(high: number, low: number): boolean {
  if (high > 15 || low > 15 || high < 2) return true
  const byte = high * 16 + low
  return byte === SLASH || byte === DOT || byte === 0x5c || byte === 0x25 || byte === 0x7f
}
