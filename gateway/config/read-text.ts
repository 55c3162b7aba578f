import { open } from 'node:fs/promises'
import { Mistakes } from './mistakes.ts'

/** A file of ten thousand routes has about two. */
const MAX_BYTES = 10 * 1024 * 1024

/**
 * The text of a configuration file.
 *
 * @throws ConfigInvalid When it is not there, too large, or not UTF-8.
 */
export async function readText(file: string): Promise<string> {
  const refuse = (message: string, expected: string | null = null) => {
    const mistakes = new Mistakes(file, '')
    mistakes.add({ place: { start: 0, end: 0 }, path: [] }, { message, expected })
    return mistakes.toError()
  }
  const bytes = await readBytes(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw refuse('there is no such file', 'the path of a configuration file')
    if (error.code === 'EISDIR') throw refuse('this is a folder', 'the path of a configuration file')
    throw refuse(`the file cannot be read (${error.code ?? error.message})`)
  })
  if (bytes === null) throw refuse('the file is larger than 10 MiB', 'a smaller file')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // UTF-16 often passes as UTF-8 with a NUL in every second place.
    if (!text.includes('\0')) return text
  } catch {
    // Told below.
  }
  throw refuse('the file is not text in UTF-8', 'YAML or JSON, saved as UTF-8')
}

/** Null when there are too many. Reads no more than that, whatever size the file claims to have. */
async function readBytes(file: string): Promise<Buffer | null> {
  const handle = await open(file)
  try {
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of handle.createReadStream({ end: MAX_BYTES, autoClose: false })) {
      chunks.push(chunk)
      length += chunk.length
    }
    return length > MAX_BYTES ? null : Buffer.concat(chunks)
  } finally {
    await handle.close()
  }
}
