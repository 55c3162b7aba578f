const LONGEST_REPEATED = 256
/** After so many values in a row that differ, as those of an id do, comparing them is only a cost. */
const MOST_NEWS = 100

/** A name of a field as it stands at the beginning of a line, and what whoever writes heads has to know of it. */
export class FieldLine {
  /** As it was given for the name in lower case, 0 for all other names. */
  readonly kind: number
  readonly name: string
  /** The end of the line before, the name, the colon. */
  readonly #begin: string
  /** The value that was written last, and its line once it came again. */
  #value: string
  #line: string
  /** How many values in a row were not those before them. */
  #news: number

  constructor(name: string, kind: number) {
    this.kind = kind
    this.name = name
    this.#begin = `\r\n${name}: `
    this.#value = ''
    this.#line = ''
    this.#news = 0
  }

  /**
   * The whole line. Of most fields the value is nearly always the same: it is not looked at again then, and its line is
   * one string that need not be put together. @throws TypeError For a value that no field can hold.
   */
  with(value: string): string {
    const compares = this.#news < MOST_NEWS
    if (compares && value === this.#value) return this.#again()
    checkFieldValue(this.name, value)
    if (compares) {
      this.#news++
      this.#value = value.length > LONGEST_REPEATED ? '' : value
      this.#line = ''
    }
    return this.#begin + value
  }

  #again(): string {
    this.#news = 0
    if (this.#line === '') this.#line = inOnePiece(this.#begin + this.#value)
    return this.#line
  }
}

/** A string put together from others is taken apart each time that it is copied. */
function inOnePiece(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const NOT_A_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/

const MOST_KEPT = 2000
const LONGEST_KEPT = 64
const MOST_PLACES = 64

/**
 * Names of fields that were written before. They repeat: to find one is five times cheaper than to look again at whether
 * it is a token, and two strings for a line are cheaper than four.
 */
export class FieldLines {
  readonly #kinds: ReadonlyMap<string, number>
  readonly #known = new Map<string, FieldLine>()
  /** What stood where in the heads before: mostly it stands there again, and need not be looked for. */
  readonly #places: (FieldLine | null)[] = new Array(MOST_PLACES).fill(null)

  /** @param kinds By names in lower case; each above 0. */
  constructor(kinds: Readonly<Record<string, number>>) {
    this.#kinds = new Map(Object.entries(kinds))
  }

  /**
   * @param name In any case.
   * @param place Of the field among those of its head, from 0.
   * @throws TypeError For what is no name.
   */
  of(name: string, place: number): FieldLine {
    const before = place < MOST_PLACES ? this.#places[place]! : null
    return before !== null && before.name === name ? before : this.#find(name, place)
  }

  #find(name: string, place: number): FieldLine {
    const line = this.#known.get(name) ?? this.#read(name)
    if (place < MOST_PLACES) this.#places[place] = line
    return line
  }

  #read(name: string): FieldLine {
    if (typeof name !== 'string') throw new TypeError('a header is no text')
    if (!TOKEN.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a header`)
    const line = new FieldLine(name, this.#kinds.get(name.toLowerCase()) ?? 0)
    if (this.#known.size < MOST_KEPT && name.length <= LONGEST_KEPT) this.#known.set(name, line)
    return line
  }
}

/** @throws TypeError For what no field can hold. */
export function checkFieldValue(name: string, value: string): void {
  if (typeof value !== 'string') throw new TypeError('a header is no text')
  if (NOT_A_VALUE.test(value)) throw new TypeError(`the value of ${name} has an invalid character`)
}
