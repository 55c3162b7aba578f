import type { Log } from '../../gateway/contract/plugin.ts'
import type { LineListener } from './output-lines.ts'
import { parseLine, type RuntimeLine, readable } from './runtime-words.ts'

/** Longest text of a function that goes into the log of the gateway. */
const MAX_TEXT = 2000

/** Is given what is said: of a function, or of none where the runtime speaks of all. */
export type Listener = (functionName: string | null, text: string) => void

/** Turns the output of a process into entries of the gateway's log, with organization and function. */
export class ProcessLog implements LineListener {
  readonly #log: Log
  readonly #organization: string
  readonly #listener: Listener
  /** First line of the last exception with a stack: the runtime tells each exception several times. */
  #told = ''

  constructor(log: Log, organization: string, listener: Listener = () => {}) {
    this.#log = log
    this.#organization = organization
    this.#listener = listener
  }

  line(text: string): void {
    const line = parseLine(text)
    if (line.source === undefined) this.#function(line)
    else this.#runtime(line)
  }

  dropped(count: number): void {
    this.#log.warn(
      { organization: this.#organization, lines: count },
      'functions log too much: lines dropped',
    )
  }

  #function(line: RuntimeLine): void {
    const match = /^\[([\w.-]+)\] ?(.*)$/s.exec(line.message)
    const fields = { organization: this.#organization, function: match?.[1] }
    const said = bounded(match?.[2] ?? line.message)
    this.#listener(match?.[1] ?? null, said)
    if (line.level === 'warn' || line.level === 'error') this.#log.warn(fields, said)
    else this.#log.info(fields, said)
  }

  #runtime({ level, message }: RuntimeLine): void {
    const stack = /^uncaught exception; source = [^;]*; stack = (.*)$/s.exec(message)?.[1]
    if (stack !== undefined) {
      this.#told = stack.split('\n')[0]!
      this.#warn(stack)
      return
    }
    if (level === 'info') return
    const plain = message.replace(/\nstack: .*$/s, '').replace(/^Uncaught exception: (\S+: )?/, '')
    const bare = plain.replace(/^.*?(remote\.)?jsg\./, '')
    if (bare !== this.#told) this.#warn(bare)
    this.#told = ''
  }

  #warn(text: string): void {
    const said = `uncaught: ${bounded(readable(text))}`
    this.#listener(null, said)
    this.#log.warn({ organization: this.#organization }, said)
  }
}

function bounded(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}
