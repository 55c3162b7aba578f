import { isUtf8 } from 'node:buffer'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { type Zippable, zipSync } from 'fflate'
import { PlatformRefusal } from '../../gateway/contract/lifecycle.ts'

/** The platform takes 48 MB of code (docs/reference.md). */
const MOST_BYTES = 48 * 1024 * 1024

/** Unix, and its permissions of a file, as zip archives have them. */
const UNIX = 3
const FILE = 0o100000
const PERMISSIONS_SHIFT = 16
/** Archives tell no time, so that the same code is the same archive. */
const TIME = new Date(Date.UTC(1980, 0, 2))

/** Code as an action holds it. */
export interface ActionCode {
  readonly code: string
  /** True for base64. */
  readonly binary: boolean
}

/**
 * The code of a folder: one file of text as it is, anything else as an archive.
 *
 * @throws PlatformRefusal `invalid`, for a folder without files, or with more than the platform takes.
 */
export async function codeOf(folder: string): Promise<ActionCode> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  if (paths.length === 0) throw new PlatformRefusal('invalid', 'The folder has no files.')
  if (paths.length === 1) {
    const content = await readFile(paths[0]!)
    if (isUtf8(content)) return checked({ code: content.toString(), binary: false })
  }
  const files: Zippable = {}
  let bytes = 0
  for (const path of paths.sort()) {
    const content = await readFile(path)
    bytes += content.length
    // Packed it may be much less; nothing that large is worth the try.
    if (bytes > 8 * MOST_BYTES) throw tooLarge()
    const { mode } = await stat(path)
    const attrs = (FILE | (mode & 0o777)) << PERMISSIONS_SHIFT
    files[relative(folder, path).replaceAll(sep, '/')] = [content, { os: UNIX, attrs, mtime: TIME }]
  }
  const archive = zipSync(files)
  return checked({ code: Buffer.from(archive).toString('base64'), binary: true })
}

function checked(code: ActionCode): ActionCode {
  if (code.code.length > MOST_BYTES) throw tooLarge()
  return code
}

function tooLarge(): PlatformRefusal {
  return new PlatformRefusal('invalid', 'The code has more than the 48 MB that OpenWhisk takes.')
}
