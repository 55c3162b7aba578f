import type { Body } from '../../gateway/contract/transport.ts'

export interface BodyTaker {
  /** The whole body; once. */
  bodyTaken(body: Buffer): void
  /** It has more bytes than allowed, or broke off; once, in the place of the other. */
  bodyRefused(outcome: 'too-large' | 'aborted', detail: string): void
}

const NOTHING = Buffer.alloc(0)

/**
 * Takes a body whole, for platforms that want it so. A body in memory is given before this returns. To stop taking a
 * stream destroy it: nothing is said then.
 */
export function collectBody(body: Body, length: number, limitBytes: number, taker: BodyTaker): void {
  if (length > limitBytes) tooLarge(taker, limitBytes)
  else if (body === null) taker.bodyTaken(NOTHING)
  else if (Buffer.isBuffer(body)) taker.bodyTaken(body)
  else {
    const chunks: Buffer[] = []
    let size = 0
    body.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limitBytes) {
        chunks.push(chunk)
      } else if (!body.destroyed) {
        body.destroy()
        tooLarge(taker, limitBytes)
      }
    })
    body.on('end', () => {
      if (size <= limitBytes) taker.bodyTaken(Buffer.concat(chunks))
    })
    body.on('error', () => taker.bodyRefused('aborted', 'the body of the request broke off'))
  }
}

function tooLarge(taker: BodyTaker, limitBytes: number): void {
  taker.bodyRefused('too-large', `the body has more than ${limitBytes} bytes`)
}
