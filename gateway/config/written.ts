/** Piece of the text of a configuration file: offsets in UTF-16 units, `end` exclusive. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** Keys and indices from the root of the file to a value. */
export type Path = readonly (string | number)[]

/** Something that a mistake can point at. */
export interface Located {
  readonly place: Place
  readonly path: Path
}

/** One value as written: YAML with aliases resolved, each part with its place. Knows nothing about what is allowed. */
export type Written = WrittenMap | WrittenList | WrittenScalar | WrittenBroken

export interface WrittenMap extends Located {
  readonly kind: 'map'
  /** In the order of the file. */
  readonly entries: ReadonlyMap<string, WrittenEntry>
}

export interface WrittenEntry {
  readonly key: Located
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

/** Something that a mistake was noted for already; whoever meets it passes on in silence. */
export interface WrittenBroken extends Located {
  readonly kind: 'broken'
}

/** Plain data of our own, such as a default, in the place of something that was not written. */
export function asWritten(data: unknown, at: Located): Written {
  const { place, path } = at
  if (Array.isArray(data)) {
    return {
      kind: 'list',
      place,
      path,
      items: data.map((item, i) => asWritten(item, { place, path: [...path, i] })),
    }
  }
  if (typeof data === 'object' && data !== null) {
    const entries = Object.entries(data).map(([key, value]): [string, WrittenEntry] => {
      const field = { place, path: [...path, key] }
      return [key, { key: field, value: asWritten(value, field) }]
    })
    return { kind: 'map', place, path, entries: new Map(entries) }
  }
  const value = data as WrittenScalar['value']
  return { kind: 'scalar', place, path, value, source: String(value) }
}

/** The same data without places. */
export function asData(written: Written): unknown {
  if (written.kind === 'broken') return null
  if (written.kind === 'scalar') return written.value
  if (written.kind === 'list') return written.items.map(asData)
  return Object.fromEntries([...written.entries].map(([key, { value }]) => [key, asData(value)]))
}
