import type { HeaderList } from '../../../../gateway/contract/headers.ts'
import { type AnswerListener, AnswerReader } from '../../../../gateway/transport/wire/answer-reader.ts'

/** What the reader made of bytes. */
export class ReadAnswer implements AnswerListener {
  readonly reader: AnswerReader = new AnswerReader(this)
  status = 0
  flat: readonly string[] = []
  /** Pieces of the body as they were told. */
  readonly pieces: string[] = []
  /** Where the reader stopped. */
  end = 0

  answerHead(status: number, headers: HeaderList): void {
    this.status = status
    this.flat = headers.flat
  }

  answerData(bytes: Buffer, from: number, to: number): void {
    this.pieces.push(bytes.toString('latin1', from, to))
  }

  get body(): string {
    return this.pieces.join('')
  }
}

/** @param size Of the pieces in which the bytes arrive; each in a buffer of its own. Default: all at once. */
export function readAnswer(
  text: string,
  { toHead = false, size = 1e9 }: { readonly toHead?: boolean; readonly size?: number } = {},
): ReadAnswer {
  const answer = new ReadAnswer()
  answer.reader.begin(toHead)
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; ) {
    const piece = Buffer.from(bytes.subarray(at, at + size))
    const read = answer.reader.read(piece, 0, piece.length)
    answer.end = at + read
    at += piece.length
    if (answer.reader.done || answer.reader.problem !== '') break
  }
  return answer
}
