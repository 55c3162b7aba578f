import { type FSWatcher, realpathSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Editors write a file in several steps; one change is what happened within this time. */
const SETTLE_MS = 100

/**
 * Calls back after a file was changed or replaced. Watches the folder, because editors and configuration maps
 * replace the file itself.
 *
 * @returns Ends it.
 */
export function watchFile(file: string, changed: () => void, failed: (error: Error) => void): () => void {
  let timer: NodeJS.Timeout | null = null
  const settle = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(changed, SETTLE_MS)
  }
  const watchers: FSWatcher[] = []
  const watchFolder = (path: string): void => {
    const name = basename(path)
    const watcher = watch(dirname(path), { persistent: false }, (_event, touched) => {
      // A mounted folder of Kubernetes is swapped as a whole, by a link named ..data.
      if (touched === null || touched === name || touched === '..data') settle()
    })
    watcher.on('error', failed)
    watchers.push(watcher)
  }
  try {
    watchFolder(file)
    // A link may stay while what it leads to changes.
    const target = realpathSync(file)
    if (target !== file) watchFolder(target)
  } catch (error) {
    failed(error as Error)
  }
  return () => {
    for (const watcher of watchers) watcher.close()
    if (timer !== null) clearTimeout(timer)
  }
}
