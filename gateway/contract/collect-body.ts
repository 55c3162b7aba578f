import type { Readable } from 'node:stream'
import type { Body } from './transport.ts'

export interface BodyTaker {
  /** The whole body; once. */
  bodyTaken(body: Buffer): void
  /** It has more bytes than allowed, or broke off; once, in the place of the other. */
  bodyRefused(outcome: 'too-large' | 'aborted', detail: string): void
}

const NOTHING = Buffer.alloc(0)

/**
 * Takes a body whole, for platforms that want it so. A body in memory is given before this returns. Who wants it no
 * more drops it, and may then still hear that it broke off.
 */
export function collectBody(body: Body, length: number, limitBytes: number, taker: BodyTaker): void {
  if (length > limitBytes) tooLarge(taker, limitBytes)
  else if (body === null) taker.bodyTaken(NOTHING)
  else if (Buffer.isBuffer(body)) taker.bodyTaken(body)
  else collectStream(body, limitBytes, taker)
}

/** What still arrives of a body is not wanted any more. */
export function dropBody(body: Body): void {
  if (body !== null && !Buffer.isBuffer(body)) body.destroy()
}

function collectStream(body: Readable, limitBytes: number, taker: BodyTaker): void {
  const chunks: Buffer[] = []
  let size = 0
  let over = false
  const broken = () => {
    if (over) return
    over = true
    taker.bodyRefused('aborted', 'the body of the request broke off')
  }
  body.on('data', (chunk: Buffer) => {
    if (over) return
    size += chunk.length
    chunks.push(chunk)
    if (size <= limitBytes) return
    over = true
    chunks.length = 0
    body.destroy()
    tooLarge(taker, limitBytes)
  })
  body.on('end', () => {
    if (over) return
    over = true
    taker.bodyTaken(Buffer.concat(chunks))
  })
  body.on('error', broken)
  body.on('close', broken)
}

function tooLarge(taker: BodyTaker, limitBytes: number): void {
  taker.bodyRefused('too-large', `the body has more than ${limitBytes} bytes`)
}
