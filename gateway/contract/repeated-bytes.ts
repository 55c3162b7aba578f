const LF = 0x0a
/** More than this is not kept: there may be thousands of connections. */
const MOST_CHARACTERS = 2048

/**
 * What ended in an empty line and may come again on the same connection. To compare is ten times cheaper than to read it
 * once more, and what was found out about a string, such as its hash, stays known.
 */
export class RepeatedBytes {
  /** A character for each; empty for none. */
  #text = ''

  /** @param text Ends in an empty line. @returns False when it is too long. */
  keep(text: string): boolean {
    this.#text = text.length <= MOST_CHARACTERS ? text : ''
    return this.#text !== ''
  }

  /** @returns Index behind them when they stand at `from`, else -1. */
  endIn(bytes: Buffer, from: number, to: number): number {
    const end = from + this.#text.length
    // What has another length nearly never has an empty line there.
    if (end === from || end > to || bytes[end - 1] !== LF || bytes[end - 3] !== LF) return -1
    return bytes.toString('latin1', from, end) === this.#text ? end : -1
  }
}
