import type { LogLine, LogsWanted } from '../../gateway/contract/lifecycle.ts'

/** Characters and lines that are kept of one function, and characters of all. */
const MOST_CHARACTERS = 256 * 1024
const MOST_LINES = 2000
const MOST_OF_ALL = 32 * 1024 * 1024
/** What a line takes beside its text. */
const LINE_COST = 64

interface Kept extends LogLine {
  /** Counts the lines of the Backend. */
  readonly number: number
}

/** What the functions of a Backend said last: the oldest lines of each go first, so that it is bounded. */
export class FunctionLogs {
  /** By organization and function; what the runtime says of a whole organization stands under its name alone. */
  readonly #rings = new Map<string, Ring>()
  #count = 0
  /** Wakes who waits for more. */
  readonly #waiting = new Set<() => void>()

  /**
   * Keeps a line.
   *
   * @param functionName Null for what the runtime says of the organization.
   */
  keep(organization: string, functionName: string | null, text: string): void {
    const key = keyOf(organization, functionName)
    let ring = this.#rings.get(key)
    if (ring === undefined) {
      ring = new Ring()
      this.#rings.set(key, ring)
    }
    const instance = functionName === null ? 'runtime' : null
    ring.keep({ number: this.#count++, timeMs: Date.now(), instance, text }, this.#mostEach)
    for (const wake of this.#waiting) wake()
  }

  /** Forgets the functions that are none of these. */
  forgetBut(functions: Iterable<{ readonly organization: string; readonly name: string }>): void {
    const kept = new Set<string>()
    for (const { organization, name } of functions) {
      kept.add(keyOf(organization, name)).add(keyOf(organization, null))
    }
    for (const key of this.#rings.keys()) if (!kept.has(key)) this.#rings.delete(key)
  }

  /** The lines of a function, among them those of the runtime; a reader that is too slow misses the oldest. */
  async *read(
    organization: string,
    functionName: string,
    { follow, tail, sinceMs }: LogsWanted,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    let wake = (): void => {}
    const abort = (): void => wake()
    signal.addEventListener('abort', abort, { once: true })
    try {
      let lines = this.#after(-1, organization, functionName)
      if (sinceMs !== null) lines = lines.filter(({ timeMs }) => timeMs! >= sinceMs)
      if (tail !== null) lines = tail === 0 ? [] : lines.slice(-tail)
      let last = this.#count - 1
      for (;;) {
        for (const { timeMs, instance, text } of lines) {
          if (signal.aborted) return
          yield { timeMs, instance, text }
        }
        while (follow && !signal.aborted && this.#count - 1 === last) {
          await new Promise<void>((resolve) => {
            wake = resolve
            this.#waiting.add(wake)
          })
          this.#waiting.delete(wake)
        }
        if (!follow || signal.aborted) return
        lines = this.#after(last, organization, functionName)
        last = this.#count - 1
      }
    } finally {
      signal.removeEventListener('abort', abort)
      this.#waiting.delete(wake)
    }
  }

  #after(number: number, organization: string, functionName: string): Kept[] {
    const lines = [keyOf(organization, functionName), keyOf(organization, null)].flatMap(
      (key) => this.#rings.get(key)?.after(number) ?? [],
    )
    return lines.sort((one, other) => one.number - other.number)
  }

  get #mostEach(): number {
    return Math.min(MOST_CHARACTERS, Math.floor(MOST_OF_ALL / this.#rings.size))
  }
}

/** The last lines of one function. */
class Ring {
  #lines: Kept[] = []
  #characters = 0

  keep(line: Kept, mostCharacters: number): void {
    this.#lines.push(line)
    this.#characters += costOf(line)
    let gone = 0
    while (
      gone < this.#lines.length &&
      (this.#lines.length - gone > MOST_LINES || this.#characters > mostCharacters)
    ) {
      this.#characters -= costOf(this.#lines[gone++]!)
    }
    if (gone > 0) this.#lines = this.#lines.slice(gone)
  }

  after(number: number): Kept[] {
    return this.#lines.filter((line) => line.number > number)
  }
}

function costOf({ text }: Kept): number {
  return text.length + LINE_COST
}

function keyOf(organization: string, functionName: string | null): string {
  return functionName === null ? organization : `${organization}/${functionName}`
}
