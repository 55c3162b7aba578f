import type { Writable } from 'node:stream'
import type { DeployProgress } from '../contract/lifecycle.ts'
import { printable } from './printable.ts'

/** Shows how far something is: on a terminal in one line that changes, elsewhere a line for each change. */
export class ProgressDisplay {
  readonly #output: Writable
  readonly #isTerminal: boolean
  readonly #columns: number
  #shown = ''

  constructor(output: Writable) {
    const { isTTY, columns } = output as { isTTY?: boolean; columns?: number }
    this.#output = output
    this.#isTerminal = isTTY === true
    this.#columns = columns ?? 80
  }

  show({ ready, wanted, detail }: DeployProgress): void {
    const text = printable(`${counted(ready, wanted)}${detail}`)
    if (text === this.#shown) return
    this.#shown = text
    if (this.#isTerminal) this.#output.write(`\r${CLEAR}${text.slice(0, this.#columns - 1)}`)
    else this.#output.write(`${text}\n`)
  }

  /** Takes the changing line away, so that what is printed next stands where it stood. */
  end(): void {
    if (this.#isTerminal && this.#shown !== '') this.#output.write(`\r${CLEAR}`)
  }
}

/** Erases from the cursor to the end of the line (ECMA-48, EL). */
const CLEAR = '\u001b[K'

function counted(ready: number, wanted: number | null): string {
  return wanted === null ? '' : `${ready} of ${wanted} ready: `
}
