import { access } from 'node:fs/promises'
import type { Log } from '../../gateway/contract/plugin.ts'
import { type Bundle, collectBundle } from './bundle.ts'
import { FunctionBroken, ModuleReader } from './module-reader.ts'

/** What the folder holds of one function. */
export interface Found {
  /** Its code as it is now, or as it was when it last could be run; null when it never could. */
  readonly bundle: Bundle | null
  /** True when there is no file of that name. */
  readonly missing: boolean
}

/** The folder of functions: tells what is in it, and what is wrong with it, once. */
export class FunctionFolder {
  readonly #directory: string
  readonly #log: Log
  readonly #reader: ModuleReader
  #found: ReadonlyMap<string, Found> = new Map()
  /** What was last said of each function and, under the empty name, of the folder. */
  readonly #said = new Map<string, string>()

  constructor(directory: string, log: Log) {
    this.#directory = directory
    this.#log = log
    this.#reader = new ModuleReader(directory)
  }

  /** Looks for functions by name. As long as the folder itself is away nothing changes. */
  async look(names: Iterable<string>): Promise<ReadonlyMap<string, Found>> {
    try {
      await access(this.#directory)
      this.#say('', '')
    } catch {
      this.#say('', 'the folder of functions cannot be read; they are left as they are')
      return this.#found
    }
    const found = new Map<string, Found>()
    for (const name of names) found.set(name, await this.#lookFor(name))
    this.#found = found
    this.#reader.forgetUnused()
    return found
  }

  async #lookFor(name: string): Promise<Found> {
    try {
      const bundle = await collectBundle(this.#reader, name)
      const missing = bundle === null
      this.#say(name, missing ? `there is no ${name}.js, .mjs, .ts, .mts, and no ${name}/index of these` : '')
      return { bundle, missing }
    } catch (error) {
      if (!(error instanceof FunctionBroken)) throw error
      this.#say(name, `cannot run: ${error.message}`)
      return { bundle: this.#found.get(name)?.bundle ?? null, missing: false }
    }
  }

  #say(name: string, message: string): void {
    if ((this.#said.get(name) ?? '') === message) return
    this.#said.set(name, message)
    if (message !== '') this.#log.error(name === '' ? {} : { function: name }, message)
  }
}
