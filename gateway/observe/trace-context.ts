import { randomFillSync } from 'node:crypto'
import type { HeaderList } from '../contract/headers.ts'

/**
 * W3C Trace Context (Recommendation, level 1; keys of `tracestate` as in level 2): we take part in the trace of the
 * client, or start one when what it sent is not valid. The gateway is a node of its own, so each call gets a new
 * parent id.
 */

const LENGTH = 55
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/

/**
 * The `traceparent` to send upstream: the trace and the sampled flag of the client's, or a new sampled trace when it
 * is null or malformed. Sampled, since a function that samples by its parent would otherwise lose its traces by being
 * put behind a gateway.
 */
export function continueTrace(traceparent: string | null): string {
  return traceparent !== null && isTraceparent(traceparent) ? continued(traceparent) : started()
}

/** Leaves exactly one valid `traceparent`, which is returned, and at most one valid `tracestate` in the headers. */
export function propagateTrace(headers: HeaderList): string {
  const flat = headers.flat
  let at = -1
  let parents = 0
  let state: string | null = null
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (name.length === 11 && name === 'traceparent') {
      at = i + 1
      parents++
    } else if (name.length === 10 && name === 'tracestate') {
      state = state === null ? flat[i + 1]! : `${state},${flat[i + 1]}`
    }
  }
  const valid = parents === 1 && isTraceparent(flat[at]!)
  const sent = valid ? continued(flat[at]!) : started()
  if (parents === 1) flat[at] = sent
  else if (parents === 0) headers.add('traceparent', sent)
  else headers.set('traceparent', sent)
  if (state !== null) {
    if (valid && isTracestate(state)) headers.set('tracestate', state)
    else headers.remove('tracestate')
  }
  return sent
}

function started(): string {
  return `00-${randomHex(32)}-${randomHex(16)}-01`
}

function continued(traceparent: string): string {
  const sampled = (hexValue(traceparent.charCodeAt(54)) & 1) === 1
  return `00-${traceparent.slice(3, 35)}-${randomHex(16)}${sampled ? '-01' : '-00'}`
}

/** The trace id in a valid `traceparent`. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/**
 * Strict: lower-case hexadecimal, no zero ids, version `ff` refused, version 00 of exactly 55 characters. A version
 * that we do not know may be longer and is read as far as we know it (section 3.2.4 there).
 */
export function isTraceparent(value: string): boolean {
  if (value.length !== LENGTH && (value.length < LENGTH || value.startsWith('00'))) return false
  return TRACEPARENT.test(value)
}

const LONGEST_STATE = 512
const MOST_MEMBERS = 32
const MEMBER =
  /^([a-z0-9][a-z0-9_\-*/@]{0,255})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/** At most 512 characters and 32 members, each well-formed, no key twice. */
export function isTracestate(value: string): boolean {
  if (value.length > LONGEST_STATE) return false
  const keys = new Set<string>()
  for (const part of value.split(',')) {
    const member = part.replace(/^[ \t]+|[ \t]+$/g, '')
    if (member === '') continue
    const key = MEMBER.exec(member)?.[1]
    if (key === undefined || keys.has(key) || keys.size === MOST_MEMBERS) return false
    keys.add(key)
  }
  return keys.size > 0
}

function hexValue(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57
}

/** Random digits are made by the block: a call to the generator for each id takes 2 µs, this 30 ns. */
const block = Buffer.allocUnsafe(16_384)
let digits = ''
let next = 0

/** All zeros, which would not be an id, is as likely as guessing one: never. */
function randomHex(length: number): string {
  if (next + length > digits.length) {
    digits = randomFillSync(block).toString('hex')
    next = 0
  }
  next += length
  return digits.slice(next - length, next)
}
