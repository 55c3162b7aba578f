import assert from 'node:assert/strict'
import { readdirSync, readlinkSync } from 'node:fs'

/** Why processes cannot be found here, for `skip`; false where they can. */
export const NO_PROCESS_LIST =
  process.platform === 'linux' ? false : 'finds processes in /proc, which only Linux has'

/** Id of the one process that works in this folder. */
export function processIn(folder: string): number {
  const found = readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readlinkSync(`/proc/${entry}/cwd`) === folder
    } catch {
      return false
    }
  })
  assert.equal(found.length, 1, `processes in ${folder}`)
  return Number(found[0])
}
