import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLSeq,
} from 'yaml'
import { type Mistakes, quote, type Remark } from './mistakes.ts'
import type { Located, Place, Written, WrittenEntry } from './written.ts'
import { addSyntaxMistakes } from './yaml-mistakes.ts'

/** Depth of nesting; ours is below ten. */
const MAX_DEPTH = 64
/** Values that aliases may add to those that were written out, so that a few lines cannot become gigabytes. */
const MAX_ALIASED = 100_000

/** Lines and items that are parsed; ten thousand routes have about a hundred thousand. More would take a minute. */
const MAX_ITEMS = 500_000

const TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
)

/**
 * Reads YAML 1.2, of which JSON is a part. Aliases are resolved and merge keys (`<<`) applied.
 *
 * @returns The root, or null when nothing usable is there; what is wrong is in `mistakes`.
 */
export function readDocument(text: string, mistakes: Mistakes): Written | null {
  const document = parse(text, mistakes)
  if (document === null) return null
  const contents = document.contents
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    mistakes.add(
      { place: { start: 0, end: 0 }, path: [] },
      {
        message: 'the file is empty',
        expected: 'a map with `gateway`, `backends`, `functions`, `routes` and so on',
      },
    )
    return null
  }
  return new Conversion(mistakes).convert(contents, { place: { start: 0, end: 0 }, path: [] })
}

function parse(text: string, mistakes: Mistakes): Document.Parsed | null {
  const start = { place: { start: 0, end: 0 }, path: [] }
  if (hasTooMany(text)) {
    mistakes.add(start, {
      message: `the file has more than ${MAX_ITEMS} lines and items`,
      expected: 'a smaller file',
    })
    return null
  }
  try {
    const document = parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      schema: 'core',
      logLevel: 'error',
    })
    if (document.errors.length === 0) return document
    addSyntaxMistakes(text, document, mistakes)
  } catch {
    // The parser is recursive: only absurd nesting gets here.
    mistakes.add(start, { message: 'the file is nested too deeply to be read' })
  }
  return null
}

function hasTooMany(text: string): boolean {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '\n' || character === ',' || character === '[' || character === '{') count++
  }
  return count > MAX_ITEMS
}

/** Turns the nodes of the parser into values with places, in the order of the text. */
class Conversion {
  readonly #mistakes: Mistakes
  readonly #anchors = new Map<string, Node>()
  /** What each alias meant where it stands: an anchor may be set again later. */
  readonly #targets = new Map<Alias, Node>()
  /** Aliases that are being resolved. */
  #aliases = 0
  /** Maps and lists that are being read. */
  readonly #around: Node[] = []
  #aliased = 0

  constructor(mistakes: Mistakes) {
    this.#mistakes = mistakes
  }

