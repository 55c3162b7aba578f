/** What a piece costs besides its bytes. */
const PIECE_BYTES = 256
/** Beyond this nothing more is read from the client. */
const MOST_BYTES = 65_536

/** Bytes that arrived and cannot be read yet: nobody takes the body, or answers come first. */
export class HeldBytes {
  #pieces: Buffer[] = []
  #bytes = 0

  get full(): boolean {
    return this.#bytes >= MOST_BYTES
  }

  add(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#bytes += piece.length + PIECE_BYTES
  }

  pieces(): readonly Buffer[] {
    return this.#pieces
  }

  whole(): Buffer {
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
  }
}
