import { mkdtemp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type {
  DeploymentFacts,
  DeploymentState,
  Operator,
  OperatorHost,
  ProbeResult,
} from '../../gateway/contract/driver.ts'
import type { WorkerdOptions } from '../workerd.ts'
import type { Bundle } from './bundle.ts'
import type { WorkerdFacts } from './facts.ts'
import { FolderWatch } from './folder-watch.ts'
import { type Found, FunctionFolder } from './function-folder.ts'
import { FunctionLogs } from './function-logs.ts'
import { FunctionStore } from './function-store.ts'
import { WorkerdLifecycle } from './lifecycle.ts'
import { Lifeline } from './lifeline.ts'
import { OrganizationRuntime, type RuntimeHost } from './organization-runtime.ts'
import { ProcessLog } from './process-log.ts'
import { rehearse } from './rehearse.ts'

/** Milliseconds in which functions that left the configuration still run: calls go by the old one until all threads have the new one. */
const LINGER_MS = 3000

/** Milliseconds at the start in which nothing is announced unless all is: facts of an operator before may still be true. */
const HUSH_MS = 1000

/** Runs the functions of a folder: one workerd per organization, replaced when the code changes. */
export class WorkerdOperator implements Operator {
  readonly #options: WorkerdOptions
  readonly #host: OperatorHost
  readonly #folder: FunctionFolder
  readonly #store: FunctionStore
  readonly #logs = new FunctionLogs()
  readonly lifecycle: WorkerdLifecycle
  readonly #runtimes = new Map<string, OrganizationRuntime>()
  #deployments: readonly DeploymentFacts[]
  #lingering: NodeJS.Timeout | null = null
  #found: ReadonlyMap<string, Found> = new Map()
  #runtimeHost: RuntimeHost | null = null
  #lifeline: Lifeline | null = null
  #watch: FolderWatch | null = null
  #looking: Promise<unknown> = Promise.resolve()
  #announced = ''
  #hushed = true
  #closed = false

  constructor(options: WorkerdOptions, host: OperatorHost) {
    this.#options = options
    this.#host = host
    this.#deployments = host.deployments
    this.#folder = new FunctionFolder(options.directory, host.log)
    this.#store = new FunctionStore(options.directory)
    this.lifecycle = new WorkerdLifecycle({
      directory: options.directory,
      store: this.#store,
      logs: this.#logs,
      exclusively: (work) => this.#exclusively(work),
      refresh: () => this.#refresh(),
      rehearse: (bundle) => rehearse(bundle, this.#runtimeHost),
      runners: (name) => this.#runners(name),
    })
  }

  /** @throws Error When this machine has no workerd. */
  async open(): Promise<void> {
    if (process.platform === 'win32') throw new Error('workerd has no private sockets on Windows')
    const executable = findExecutable()
    const folder = await mkdtemp(join(tmpdir(), 'dispatch-'))
    this.#lifeline = new Lifeline(folder)
    this.#runtimeHost = this.#createRuntimeHost(executable, folder, this.#lifeline)
    await this.#store.recover()
    const started = this.#refresh()
    await Promise.race([started, delay(HUSH_MS, null, { ref: false })])
    this.#hushed = false
    this.#announce()
    await started
    if (this.#options.watch && !this.#closed) {
      this.#watch = new FolderWatch(this.#options.directory, () => void this.#refresh())
    }
  }

  update(deployments: readonly DeploymentFacts[]): Promise<void> {
    const leaving = this.#deployments.filter((old) => !deployments.some((kept) => isSame(old, kept)))
    this.#deployments = [...deployments, ...leaving]
    if (this.#lingering !== null) clearTimeout(this.#lingering)
    this.#lingering = setTimeout(() => {
      this.#deployments = deployments
      this.#logs.forgetBut(deployments)
      void this.#refresh()
    }, LINGER_MS).unref()
    return this.#refresh()
  }

  async probe(): Promise<ProbeResult> {
    const down = this.#deployments.filter((deployment) => this.#origin(deployment) === null)
    if (down.length === 0) return { ready: true, detail: `${this.#deployments.length} functions run` }
    const names = down.slice(0, 5).map(({ organization, name }) => `${organization}/${name}`)
    return { ready: down.length < this.#deployments.length, detail: `not running: ${names.join(', ')}` }
  }

  async inventory(): Promise<readonly DeploymentState[]> {
    return this.#deployments.map((deployment) => {
      const { organization, name } = deployment
      const ready = this.#origin(deployment) !== null
      return { organization, name, ready, replicas: ready ? 1 : null, limit: null }
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watch?.close()
    if (this.#lingering !== null) clearTimeout(this.#lingering)
    await this.#looking
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.close()))
    await this.#lifeline?.close()
  }

  #createRuntimeHost(executable: string, folder: string, lifeline: Lifeline): RuntimeHost {
    const options = this.#options
    const values = { ...options.environment, ...options.secrets }
    let processes = 0
    return {
      plan: {
        executable,
        settings: {
          compatibilityDate: options.compatibilityDate,
          network: options.network,
          bindings: Object.keys(values),
        },
        values,
        startTimeoutMs: options.startTimeout,
        lifeline,
      },
      hang: { intervalMs: options.probeInterval, timeoutMs: options.probeTimeout },
      graceMs: options.grace,
      log: this.#host.log,
      newFolder: () => join(folder, String(processes++)),
      changed: () => this.#announce(),
    }
  }

  /** Looks at the folder and has what is there run. Resolves when it does. */
  async #refresh(): Promise<void> {
    // Starts are awaited outside the queue: code that hangs while it starts delays nobody else.
    const starts = await this.#exclusively(() => this.#look())
    await Promise.all(starts)
    this.#announce()
  }

  /** One after the other: nobody sees a folder that is half changed. */
  #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#looking.then(work)
    this.#looking = done.catch(() => {})
    return done
  }

  async #look(): Promise<Promise<void>[]> {
    const host = this.#runtimeHost
    if (host === null || this.#closed) return []
    try {
      this.#found = await this.#folder.look(new Set(this.#deployments.map(({ name }) => name)))
    } catch (error) {
      this.#host.log.error({ error: String(error) }, 'the folder of functions cannot be looked at')
      return []
    }
    const wanted = new Map<string, Bundle[]>([...this.#runtimes.keys()].map((name) => [name, []]))
    for (const { organization, name } of this.#deployments) {
      const bundles = wanted.get(organization) ?? []
      const bundle = this.#found.get(name)?.bundle ?? null
      wanted.set(organization, bundles)
      // Two functions may be bound to the same file.
      if (bundle !== null && !bundles.includes(bundle)) bundles.push(bundle)
    }
    return [...wanted].map(([organization, bundles]) => this.#runtime(organization, host).apply(bundles))
  }

  #runtime(organization: string, host: RuntimeHost): OrganizationRuntime {
    let runtime = this.#runtimes.get(organization)
    if (runtime === undefined) {
      runtime = new OrganizationRuntime(organization, host, this.#processLog(organization))
      this.#runtimes.set(organization, runtime)
    }
    return runtime
  }

  #processLog(organization: string): ProcessLog {
    const known = (name: string): boolean =>
      this.#deployments.some((each) => each.organization === organization && each.name === name)
    return new ProcessLog(this.#host.log, organization, (name, text) =>
      // Functions may print whatever they like: only names that there are may take memory.
      this.#logs.keep(organization, name !== null && known(name) ? name : null, text),
    )
  }

  #runners(name: string): ReadonlyMap<string, string> {
    const runners = new Map<string, string>()
    for (const [organization, runtime] of this.#runtimes) {
      const fingerprint = runtime.fingerprint(name)
      if (fingerprint !== null) runners.set(organization, fingerprint)
    }
    return runners
  }

  #origin({ organization, name }: DeploymentFacts): string | null {
    return this.#runtimes.get(organization)?.origin(name) ?? null
  }

  /** Tells every thread where functions are, if that changed. */
  #announce(): void {
    if (this.#closed || this.#hushed) return
    const functions: Record<string, Record<string, string | null>> = {}
    for (const deployment of this.#deployments) {
      const { organization, name } = deployment
      functions[organization] ??= {}
      if (this.#found.get(name)?.missing === false) functions[organization][name] = this.#origin(deployment)
    }
    const facts: WorkerdFacts = { functions }
    const text = JSON.stringify(facts)
    if (text === this.#announced) return
    this.#announced = text
    this.#host.announce(facts)
  }
}

function isSame(one: DeploymentFacts, other: DeploymentFacts): boolean {
  return one.organization === other.organization && one.name === other.name
}

function findExecutable(): string {
  try {
    return (createRequire(import.meta.url)('workerd') as { default: string }).default
  } catch (error) {
    const reason = (error as Error).message.trim().split('\n')[0]
    throw new Error(`the package workerd has nothing for this machine: ${reason}`)
  }
}
