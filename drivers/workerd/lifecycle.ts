import type { DeploymentFacts } from '../../gateway/contract/driver.ts'
import {
  type DeployOrder,
  type Lifecycle,
  type LogLine,
  type LogsWanted,
  type PlatformFunction,
  PlatformRefusal,
  type TellProgress,
} from '../../gateway/contract/lifecycle.ts'
import { folderOf, refuseBeyond } from '../support/deploy-order.ts'
import { type Bundle, collectBundle } from './bundle.ts'
import type { FunctionLogs } from './function-logs.ts'
import type { FunctionStore, Staged } from './function-store.ts'
import { FunctionBroken, ModuleReader } from './module-reader.ts'

/** What the operator lends. */
export interface WorkerdLifecycleHost {
  readonly directory: string
  readonly store: FunctionStore
  readonly logs: FunctionLogs
  /** Does work while nobody looks at the folder. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result>
  /** Has what is in the folder run; resolves when it does, or cannot. */
  refresh(): Promise<void>
  /** Starts code in a process of its own and ends it. @throws StartRefused */
  rehearse(bundle: Bundle): Promise<void>
  /** Organizations that run a function, with the fingerprint of its code. */
  runners(name: string): ReadonlyMap<string, string>
}

const PLATFORM = 'workerd'

/** The functions of a folder: put there, taken away, listed, and what they said. They run one process each: no scaling. */
export class WorkerdLifecycle implements Lifecycle {
  readonly #host: WorkerdLifecycleHost

  constructor(host: WorkerdLifecycleHost) {
    this.#host = host
  }

  async list(): Promise<readonly PlatformFunction[]> {
    const reader = new ModuleReader(this.#host.directory)
    const names = await this.#host.store.names()
    return await Promise.all(
      names.map(async (name) => {
        const runners = this.#host.runners(name).size
        const bundle = await collectBundle(reader, name).catch(() => null)
        // One that no function of the configuration calls does not run, but would.
        return {
          name,
          ready: runners > 0 || bundle !== null,
          replicas: runners,
          limit: null,
          source: bundle?.modules[0]?.name ?? null,
          labels: {},
        }
      }),
    )
  }

  async deploy(
    order: DeployOrder,
    progress: TellProgress,
    signal: AbortSignal,
  ): Promise<'created' | 'updated'> {
    const folder = folderOf(order, PLATFORM)
    refuseBeyond(order, PLATFORM, [])
    const { name, organization } = order.deployment
    const { store } = this.#host
    const tell = (ready: number, detail: string): void => progress({ ready, wanted: 1, detail })
    tell(0, 'checking the code')
    const staged = await written(() => store.stage(folder, name))
    try {
      const bundle = await this.#tried(staged, name)
      signal.throwIfAborted()
      tell(0, 'starting')
      const existed = (await store.names()).includes(name)
      await written(() => this.#host.exclusively(() => store.put(staged, name)))
      await this.#host.refresh()
      const runs = this.#host.runners(name).get(organization)
      if (runs !== bundle.fingerprint)
        throw new PlatformRefusal(
          'failed',
          'The code is in place and does not run: see the log of the gateway.',
        )
      tell(1, 'ready')
      return existed ? 'updated' : 'created'
    } finally {
      await store.discard(staged)
    }
  }

  async remove({ name }: DeploymentFacts): Promise<void> {
    const { store } = this.#host
    if (!(await written(() => this.#host.exclusively(() => store.remove(name)))))
      throw new PlatformRefusal('not-found', `There is no ${name} in the folder of functions.`)
    await this.#host.refresh()
  }

  logs(
    { organization, name }: DeploymentFacts,
    wanted: LogsWanted,
    signal: AbortSignal,
  ): AsyncIterable<LogLine> {
    return this.#host.logs.read(organization, name, wanted, signal)
  }

  /** The code, after it has run: what is put in place can be started. */
  async #tried({ directory }: Staged, name: string): Promise<Bundle> {
    try {
      const bundle = await collectBundle(new ModuleReader(directory), name)
      if (bundle === null) throw new FunctionBroken('the folder has no index.js, .mjs, .ts or .mts')
      await this.#host.rehearse(bundle)
      return bundle
    } catch (error) {
      throw new PlatformRefusal('invalid', `${name} cannot run: ${(error as Error).message}`)
    }
  }
}

/** What cannot be written is told as what it is. */
async function written<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new PlatformRefusal(
      'failed',
      `The folder of functions cannot be written to (${code ?? String(error)}).`,
    )
  }
}
