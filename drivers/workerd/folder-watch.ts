import { type FSWatcher, watch } from 'node:fs'

/** Milliseconds without an event after which a change is complete: editors write, rename and remove in turn. */
const QUIET_MS = 100

/** Milliseconds between looks that need no event: some file systems give none, and a folder may be swapped for another. */
const LOOK_MS = 2000

/** Says when it is worth reading a folder again. */
export class FolderWatch {
  readonly #onChange: () => void
  #watcher: FSWatcher | null = null
  #quiet: NodeJS.Timeout | null = null
  readonly #look: NodeJS.Timeout

  constructor(directory: string, onChange: () => void) {
    this.#onChange = onChange
    this.#look = setInterval(() => {
      if (this.#watcher === null) this.#open(directory)
      this.#onChange()
    }, LOOK_MS).unref()
    this.#open(directory)
  }

  close(): void {
    clearInterval(this.#look)
    if (this.#quiet !== null) clearTimeout(this.#quiet)
    this.#watcher?.close()
  }

  #open(directory: string): void {
    try {
      const watcher = watch(directory, { recursive: true, persistent: false }, () => this.#changed())
      watcher.on('error', () => {
        watcher.close()
        this.#watcher = null
      })
      this.#watcher = watcher
    } catch {
      this.#watcher = null
    }
  }

  #changed(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#onChange(), QUIET_MS).unref()
  }
}
