import { HeldByKey } from '../../../gateway/capacity/held-by-key.ts'
import type { PluginHost } from '../../../gateway/contract/plugin.ts'
import { Rejection, Reply } from '../../../gateway/contract/rejection.ts'
import { HeldCounts } from '../../../gateway/snapshot/held-counts.ts'

/** Memory by name that threads can share: give it to another thread, and plugins there get the same. */
export type Memory = Map<string, SharedArrayBuffer>

/** @param threads Number of threads that the plugin runs on. @param thread Index of this one. */
export function pluginHost(memory: Memory = new Map(), threads = 1, thread = 0): PluginHost {
  const claim = (name: string, words: number) => {
    const known = memory.get(name) ?? new SharedArrayBuffer(4 * words)
    memory.set(name, known)
    return new Int32Array(known)
  }
  return {
    shared: claim,
    held: (name, keys) => new HeldCounts(HeldByKey.claim({ claim }, name, keys, threads, thread)),
    reject: (code, detail, headers) => new Rejection(code, detail, headers),
    reply: (status, headers, body) => new Reply(status, headers, body),
    log: { info() {}, warn() {}, error() {} },
  }
}
