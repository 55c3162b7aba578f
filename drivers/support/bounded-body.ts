import { StringDecoder } from 'node:string_decoder'

const MEBIBYTE = 1024 * 1024
const MOST_BYTES = 8 * MEBIBYTE
/** Characters of one line of a platform's log. */
const LONGEST_LINE = 1024 * 1024

/** A body as it comes, in bytes. */
export type Bytes = AsyncIterable<Buffer | Uint8Array>

/**
 * The text of a body that is to be small.
 *
 * @throws Error When it has more than `mostBytes`; the rest is not read.
 */
export async function readText(body: Bytes, mostBytes = MOST_BYTES): Promise<string> {
  const pieces: (Buffer | Uint8Array)[] = []
  let left = mostBytes
  for await (const piece of body) {
    left -= piece.length
    if (left < 0) throw new Error(`the answer is larger than ${mostBytes / MEBIBYTE} MiB`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/**
 * The lines of a body, as they come, without their ends and without empty ones.
 *
 * @throws Error When a line has more than a million characters.
 */
export async function* readLines(body: Bytes): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const piece of body) {
    const lines = (rest + decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length))).split(
      '\n',
    )
    rest = lines.pop()!
    if (rest.length > LONGEST_LINE) throw new Error('a line of the answer does not end')
    for (const line of lines) if (line.trim() !== '') yield line.replace(/\r$/, '')
  }
  rest += decoder.end()
  if (rest.trim() !== '') yield rest
}

/** A value from JSON, or null for what is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
