import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const NAME = '.dispatch'

/**
 * The folder `.dispatch/` beside a configuration file: what the gateway made for itself, such as development keys.
 * Nobody but its owner may read it (folder 0700, files 0600). Deleting it is safe: the next start makes a new one.
 */
export class StateDirectory {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  path(name: string): string {
    return join(this.directory, name)
  }

  /** Content of a file, or null when there is none. */
  async read(name: string): Promise<string | null> {
    try {
      return await readFile(this.path(name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  /** Replaces a file at once: a reader sees the old content or the new one, never a part. */
  async write(name: string, content: string): Promise<void> {
    const draft = await this.#draft(name, content)
    await rename(draft, this.path(name))
  }

  /** Content of a file that is made once. Of several processes that start together one makes it, all read the same. */
  async readOrCreate(name: string, make: () => string | Promise<string>): Promise<string> {
    const found = await this.read(name)
    if (found !== null) return found
    const draft = await this.#draft(name, await make())
    try {
      await link(draft, this.path(name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      await rm(draft)
    }
    return readFile(this.path(name), 'utf8')
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true })
  }

  async #draft(name: string, content: string): Promise<string> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 })
    const draft = this.path(`${name}.${randomBytes(6).toString('hex')}.new`)
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' })
    return draft
  }
}

/**
 * State that belongs to the configuration in this folder. Reads and writes nothing yet; the folder is made with its
 * first file.
 */
export function stateDirectoryOf(configDirectory: string): StateDirectory {
  return new StateDirectory(join(configDirectory, NAME))
}
