import type { InvokerHost } from '../contract/driver.ts'
import type { Log, PluginHost } from '../contract/plugin.ts'
import { Rejection, Reply } from '../contract/rejection.ts'
import type { Assembly } from './assembly/assembly.ts'
import type { BackendConfig, Config, FunctionConfig } from './schema.ts'

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} }

/**
 * Makes each policy and each invoker once and lets them go again: only they know whether their options make sense
 * together, and here their refusals still have a line. Nothing is sent anywhere.
 */
export function tryParts(assembly: Assembly, config: Config): void {
  tryPolicies(assembly, config)
  const functions = functionsByBackend(config)
  for (const backend of config.backends) {
    attempt(assembly, backend, () => tryBackend(assembly, config, backend, functions.get(backend.name) ?? []))
  }
}

function tryPolicies(assembly: Assembly, config: Config): void {
  const definitions = new Map(assembly.registry.plugins.map((plugin) => [plugin.name, plugin]))
  const scratch = new Scratch()
  const host: PluginHost = {
    log: SILENT,
    shared: (_name, words) => scratch.take(words),
    held: () => ({ tryHold: () => true, held: () => 0 }),
    reject: (code, detail, headers) => new Rejection(code, detail, headers),
    reply: (status, headers, body) => new Reply(status, headers, body),
  }
  for (const policy of new Set(config.routes.flatMap(({ plugins }) => plugins))) {
    scratch.clear()
    attempt(assembly, policy, () => definitions.get(policy.plugin)!.create(policy.options, host).close?.())
  }
}

/** Memory that one policy after the other may use: fresh megabytes for each of thousands would take ten seconds. */
class Scratch {
  #memory = new Int32Array(1024)
  #used = 0

  clear(): void {
    this.#memory.fill(0, 0, this.#used)
    this.#used = 0
  }

  take(words: number): Int32Array {
    const start = this.#used
    this.#used += words
    if (this.#used > this.#memory.length) this.#memory = new Int32Array(2 * this.#used)
    return this.#memory.subarray(start, this.#used)
  }
}

function functionsByBackend({ functions }: Config): Map<string, FunctionConfig[]> {
  const found = new Map<string, FunctionConfig[]>()
  for (const one of functions) {
    for (const backend of new Set(one.deployments.map((deployment) => deployment.backend))) {
      const there = found.get(backend)
      if (there === undefined) found.set(backend, [one])
      else there.push(one)
    }
  }
  return found
}

function tryBackend(
  assembly: Assembly,
  config: Config,
  backend: BackendConfig,
  functions: readonly FunctionConfig[],
): void {
  const driver = assembly.registry.drivers.get(backend.driver)!
  const invoker = driver.invoker(backend.options, hostFor(backend))
  for (const { organization, name: functionName, deployments } of functions) {
    for (const deployment of deployments.filter((one) => one.backend === backend.name)) {
      const facts = { organization, functionName, name: deployment.name }
      attempt(assembly, deployment, () => invoker.check?.(facts))
    }
  }
  const cannot = functions.filter(({ contract }) => invoker.upgrade === undefined || contract === 'dispatch')
  if (cannot.length > 0) refuseUpgrades(assembly, config, backend, cannot)
  // It has done nothing that could fail to end.
  invoker.close().catch(() => {})
}

/** Every deployment of a function can do what a route promises for it, whichever is chosen. */
function refuseUpgrades(
  assembly: Assembly,
  config: Config,
  backend: BackendConfig,
  functions: readonly FunctionConfig[],
): void {
  for (const route of config.routes.filter(({ upgrade }) => upgrade === 'websocket')) {
    const { organization, functionName } = route
    if (!functions.some((one) => one.organization === organization && one.name === functionName)) continue
    assembly.reading.refuse(assembly.places.of(route), {
      message: `the route allows WebSockets, and its function on the backend ${backend.name} cannot open them`,
      expected: 'deployments whose backends can, or a route without `upgrade`',
    })
  }
}

function hostFor({ name }: BackendConfig): InvokerHost {
  const send = () => {
    throw new Error('nothing is sent while a configuration is checked')
  }
  return { backend: name, log: SILENT, transport: () => ({ send, upgrade: send, close: async () => {} }) }
}

function attempt(assembly: Assembly, part: object, what: () => void): void {
  try {
    what()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    assembly.reading.refuse(assembly.places.of(part), { message })
  }
}
