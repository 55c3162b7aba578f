import type { Random } from './random.ts'

/** What may stand beside the data of chunks. */
export interface ChunkExtras {
  readonly extensions: readonly string[]
  /** Lines behind the last chunk. */
  trailers(random: Random): string
}

/** A body in chunks: sizes written in any way, an extension here and there, trailers at times. */
export function chunks(body: string, random: Random, { extensions, trailers }: ChunkExtras): string {
  const extension = () => (random.oneIn(6) ? random.pick(extensions) : '')
  let text = ''
  for (let from = 0; from < body.length; ) {
    const piece = body.slice(from, from + 1 + random.below(12))
    const size = piece.length.toString(16)
    text += `${random.oneIn(5) ? '0' : ''}${random.oneIn(3) ? size.toUpperCase() : size}${extension()}\r\n${piece}\r\n`
    from += piece.length
  }
  const lines = random.oneIn(4) ? trailers(random) : ''
  return `${text}0${extension()}\r\n${lines}\r\n`
}
