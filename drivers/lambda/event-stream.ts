import { crc32 } from 'node:zlib'

/** One message of an event stream of AWS. */
export interface StreamMessage {
  /** Headers whose value is text; a stream of Lambda has no others. */
  readonly headers: ReadonlyMap<string, string>
  readonly payload: Buffer
}

const PRELUDE_BYTES = 12
const CHECKSUM_BYTES = 4
/** Bounds of the format: 16 MiB of payload, 128 KiB of headers. */
const MOST_BYTES = 16 * 1024 * 1024
const MOST_HEADER_BYTES = 128 * 1024
const STRING = 7
/** Bytes of a value by its type; -1 has a length in front of it. */
const VALUE_BYTES = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16]

/**
 * Takes an event stream apart as it comes: length, length of the headers, checksum of both, headers, payload, checksum
 * of all. Holds at most one message that is not whole. The tests hold it against `@smithy/eventstream-codec`, whose
 * decoder of streams reads promises where ours is pushed to.
 */
export class EventStream {
  #held: Buffer[] = []
  #size = 0
  /** Bytes that the message in front has; 0 while that is unknown. */
  #wanted = 0

  push(chunk: Buffer): void {
    this.#held.push(chunk)
    this.#size += chunk.length
  }

  /** Bytes of a message that is not whole. */
  get rest(): number {
    return this.#size
  }

  /**
   * The next message that is whole, or null.
   *
   * @throws Error When the bytes are no event stream.
   */
  next(): StreamMessage | null {
    if (this.#wanted === 0) {
      if (this.#size < PRELUDE_BYTES) return null
      this.#wanted = readLength(this.#joined())
    }
    if (this.#size < this.#wanted) return null
    const all = this.#joined()
    const message = all.subarray(0, this.#wanted)
    const rest = all.subarray(this.#wanted)
    this.#held = rest.length === 0 ? [] : [rest]
    this.#size = rest.length
    this.#wanted = 0
    return readMessage(message)
  }

  #joined(): Buffer {
    if (this.#held.length > 1) this.#held = [Buffer.concat(this.#held, this.#size)]
    return this.#held[0]!
  }
}

function readLength(bytes: Buffer): number {
  const total = bytes.readUInt32BE(0)
  const headers = bytes.readUInt32BE(4)
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8))
    throw new Error('a checksum of the stream is wrong')
  const least = PRELUDE_BYTES + headers + CHECKSUM_BYTES
  if (headers > MOST_HEADER_BYTES || total < least || total - least > MOST_BYTES) {
    throw new Error('a message of the stream has an impossible length')
  }
  return total
}

function readMessage(bytes: Buffer): StreamMessage {
  const end = bytes.length - CHECKSUM_BYTES
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end))
    throw new Error('a checksum of the stream is wrong')
  const payloadAt = PRELUDE_BYTES + bytes.readUInt32BE(4)
  return {
    headers: readHeaders(bytes.subarray(PRELUDE_BYTES, payloadAt)),
    payload: bytes.subarray(payloadAt, end),
  }
}

function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>()
  let at = 0
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes[at]!
    const type = bytes[nameEnd]
    let length = type === undefined ? undefined : VALUE_BYTES[type]
    let valueAt = nameEnd + 1
    if (length === -1 && valueAt + 2 <= bytes.length) {
      length = bytes.readUInt16BE(valueAt)
      valueAt += 2
    }
    if (length === undefined || length < 0 || valueAt + length > bytes.length) {
      throw new Error('the headers of a message of the stream are broken')
    }
    if (type === STRING)
      headers.set(bytes.toString('utf8', at + 1, nameEnd), bytes.toString('utf8', valueAt, valueAt + length))
    at = valueAt + length
  }
  return headers
}