  /** @param around Where the value belongs; its place is used when nothing was written. */
  convert(node: Node | null, around: Located, depth = 0): Written {
    const at = { path: around.path, place: placeOf(node) ?? around.place }
    if (depth > MAX_DEPTH) return this.#refuse(at, { message: `nested deeper than ${MAX_DEPTH} levels` })
    if (this.#aliases > 0 && ++this.#aliased > MAX_ALIASED) return this.#tooMany(at)
    if (node === null) return { kind: 'scalar', ...at, value: null, source: '' }
    if (isAlias(node)) return this.#alias(node, at, depth)
    this.#note(node)
    if (node.tag !== undefined && !TAGS.has(node.tag)) {
      return this.#refuse(at, {
        message: `the tag ${quote(node.tag)} is not supported`,
        expected: 'a value without a tag; put a text that begins with ! into quotes',
      })
    }
    if (isScalar(node)) return this.#scalar(node, at)
    this.#around.push(node)
    const collection: Written = isMap(node)
      ? { kind: 'map', ...at, entries: this.#entries(node.items as Pair[], at, depth) }
      : { kind: 'list', ...at, items: this.#items((node as YAMLSeq<Node>).items, at, depth) }
    this.#around.pop()
    return collection
  }

  #scalar(node: Scalar, at: Located): Written {
    const value = node.value
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
    ) {
      return { kind: 'scalar', ...at, value, source: node.source ?? String(value) }
    }
    return this.#refuse(at, { message: 'this kind of value is not supported' })
  }

  #items(nodes: readonly Node[], { path, place }: Located, depth: number): Written[] {
    return nodes.map((item, i) => this.convert(item, { path: [...path, i], place }, depth + 1))
  }

  #entries(pairs: readonly Pair[], around: Located, depth: number): Map<string, WrittenEntry> {
    const entries = new Map<string, WrittenEntry>()
    const merges: Written[] = []
    for (const pair of pairs) {
      const key = this.#key(pair.key as Node | null, around)
      if (key === null) continue
      const at = { place: key.place, path: [...around.path, key.name] }
      const isMerge = key.name === '<<'
      const value = this.convert(
        pair.value as Node | null,
        isMerge ? { ...at, path: around.path } : at,
        depth + 1,
      )
      const first = entries.get(key.name)
      if (isMerge) merges.push(value)
      else if (first === undefined) entries.set(key.name, { key: at, value })
      else {
        const line = this.#mistakes.lineOf(first.key)
        this.#refuse(at, { message: `the key ${quote(key.name)} stands here twice, first in line ${line}` })
      }
    }
    for (const merge of merges) this.#merge(entries, merge)
    return entries
  }

  /** Entries of the map itself win over merged ones, earlier merged ones over later (YAML merge key type, 2005). */
  #merge(entries: Map<string, WrittenEntry>, merge: Written): void {
    if (merge.kind === 'list') for (const item of merge.items) this.#merge(entries, item)
    else if (merge.kind === 'map') {
      for (const [name, entry] of merge.entries) if (!entries.has(name)) entries.set(name, entry)
    } else if (merge.kind === 'scalar') {
      this.#refuse(merge, { message: 'only a map can be merged with `<<`', expected: 'an alias of a map' })
    }
  }

  #key(node: Node | null, around: Located): { name: string; place: Place } | null {
    const place = placeOf(node) ?? around.place
    const refuse = (message: string, expected: string) => {
      this.#refuse({ place, path: around.path }, { message, expected })
      return null
    }
    if (node !== null) this.#note(node)
    const named = isAlias(node) ? this.#anchors.get(node.source) : node
    if (isMap(named) || isSeq(named)) {
      return refuse('a list or map cannot be a key', 'a name; put a text that begins with { or [ into quotes')
    }
    if (!isScalar(named) || named.value === null) return refuse('a key is missing before `:`', 'a name')
    const name = typeof named.value === 'string' ? named.value : (named.source ?? String(named.value))
    // As a property it would set the prototype.
    if (name === '__proto__') return refuse('"__proto__" cannot be a key', 'another name')
    return { name, place }
  }

  #alias(alias: Alias, at: Located, depth: number): Written {
    const target = this.#targets.get(alias) ?? this.#anchors.get(alias.source)
    if (target === undefined) {
      return this.#refuse(at, {
        message: `${quote(`*${alias.source}`)} is an alias in YAML, and there is no anchor of that name before it`,
        expected: 'quotes around a text that begins with *',
        suggestion: quote(`*${alias.source}`),
      })
    }
    if (this.#around.includes(target)) {
      return this.#refuse(at, { message: `the alias ${quote(`*${alias.source}`)} contains itself` })
    }
    this.#targets.set(alias, target)
    this.#aliases++
    const value = this.convert(target, at, depth)
    this.#aliases--
    return value
  }

  #note(node: Node): void {
    if (!isAlias(node) && node.anchor && this.#aliases === 0) this.#anchors.set(node.anchor, node)
  }

  #tooMany(at: Located): Written {
    if (this.#aliased > MAX_ALIASED + 1) return { kind: 'broken', ...at }
    return this.#refuse(at, { message: `aliases repeat more than ${MAX_ALIASED} values` })
  }

  #refuse(at: Located, remark: Remark): Written {
    this.#mistakes.add(at, remark)
    return { kind: 'broken', ...at }
  }
}

function placeOf(node: Node | null): Place | null {
  return node?.range ? { start: node.range[0], end: node.range[1] } : null
}
