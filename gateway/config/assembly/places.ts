import type { Located } from '../written.ts'

const WHOLE_FILE: Located = { place: { start: 0, end: 0 }, path: [] }

/** Where the parts of a finished configuration were written. Keeps nothing else of the file alive. */
export class Places {
  readonly #places = new WeakMap<object, Located>()

  /** Remembers the place of a part, which is returned. */
  note<Part extends object>(part: Part, { place, path }: Located): Part {
    this.#places.set(part, { place, path })
    return part
  }

  /** The whole file when nobody remembers. */
  of(part: object): Located {
    return this.#places.get(part) ?? WHOLE_FILE
  }
}
