import type { IncomingMessage } from 'node:http'

/** The whole body of a message; null for one that breaks off. */
export async function bodyOf(message: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer)
  } catch {
    return null
  }
  return Buffer.concat(chunks)
}
