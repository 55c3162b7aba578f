import { after } from 'node:test'
import type { Cleanup } from './gateway.ts'

/**
 * Ends after the last test of the file what was begun in its `before`, the latest first. To be called at the top of the
 * file: an `after` inside `before` runs as soon as that is done.
 */
export function fileCleanup(): Cleanup {
  const ends: (() => unknown)[] = []
  after(async () => {
    for (const end of ends.reverse()) await end()
  })
  return { after: (end) => void ends.push(end) }
}
