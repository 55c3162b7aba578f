import type { Log } from '../../gateway/contract/plugin.ts'
import type { LineListener } from './output-lines.ts'
import { readable } from './process-config.ts'

/** Longest text of a function that goes into the log of the gateway. */
const MAX_TEXT = 2000

/** A line of workerd, which writes JSON; `source` stands in those of the runtime itself. */
interface RuntimeLine {
  readonly level: string
  readonly message: string
  readonly source?: string
}

/** Turns the output of a process into entries of the gateway's log, with organization and function. */
export class ProcessLog implements LineListener {
  readonly #log: Log
  readonly #organization: string
  /** First line of the last exception with a stack: the runtime tells each exception several times. */
  #told = ''

  constructor(log: Log, organization: string) {
    this.#log = log
    this.#organization = organization
  }

  line(text: string): void {
    const line = parse(text)
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
    this.#log.warn({ organization: this.#organization }, `uncaught: ${bounded(readable(text))}`)
  }
}

function parse(text: string): RuntimeLine {
  try {
    const line: unknown = JSON.parse(text)
    if (typeof line === 'object' && line !== null && 'message' in line && typeof line.message === 'string') {
      return line as RuntimeLine
    }
  } catch {
    // Cut lines, and what a function writes past its console.
  }
  return { level: 'info', message: text }
}

function bounded(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}
