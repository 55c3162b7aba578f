import type { PluginHost } from '../../../gateway/contract/plugin.ts'
import { Rejection, Reply } from '../../../gateway/contract/rejection.ts'

/** Memory by name that threads can share: give it to another thread, and plugins there get the same. */
export type Memory = Map<string, SharedArrayBuffer>

export function pluginHost(memory: Memory = new Map()): PluginHost {
  return {
    shared(name, words) {
      const known = memory.get(name) ?? new SharedArrayBuffer(4 * words)
      memory.set(name, known)
      return new Int32Array(known)
    },
    reject: (code, detail, headers) => new Rejection(code, detail, headers),
    reply: (status, headers, body) => new Reply(status, headers, body),
    log: { info() {}, warn() {}, error() {} },
  }
}
