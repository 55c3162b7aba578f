import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MOST_CODE_BYTES } from '../management/deploy-body.ts'
import type { OrderFile } from '../management/lifecycle-host.ts'
import { Failure, usageFailure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** What is never meant when a folder is named. */
const LEFT_OUT = new Set(['.git', '.DS_Store', 'Thumbs.db'])
const MOST_FILES = 5000
/** A link to a folder above would go round for ever. */
const DEEPEST = 32

/**
 * All files of a folder, as an order brings them along.
 *
 * @throws Failure When it is not there, or more than may be sent.
 */
export async function readFolder(named: string, { cwd }: Pick<Terminal, 'cwd'>): Promise<OrderFile[]> {
  const folder = resolve(cwd, named)
  const facts = await stat(folder).catch(() => null)
  if (facts === null || !facts.isDirectory()) throw usageFailure(`there is no folder ${named}`)
  const files: OrderFile[] = []
  let bytes = 0
  const read = async (path: string, depth: number): Promise<void> => {
    if (depth > DEEPEST) throw new Failure(`${path} lies deeper than ${DEEPEST} folders`)
    const names = (await readdir(join(folder, path))).filter((name) => !LEFT_OUT.has(name)).sort()
    for (const name of names) {
      const below = path === '' ? name : `${path}/${name}`
      const found = await stat(join(folder, below))
      if (found.isDirectory()) {
        await read(below, depth + 1)
        continue
      }
      if (!found.isFile()) throw new Failure(`${below} is neither a file nor a folder`)
      bytes += found.size
      if (bytes > MOST_CODE_BYTES || files.length === MOST_FILES)
        throw new Failure(
          `${named} has more than ${MOST_CODE_BYTES / 1024 / 1024} MiB or ${MOST_FILES} files`,
        )
      const content = await readFile(join(folder, below), 'base64')
      files.push({ path: below, content, executable: (found.mode & 0o100) !== 0 })
    }
  }
  await read('', 0)
  return files
}
