/** Where a route of Kong listens, as far as it decides which of two comes first. */
export interface Place {
  /** Path pattern of ours, canonical. */
  readonly path: string
  /** Labels of the `*.domain` that it is for; 0 for plain hosts and any host. */
  readonly domainLabels: number
}

/**
 * Most that `regex_priority` may be. Kong's router takes 32 bits, but the one of Kong 3 (kong/router/transform.lua,
 * `lshift_uint64`) shifts a plain number within 32 bits: from 1024 on it runs into the bits beside it, and at 4096 into
 * the sign, which puts a route before all others.
 */
const MOST = 1023
/** Segments that count as they are; each is one of three kinds. */
const DEPTH = 5
const KINDS = 3
/** Depths of domains that are told apart. */
const DOMAINS = 4

/**
 * Our precedence as Kong's `regex_priority`, which decides where methods and hosts leave it open: first the longest
 * `*.domain`, as Kong knows only that a plain host comes first; then segment by segment, text before a parameter and a
 * parameter before `*`.
 *
 * A number depends on the place alone, so that a new route changes no other, as long as that keeps all apart that can
 * take the same request. Where it does not, because paths differ deeper down or domains are very deep, those behind move up
 * as far as they must.
 */
export class Precedence {
  readonly #numbers: ReadonlyMap<string, number>

  constructor(places: readonly Place[]) {
    this.#numbers = numbersOf(places)
  }

  /** @param place One of those that it was made of. */
  of(place: Place): number {
    return this.#numbers.get(shapeOf(place))!
  }
}

function numbersOf(places: readonly Place[]): Map<string, number> {
  const shapes = [...Map.groupBy(places, shapeOf)].sort(([a], [b]) => (a < b ? -1 : 1))
  const numbers = new Map<string, number>()
  let last = -1
  let lastOwn = -1
  let taken = new Set<string>()
  for (const [shape, same] of shapes) {
    const own = compact(same[0]!)
    const texts = new Set(same.map(({ path }) => textsOf(path)))
    if (own !== lastOwn || !taken.isDisjointFrom(texts)) {
      if (own !== lastOwn) taken = new Set()
      last = Math.max(own, last + 1)
      lastOwn = own
    }
    taken = taken.union(texts)
    numbers.set(shape, last)
  }
  return last <= MOST ? numbers : new Map(shapes.map(([shape], i) => [shape, Math.min(i, MOST)]))
}

function compact({ path, domainLabels }: Place): number {
  let priority = Math.min(Math.max(domainLabels - 1, 0), DOMAINS - 1)
  const kinds = kindsOf(path)
  for (let i = 0; i < DEPTH; i++) priority = priority * KINDS + Number(kinds[i] ?? 0)
  return priority
}

/** Where two paths with the same kinds of segments have different text, no request is for both. */
function textsOf(path: string): string {
  return path
    .split('/', DEPTH + 1)
    .map((segment) => (kindOf(segment) === '2' ? segment : ''))
    .join('/')
}

/** All that decides, in the order in which it does: its shape compares as a text as it should as a place. */
function shapeOf({ path, domainLabels }: Place): string {
  return `${String(domainLabels).padStart(3, '0')} ${kindsOf(path)}`
}

/** One digit for each segment, without those at the end that decide nothing. */
function kindsOf(path: string): string {
  return path.slice(1).split('/').map(kindOf).join('').replace(/0+$/, '')
}

function kindOf(segment: string): string {
  if (segment === '*') return '0'
  return segment.startsWith(':') ? '1' : '2'
}
