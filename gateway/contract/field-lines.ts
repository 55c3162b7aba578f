/** A name of a field as it stands at the beginning of a line, and what whoever writes heads has to know of it. */
export interface FieldLine {
  /** The end of the line before, the name, the colon. */
  readonly begin: string
  /** As it was given for the name in lower case, 0 for all other names. */
  readonly kind: number
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const NOT_A_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/

const MOST_KEPT = 2000
const LONGEST_KEPT = 64

/**
 * Names of fields that were written before. They repeat: to find one is five times cheaper than to look again at whether
 * it is a token, and two strings for a line are cheaper than four.
 */
export class FieldLines {
  readonly #kinds: ReadonlyMap<string, number>
  readonly #known = new Map<string, FieldLine>()

  /** @param kinds By names in lower case; each above 0. */
  constructor(kinds: Readonly<Record<string, number>>) {
    this.#kinds = new Map(Object.entries(kinds))
  }

  /** @param name In any case. @throws TypeError For what is no name. */
  of(name: string): FieldLine {
    return this.#known.get(name) ?? this.#read(name)
  }

  #read(name: string): FieldLine {
    if (typeof name !== 'string') throw new TypeError('a header is no text')
    if (!TOKEN.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a header`)
    const line = { begin: `\r\n${name}: `, kind: this.#kinds.get(name.toLowerCase()) ?? 0 }
    if (this.#known.size < MOST_KEPT && name.length <= LONGEST_KEPT) this.#known.set(name, line)
    return line
  }
}

/** @throws TypeError For what no field can hold. */
export function checkFieldValue(name: string, value: string): void {
  if (typeof value !== 'string') throw new TypeError('a header is no text')
  if (NOT_A_VALUE.test(value)) throw new TypeError(`the value of ${name} has an invalid character`)
}
