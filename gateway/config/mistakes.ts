import { GatewayError } from '../contract/errors.ts'
import { type Excerpt, excerptOf } from './excerpt.ts'
import type { Located, Path, Place } from './written.ts'

/** One thing that is wrong in a configuration file. No field ever holds a secret. */
export interface Mistake {
  /** A warning does not keep the configuration from being used. */
  readonly level: 'error' | 'warning'
  /** The file as it was named by the caller. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** JSON Pointer (RFC 6901) to the value; empty for the whole file. */
  readonly pointer: string
  /** The same for people: `routes[0].auth`; empty for the whole file. */
  readonly path: string
  /** What is wrong. */
  readonly message: string
  /** What would be right, or null when the message says it. */
  readonly expected: string | null
  /** What was probably meant, as one would write it. */
  readonly suggestion: string | null
  /** The line of the file with secrets masked, or null when there is nothing to show. */
  readonly excerpt: Excerpt | null
}

/** What is said about a place. */
export interface Remark {
  readonly message: string
  readonly expected?: string | null
  readonly suggestion?: string | null
  readonly level?: Mistake['level']
}

/** The configuration cannot be used; holds every mistake at once. */
export class ConfigInvalid extends GatewayError {
  /** At least one; in the order of the file. */
  readonly mistakes: readonly Mistake[]
  readonly warnings: readonly Mistake[]

  constructor(mistakes: readonly Mistake[], warnings: readonly Mistake[] = []) {
    const first = mistakes[0]!
    const where = `${first.file}:${first.line}:${first.column} ${first.path}`.trimEnd()
    const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : ''
    super('GW_CONFIG_INVALID', { detail: `${where}: ${first.message}${more}` })
    this.name = 'ConfigInvalid'
    this.mistakes = mistakes
    this.warnings = warnings
  }
}

/** More than anybody reads. */
const MOST = 1000

/** Collects what is wrong in one file. */
export class Mistakes {
  readonly #file: string
  readonly #text: string
  readonly #lineStarts: readonly number[]
  readonly #found: { readonly at: Located; readonly remark: Remark }[] = []
  readonly #hidden: Place[] = []

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
    this.#lineStarts = lineStartsOf(text)
  }

  get hasErrors(): boolean {
    return this.#found.some(({ remark }) => remark.level !== 'warning')
  }

  /** There are so many that no more are taken. */
  get isFull(): boolean {
    return this.#found.length >= MOST
  }

  get count(): number {
    return this.#found.length
  }

  add(at: Located, remark: Remark): void {
    if (this.#found.length < MOST) this.#found.push({ at, remark })
  }

  /** Line of a place, from 1. */
  lineOf({ place }: Located): number {
    return this.#lineAt(place.start) + 1
  }

  /** This piece of the file is never shown. */
  hide(place: Place): void {
    if (place.end > place.start) this.#hidden.push(place)
  }

  /** Drops what was found after `count` was read: another reading of the same place was right. */
  forgetSince(count: number): void {
    this.#found.length = count
  }

  /** Everything found, in the order of the file. */
  list(): Mistake[] {
    const sorted = this.#found.toSorted((a, b) => a.at.place.start - b.at.place.start)
    const hidden = this.#hidden.toSorted((a, b) => a.start - b.start)
    return sorted.map(({ at, remark }) => this.#mistake(at, remark, hidden))
  }

  /** Everything found, to be thrown; at least one is an error. */
  toError(): ConfigInvalid {
    const all = this.list()
    const errors = all.filter(({ level }) => level === 'error')
    const warnings = all.filter(({ level }) => level === 'warning')
    return new ConfigInvalid(errors, warnings)
  }

  #mistake({ place, path }: Located, remark: Remark, hidden: readonly Place[]): Mistake {
    const line = this.#lineAt(place.start)
    const start = this.#lineStarts[line]!
    const end = this.#lineStarts[line + 1] ?? this.#text.length
    return {
      level: remark.level ?? 'error',
      file: this.#file,
      line: line + 1,
      column: place.start - start + 1,
      pointer: pointerOf(path),
      path: pathFor(path),
      message: printable(remark.message),
      expected: remark.expected ? printable(remark.expected) : null,
      suggestion: isWritable(remark.suggestion) ? remark.suggestion : null,
      excerpt: excerptOf(this.#text, { start, end }, place.start, hidden),
    }
  }

  #lineAt(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#lineStarts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** JSON Pointer (RFC 6901). */
export function pointerOf(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** `routes[0].plugins.cors`, with quotes around keys that would be misread. */
export function pathFor(path: Path): string {
  const parts = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`
    return /^[\w*-]{1,80}$/.test(key) ? `.${key}` : `[${quote(key)}]`
  })
  return parts.join('').replace(/^\./, '')
}

/** A value of the file inside a message: in quotes, on one line, without control characters, at most 60 characters. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text
  return JSON.stringify(short.toWellFormed()).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?')
}

/** Names from the file, and what modules throw, may hold anything. */
function printable(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '?').slice(0, 1000)
}

/** Whether somebody could write it: made from the file, a suggestion can be anything. */
function isWritable(suggestion: string | null | undefined): suggestion is string {
  return (
    typeof suggestion === 'string' && suggestion.length <= 200 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(suggestion)
  )
}

function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
