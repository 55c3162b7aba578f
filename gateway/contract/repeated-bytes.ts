const LF = 0x0a
/** More than this is not kept: there may be thousands of connections. */
const MOST_BYTES = 2048
/** What is kept grows in steps, so that heads of nearly the same length share one allocation. */
const STEP_BYTES = 256

const NONE = Buffer.alloc(0)

/**
 * What ended in an empty line and may come again on the same connection. To compare is ten times cheaper than to read it
 * once more, and what was found out about its strings, such as their hashes, stays known.
 */
export class RepeatedBytes {
  /** Not from the pool of Node, of which a few bytes would keep a whole block. */
  #kept: Buffer = NONE
  #length = 0

  /** @param to Behind an empty line. @returns False when they are too many. */
  keep(bytes: Buffer, from: number, to: number): boolean {
    const length = to - from
    this.#length = length <= MOST_BYTES ? length : 0
    if (this.#length === 0) return false
    if (length > this.#kept.length)
      this.#kept = Buffer.allocUnsafeSlow(Math.ceil(length / STEP_BYTES) * STEP_BYTES)
    bytes.copy(this.#kept, 0, from, to)
    return true
  }

  /**
   * @param skipped So many of those that were kept are not looked for.
   * @returns Index behind the others when they stand at `from`, else -1.
   */
  endIn(bytes: Buffer, from: number, to: number, skipped = 0): number {
    const length = this.#length
    const end = from + length - skipped
    // What has another length nearly never has an empty line there.
    if (length === 0 || end > to || bytes[end - 1] !== LF || bytes[end - 3] !== LF) return -1
    return bytes.compare(this.#kept, skipped, length, from, end) === 0 ? end : -1
  }
}
