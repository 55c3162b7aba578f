import { Readable } from 'node:stream'

/** A body whole, null when there is none, undefined when it is larger than this. */
export async function readBody(body: unknown, mostBytes: number): Promise<Buffer | null | undefined> {
  if (!(body instanceof Readable)) return null
  const pieces: Buffer[] = []
  let left = mostBytes
  for await (const piece of body as AsyncIterable<Buffer>) {
    left -= piece.length
    if (left < 0) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
