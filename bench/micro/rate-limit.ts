import type { Call } from '../../gateway/contract/call.ts'
import type { PluginHost } from '../../gateway/contract/plugin.ts'
import { Rejection, Reply } from '../../gateway/contract/rejection.ts'
import { rateLimit } from '../../gateway/plugins/rate-limit.ts'
import type { Micro } from './micro.ts'

/** What does it cost to count a call against the limit of its principal? */
export const micro: Micro = {
  name: 'rate limit',
  prepare() {
    const options = {
      limit: 1_000_000,
      window: 60_000,
      by: 'principal',
      also: [],
      keys: null,
      announce: true,
    } as const
    const { access } = bound(rateLimit(Date.now).create({ ...options, also: [] }, HOST))
    const calls = Array.from({ length: 64 }, (_, i) => ({ principal: { key: `issuer subject-${i}` } }))
    // Of a call it looks at the key of the principal alone.
    return (i) => (access(calls[i & 63] as unknown as Call) === undefined ? 1 : Number.NaN)
  },
}

function bound(plugin: ReturnType<ReturnType<typeof rateLimit>['create']>) {
  return { access: (call: Call) => plugin.access!(call) }
}

const HOST: PluginHost = {
  shared: (_name, words) => new Int32Array(new SharedArrayBuffer(4 * words)),
  held: () => ({ tryHold: () => true, held: () => 0 }),
  reject: (code, detail, headers) => new Rejection(code, detail, headers),
  reply: (status, headers, body) => new Reply(status, headers, body),
  log: { info() {}, warn() {}, error() {} },
}
