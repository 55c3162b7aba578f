import type { DeploymentFacts, Invoker, InvokerHost } from '../contract/driver.ts'
import type { Log, PluginHost } from '../contract/plugin.ts'
import { Rejection, Reply } from '../contract/rejection.ts'
import type { Assembly } from './assembly/assembly.ts'
import type { BackendConfig, Config } from './schema.ts'

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} }

/**
 * Makes each policy and each invoker once and lets them go again: only they know whether their options make sense
 * together, and here their refusals still have a line. Nothing is sent anywhere.
 */
export function tryParts(assembly: Assembly, config: Config): void {
  const policies = new Set(config.routes.flatMap(({ plugins }) => plugins))
  for (const policy of policies) {
    const definition = assembly.registry.plugins.find(({ name }) => name === policy.plugin)!
    attempt(assembly, policy, () => definition.create(policy.options, PLUGIN_HOST).close?.())
  }
  for (const backend of config.backends)
    attempt(assembly, backend, () => tryBackend(assembly, config, backend))
}

const PLUGIN_HOST: PluginHost = {
  log: SILENT,
  shared: (_name, words) => new Int32Array(words),
  reject: (code, detail, headers) => new Rejection(code, detail, headers),
  reply: (status, headers, body) => new Reply(status, headers, body),
}

function tryBackend(assembly: Assembly, config: Config, backend: BackendConfig): void {
  const driver = assembly.registry.drivers.get(backend.driver)!
  const invoker = driver.invoker(backend.options, hostFor(backend))
  for (const { organization, name: functionName, deployments } of config.functions) {
    for (const deployment of deployments.filter((one) => one.backend === backend.name)) {
      const facts: DeploymentFacts = { organization, functionName, name: deployment.name }
      attempt(assembly, deployment, () => invoker.check?.(facts))
    }
  }
  close(invoker)
}

function hostFor({ name }: BackendConfig): InvokerHost {
  return {
    backend: name,
    log: SILENT,
    transport: () => ({
      send: () => {
        throw new Error('nothing is sent while a configuration is checked')
      },
      close: async () => {},
    }),
  }
}

function close(invoker: Invoker): void {
  // It has done nothing that could fail to end.
  invoker.close().catch(() => {})
}

function attempt(assembly: Assembly, part: object, what: () => void): void {
  try {
    what()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    assembly.reading.refuse(assembly.placeOf(part), { message })
  }
}
