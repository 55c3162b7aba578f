import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PlatformRefusal } from '../contract/lifecycle.ts'
import type { OrderFile } from '../management/lifecycle-host.ts'

const MOST_FILES = 5000
const LONGEST_PATH = 512
/** Segments of a path: nothing that leads elsewhere, and nothing that a system or a terminal takes for something else. */
const SEGMENT = /^(?!\.{1,2}$)[^\p{Cc}\p{Cs}\\/:*?"<>|]{1,255}$/u

/**
 * A folder of our own with the code of an order, while a driver uses it. Removed afterwards, whatever comes.
 *
 * @param files Null gives null: there is an image.
 * @throws PlatformRefusal `invalid` When the files cannot be.
 */
export async function withOrderFolder<Result>(
  files: readonly OrderFile[] | null,
  use: (folder: string | null) => Promise<Result>,
): Promise<Result> {
  if (files === null) return use(null)
  check(files)
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-order-'))
  try {
    for (const file of files) await write(folder, file)
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function check(files: readonly OrderFile[]): void {
  if (files.length === 0) throw new PlatformRefusal('invalid', 'The folder is empty.')
  if (files.length > MOST_FILES)
    throw new PlatformRefusal('invalid', `The folder has more than ${MOST_FILES} files.`)
  const paths = new Set<string>()
  for (const { path } of files) {
    const isFine = path.length <= LONGEST_PATH && path.split('/').every((segment) => SEGMENT.test(segment))
    if (!isFine) throw new PlatformRefusal('invalid', `${JSON.stringify(path)} is no path of a file.`)
    // Where case does not count, two would be one.
    const key = path.normalize('NFC').toLowerCase()
    if (paths.has(key)) throw new PlatformRefusal('invalid', `${path} is there twice.`)
    paths.add(key)
  }
}

async function write(folder: string, { path, content, executable }: OrderFile): Promise<void> {
  const file = join(folder, path)
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, Buffer.from(content, 'base64'), { flag: 'wx', mode: executable ? 0o700 : 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST' && code !== 'ENOTDIR' && code !== 'EISDIR') throw error
    throw new PlatformRefusal('invalid', `${path} is a file and a folder.`)
  }
}
