import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { ENDINGS } from './bundle.ts'

/** Begins the names of folders in which something is on its way in or out; no function can be called so. */
const PASSING = '.dispatch-'
/** Folder in it with what was replaced, until what replaces it is in place. */
const OLD = 'old'

/** Code that lies beside the functions, not in place yet. */
export interface Staged {
  /** Folder that holds it under the name of the function, as the folder of the functions would. */
  readonly directory: string
}

/**
 * The folder of functions, as something that is changed. What is put there is complete before it is seen; what it
 * replaces goes in the same turn.
 */
export class FunctionStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Copies code next to the functions, where it can be tried. */
  async stage(folder: string, name: string): Promise<Staged> {
    const directory = await mkdtemp(join(this.#directory, PASSING))
    try {
      await cp(folder, join(directory, name), { recursive: true })
      return { directory }
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      throw error
    }
  }

  /** Puts staged code in the place of whatever the function was before. Nobody may look at the folder meanwhile. */
  async put({ directory }: Staged, name: string): Promise<void> {
    await this.#moveOut(name, directory)
    try {
      await rename(join(directory, name), join(this.#directory, name))
    } catch (error) {
      await this.#moveBack(directory)
      throw error
    }
  }

  /** Takes a function away. @returns False when there is none. */
  async remove(name: string): Promise<boolean> {
    const directory = await mkdtemp(join(this.#directory, PASSING))
    try {
      return (await this.#moveOut(name, directory)) > 0
    } finally {
      await this.discard({ directory })
    }
  }

  async discard({ directory }: Staged): Promise<void> {
    await rm(directory, { recursive: true, force: true })
  }

  /** Names of all functions in the folder, in order. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.#directory, { withFileTypes: true })
    const names = new Set<string>()
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const ending = extname(entry.name)
      if (ENDINGS.includes(ending)) names.add(entry.name.slice(0, -ending.length))
      else if (await this.#isFunction(entry.name)) names.add(entry.name)
    }
    return [...names].sort()
  }

  /** Ends what a gateway that died was about: what was being replaced is there again. */
  async recover(): Promise<void> {
    const entries = await readdir(this.#directory).catch(() => [])
    for (const name of entries.filter((each) => each.startsWith(PASSING))) {
      const directory = join(this.#directory, name)
      await this.#moveBack(directory)
      await this.discard({ directory })
    }
  }

  /** @returns How many files and folders that was. */
  async #moveOut(name: string, directory: string): Promise<number> {
    const old = join(directory, OLD)
    await mkdir(old)
    const found = (await this.#isFunction(name)) ? [name] : []
    const all = await readdir(this.#directory)
    found.push(...ENDINGS.map((ending) => `${name}${ending}`).filter((file) => all.includes(file)))
    for (const each of found) await rename(join(this.#directory, each), join(old, each))
    return found.length
  }

  async #moveBack(directory: string): Promise<void> {
    const old = join(directory, OLD)
    for (const each of await readdir(old).catch(() => [])) {
      // Does not replace a folder with something in it: what is in place by now stays.
      await rename(join(old, each), join(this.#directory, each)).catch(() => {})
    }
  }

  /** Whether it is a folder with an `index`. */
  async #isFunction(name: string): Promise<boolean> {
    const files: string[] = await readdir(join(this.#directory, name)).catch(() => [])
    return ENDINGS.some((ending) => files.includes(`index${ending}`))
  }
}
