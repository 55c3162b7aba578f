import { randomFillSync } from 'node:crypto'

/** What a client may choose: short, printable, safe in a log line and a header. */
const WELL_FORMED = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/

export function isRequestId(text: string): boolean {
  return WELL_FORMED.test(text)
}

const POOL_BYTES = 16_384
const pool = Buffer.allocUnsafe(POOL_BYTES)
let digits = ''
let next = 0

/** 128 random bits in hexadecimal, cut from a pool because a call for each costs more than the rest of the head. */
export function newRequestId(): string {
  if (next + 32 > digits.length) {
    digits = randomFillSync(pool).toString('hex')
    next = 0
  }
  next += 32
  return digits.slice(next - 32, next)
}
