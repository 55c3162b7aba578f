import { registry } from '../../gateway/built-in.ts'
import { SharedMemory } from '../../gateway/capacity/shared-memory.ts'
import { JwksSources } from '../../gateway/identity/jwks-sources.ts'
import { Authenticators } from '../../gateway/snapshot/authenticators.ts'
import { compileSnapshot } from '../../gateway/snapshot/compile.ts'
import { Invokers } from '../../gateway/snapshot/invokers.ts'
import type { Snapshot } from '../../gateway/snapshot/snapshot.ts'
import { TRANSPORTS } from '../../gateway/transport/open-transport.ts'
import { configuration } from './configuration.ts'

const QUIET = { info() {}, warn() {}, error() {} }

/** A configuration as one thread compiles it. Nothing is reached: its backends need not exist. */
export async function compiled(routes: number, backends: number): Promise<Snapshot> {
  return (await compiledWith(routes, backends, TRANSPORTS.undici)).snapshot
}

/** The same with another way out, and what it was made of. */
export async function compiledWith(routes: number, backends: number, open: typeof TRANSPORTS.undici) {
  const names = Array.from({ length: backends }, (_, i) => `b${i}`)
  const config = await configuration({
    backends: Object.fromEntries(names.map((name) => [name, { driver: 'http', url: 'http://127.0.0.1:9' }])),
    functions: { f: { deployments: names } },
    routes: Array.from({ length: routes }, (_, i) => ({
      path: `/route-${i}/*`,
      function: 'f',
      auth: 'none',
    })),
  })
  const memory = new SharedMemory()
  memory.begin(1)
  const host = {
    ...registry,
    cells: memory,
    threads: 1,
    thread: 0,
    epoch: Date.now(),
    log: QUIET,
    invokers: new Invokers(open, QUIET),
    authenticators: new Authenticators(new JwksSources(QUIET)),
    random: Math.random,
  }
  return { config, memory, snapshot: compileSnapshot(config, 1, host, () => {}) }
}
