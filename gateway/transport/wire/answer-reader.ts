import { HeaderList } from '../../contract/headers.ts'
import { ChunkReader } from './chunk-reader.ts'
import { HeadReader } from './head-reader.ts'

/** Interim answers before the final one. */
const MOST_INTERIM = 64

/** What the next bytes are. */
const HEAD = 0
const LENGTH = 1
const CHUNKS = 2
const TRAILERS = 3
const UNTIL_CLOSE = 4
const DONE = 5
const STOPPED = 6

/** Hears of one answer. */
export interface AnswerListener {
  /** The final head. May stop the reader. */
  answerHead(status: number, headers: HeaderList): void
  /** A piece of the body: the bytes are read into again when this returns. May stop the reader. */
  answerData(bytes: Buffer, from: number, to: number): void
}

/**
 * Reads answers of HTTP/1.1 (RFC 9112) one after the other, each from whatever pieces it arrives in. What it takes,
 * Node's own client takes for the same answer; what is not clear is refused.
 */
export class AnswerReader {
  readonly #listener: AnswerListener
  readonly #head = new HeadReader()
  readonly #chunks = new ChunkReader()
  /** Why this is no answer; empty while it may be one. */
  problem = ''
  /** The server keeps the connection, and where the next answer begins is beyond doubt. Known once the head is read. */
  persistent = false
  #part = STOPPED
  #toHead = false
  #interim = 0
  #remaining = 0

  constructor(listener: AnswerListener) {
    this.#listener = listener
  }

  /** The answer is whole. */
  get done(): boolean {
    return this.#part === DONE
  }

  /** What the server says it keeps the connection when idle, in milliseconds, -1 when it did not say. */
  get timeoutHintMs(): number {
    return this.#head.framing.timeoutHintMs
  }

  /** @param toHead The request is HEAD: its answer has no body. */
  begin(toHead: boolean): void {
    this.problem = ''
    this.persistent = false
    this.#part = HEAD
    this.#toHead = toHead
    this.#interim = 0
    this.#head.reset()
  }

  /** Nothing more is read or told. */
  stop(): void {
    this.#part = STOPPED
  }

  /** @returns Where it stopped: behind the answer, or at the end of what there is. */
  read(bytes: Buffer, from: number, to: number): number {
    let at = from
    while (at < to) {
      switch (this.#part) {
        case HEAD:
          at = this.#head.read(bytes, at, to)
          if (this.#head.problem !== '') return this.#refuse(this.#head.problem, at)
          if (this.#head.done) this.#beginBody()
          break
        case LENGTH: {
          const end = Math.min(to, at + this.#remaining)
          this.#remaining -= end - at
          if (this.#remaining === 0) this.#part = DONE
          this.#listener.answerData(bytes, at, end)
          at = end
          break
        }
        case CHUNKS:
          at = this.#readChunks(bytes, at, to)
          break
        case TRAILERS:
          at = this.#head.read(bytes, at, to)
          if (this.#head.problem !== '') return this.#refuse(this.#head.problem, at)
          if (this.#head.done) this.#part = DONE
          break
        case UNTIL_CLOSE:
          this.#listener.answerData(bytes, at, to)
          return to
        default:
          return at
      }
    }
    return at
  }

  /** The server ended the connection: true when that is the end of the answer. */
  finish(): boolean {
    if (this.#part === UNTIL_CLOSE) this.#part = DONE
    return this.#part === DONE
  }

  #beginBody(): void {
    const head = this.#head
    const { status, minor } = head
    const { length, chunked } = head.framing
    if (status < 200) {
      this.#passInterim()
      return
    }
    // Who speaks HTTP/1.0 knows no chunks: whatever framed this does not know how it ends (RFC 9112, 6.1).
    if (chunked && minor === 0) {
      this.#refuse('the answer is chunked in HTTP/1.0', 0)
      return
    }
    this.persistent = head.framing.persistent(minor)
    if (this.#toHead || status === 204 || status === 304) {
      // What is declared may come all the same, and would be taken for the next answer.
      if (!this.#toHead && (length > 0 || chunked)) this.persistent = false
      this.#part = DONE
    } else if (chunked) {
      this.#chunks.reset()
      this.#part = CHUNKS
    } else if (length >= 0) {
      this.#remaining = length
      this.#part = length === 0 ? DONE : LENGTH
    } else {
      this.persistent = false
      this.#part = UNTIL_CLOSE
    }
    this.#listener.answerHead(status, new HeaderList(head.flat))
  }

  /** An interim answer that ends the connection, or has a body, leaves it open where the final one begins. */
  #passInterim(): void {
    const { status, minor, framing } = this.#head
    if (status === 100 || status === 101) this.#refuse(`the answer is a ${status} that nobody asked for`, 0)
    else if (framing.length > 0 || framing.chunked || !framing.persistent(minor))
      this.#refuse('an interim answer that cannot be one', 0)
    else if (++this.#interim > MOST_INTERIM) this.#refuse(`more than ${MOST_INTERIM} interim answers`, 0)
    else this.#head.next()
  }

  /** The data of all chunks of a read is moved together and told as one piece. */
  #readChunks(bytes: Buffer, from: number, to: number): number {
    const chunks = this.#chunks
    let at = from
    let dataFrom = from
    let dataTo = from
    while (at < to && chunks.problem === '' && !chunks.last) {
      if (chunks.remaining === 0) {
        at = chunks.read(bytes, at, to)
        continue
      }
      const end = Math.min(to, at + chunks.remaining)
      chunks.remaining -= end - at
      if (dataFrom === dataTo) {
        dataFrom = at
        dataTo = end
      } else {
        bytes.copyWithin(dataTo, at, end)
        dataTo += end - at
      }
      at = end
    }
    if (chunks.last) {
      this.#part = TRAILERS
      this.#head.trailers()
    }
    if (dataTo > dataFrom) this.#listener.answerData(bytes, dataFrom, dataTo)
    return chunks.problem === '' ? at : this.#refuse(chunks.problem, at)
  }

  #refuse(problem: string, at: number): number {
    this.problem = problem
    this.#part = STOPPED
    return at
  }
}
