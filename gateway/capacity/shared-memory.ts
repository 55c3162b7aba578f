import type { SharedCells } from '../contract/shared-cells.ts'

const PAGE_BYTES = 1 << 20
/** Every piece begins at a multiple of this, so that 64-bit views fit. */
const ALIGNMENT_BYTES = 8

/** Where a piece lives. */
interface Piece {
  readonly key: string
  readonly page: number
  readonly offset: number
  readonly words: number
}

/** What a thread needs to find every piece of one generation: pages are shared, not copied, when posted. */
export interface SharedMap {
  readonly pages: readonly SharedArrayBuffer[]
  readonly pieces: readonly Piece[]
}

/** What is claimed before the first `begin` belongs to the process: it is never given back. */
const FOR_EVER = 0

/**
 * The memory that all threads share, seen from the main thread: it alone allocates. Pieces that no living
 * configuration claims are given back and cleared.
 */
export class SharedMemory implements SharedCells {
  readonly #pages: SharedArrayBuffer[] = []
  readonly #used = new Map<string, { readonly piece: Piece; generation: number }>()
  readonly #free: Piece[] = []
  #generation = FOR_EVER
  #fill = 0

  /** Claims from now on belong to this generation of the configuration. */
  begin(generation: number): void {
    this.#generation = generation
  }

  claim(key: string, words: number): Int32Array {
    const name = nameOf(key, words)
    const known = this.#used.get(name)
    if (known !== undefined) {
      if (known.generation !== FOR_EVER) known.generation = this.#generation
      return this.#view(known.piece)
    }
    const piece = this.#reuse(name, words) ?? this.#allocate(name, words)
    this.#used.set(name, { piece, generation: this.#generation })
    return this.#view(piece)
  }

  /** Every piece that the current generation or the process claimed. */
  map(): SharedMap {
    const pieces = [...this.#used.values()].filter(
      ({ generation }) => generation === this.#generation || generation === FOR_EVER,
    )
    return { pages: [...this.#pages], pieces: pieces.map((use) => use.piece) }
  }

  /** Every piece in use whose key begins so, of whatever generation. */
  piecesOf(prefix: string): Int32Array[] {
    const pieces = [...this.#used].filter(([name]) => name.startsWith(prefix))
    return pieces.map(([, { piece }]) => this.#view(piece))
  }

  /** Gives back what only generations before this one used. Call when no thread serves them any more. */
  retireBefore(generation: number): void {
    for (const [name, use] of this.#used) {
      if (use.generation >= generation || use.generation === FOR_EVER) continue
      this.#used.delete(name)
      this.#view(use.piece).fill(0)
      this.#free.push(use.piece)
    }
  }

  #reuse(key: string, words: number): Piece | null {
    const at = this.#free.findIndex((piece) => piece.words === words)
    if (at < 0) return null
    const [{ page, offset }] = this.#free.splice(at, 1) as [Piece]
    return { key, page, offset, words }
  }

  #allocate(key: string, words: number): Piece {
    const bytes = Math.ceil((words * 4) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    const last = this.#pages.at(-1)
    if (last === undefined || this.#fill + bytes > last.byteLength) {
      this.#pages.push(new SharedArrayBuffer(Math.max(PAGE_BYTES, bytes)))
      this.#fill = 0
    }
    const piece = { key, page: this.#pages.length - 1, offset: this.#fill, words }
    this.#fill += bytes
    return piece
  }

  #view(piece: Piece): Int32Array {
    return new Int32Array(this.#pages[piece.page]!, piece.offset, piece.words)
  }
}

/** The same memory seen from another thread: finds what the main thread allocated. */
export class SharedMemoryView implements SharedCells {
  readonly #pages: readonly SharedArrayBuffer[]
  readonly #pieces: ReadonlyMap<string, Piece>

  constructor(map: SharedMap) {
    this.#pages = map.pages
    this.#pieces = new Map(map.pieces.map((piece) => [piece.key, piece]))
  }

  /** @throws Error When the main thread did not claim the same key with the same size. */
  claim(key: string, words: number): Int32Array {
    const piece = this.#pieces.get(nameOf(key, words))
    if (piece === undefined) throw new Error(`no shared memory for ${key} (${words} words)`)
    return new Int32Array(this.#pages[piece.page]!, piece.offset, words)
  }
}

/** A piece of another size is another piece: a changed option must not read old numbers with a new meaning. */
function nameOf(key: string, words: number): string {
  return `${key} ${words}`
}
