/** Place in a configuration file. */
export interface Place {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** Offsets of the text in the file, start inclusive, end exclusive. */
  readonly start: number
  readonly end: number
}

/** Keys and indices from the root of the file to a value. */
export type Path = readonly (string | number)[]

interface Located {
  readonly place: Place
  readonly path: Path
}

/** One value as written: YAML with aliases resolved, each part with its place. Knows nothing about what is allowed. */
export type Written = WrittenMap | WrittenList | WrittenScalar

export interface WrittenMap extends Located {
  readonly kind: 'map'
  /** In the order of the file; keys are unique. */
  readonly entries: ReadonlyMap<string, WrittenEntry>
}

export interface WrittenEntry {
  readonly key: Place
  readonly value: Written
}

export interface WrittenList extends Located {
  readonly kind: 'list'
  readonly items: readonly Written[]
}

export interface WrittenScalar extends Located {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** The text in the file, without quotes; differs from `value` for `0x10`, `1.0`, `~`. */
  readonly source: string
}
