import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One folder of the public test data, which lives beside the repository and not in it. */
export class Corpus {
  readonly #folder: string
  /** For `test`: runs where the data is there, else says why it is skipped. */
  readonly options: { readonly skip: string | false }

  constructor(name: string) {
    this.#folder = join(import.meta.dirname, '../../../../shared/corpora', name)
    this.options = { skip: existsSync(this.#folder) ? false : `../shared/corpora/${name} is not there` }
  }

  /** Names of the files in a folder, those in folders below it included. */
  list(folder = '.'): string[] {
    const entries = readdirSync(join(this.#folder, folder), { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile() && entry.name !== 'LICENSE')
    return files.map((entry) => join(entry.parentPath, entry.name).slice(this.#folder.length + 1)).sort()
  }

  bytes(file: string): Buffer {
    return readFileSync(join(this.#folder, file))
  }

  json(file: string): unknown {
    return JSON.parse(this.bytes(file).toString())
  }
}
