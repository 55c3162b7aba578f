const OPEN = 0x7b
const CLOSE = 0x7d
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Between the head of a streamed answer and its body. */
const NULS = 8

/** Longer heads are none: HTTP would not carry them. */
const MOST_BYTES = 256 * 1024

/** What a stream turned out to begin with. */
export type StreamedHead =
  | { readonly kind: 'head'; readonly json: string; readonly rest: Buffer }
  | { readonly kind: 'body'; readonly rest: Buffer }

/**
 * Finds out whether a stream begins with the head of an answer: a JSON object and eight NULs behind it, as
 * `HttpResponseStream.from` of Lambda's runtimes writes it (`application/vnd.awslambda.http-integration-response`). The
 * API does not tell the type that the runtime was given, so the bytes have to: anything that is no object, or has
 * anything else behind it, is a body from its first byte on, and at most that object is held back.
 */
export class StreamedHeadReader {
  #held: Buffer[] = []
  #size = 0
  #depth = 0
  #inText = false
  #escaped = false
  /** Length of the object; 0 until its end is seen. */
  #end = 0

  /** Null while it is not known yet. */
  push(chunk: Buffer): StreamedHead | null {
    const from = this.#size
    this.#held.push(chunk)
    this.#size += chunk.length
    if (from === 0 && chunk.length > 0 && chunk[0] !== OPEN) return this.over()
    for (let i = 0; i < chunk.length; i++) {
      if (this.#end > 0) {
        if (chunk[i] !== 0) return this.over()
        if (from + i + 1 === this.#end + NULS) return this.#head()
      } else if (this.#closes(chunk[i]!)) {
        this.#end = from + i + 1
      }
    }
    return this.#size > MOST_BYTES ? this.over() : null
  }

  /** Everything that was held is body. */
  over(): StreamedHead {
    return { kind: 'body', rest: Buffer.concat(this.#held) }
  }

  #head(): StreamedHead {
    const all = Buffer.concat(this.#held)
    return { kind: 'head', json: all.toString('utf8', 0, this.#end), rest: all.subarray(this.#end + NULS) }
  }

  #closes(byte: number): boolean {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false
      else if (byte === BACKSLASH) this.#escaped = true
      else if (byte === QUOTE) this.#inText = false
      return false
    }
    if (byte === QUOTE) this.#inText = true
    else if (byte === OPEN) this.#depth++
    else if (byte === CLOSE) return --this.#depth === 0
    return false
  }
}
