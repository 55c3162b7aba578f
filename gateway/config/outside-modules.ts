import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { DriverDefinition } from '../contract/driver.ts'
import { GatewayError } from '../contract/errors.ts'
import type { PluginDefinition } from '../contract/plugin.ts'
import { problemOfDriver, problemOfPlugin } from './definitions.ts'
import { quote } from './mistakes.ts'
import { type Registry, withDriver, withPlugin } from './registry.ts'

/** A module that waits forever at its top level must not keep the gateway from telling so. */
const IMPORT_TIMEOUT_MS = 10_000

/**
 * The registry that a loaded configuration needs: the given one and its outside modules. Threads call this with
 * `config.plugins` and `config.drivers`. A module is read once per thread: a changed one needs a restart.
 *
 * @param plugins Absolute paths.
 * @param drivers Absolute paths.
 * @throws GatewayError `GW_START_FAILED` when a module cannot be loaded (any more).
 */
export async function loadOutsideModules(
  plugins: readonly string[],
  drivers: readonly string[],
  registry: Registry,
): Promise<Registry> {
  let extended = registry
  try {
    for (const path of plugins) extended = withPlugin(extended, await loadPlugin(path))
    for (const path of drivers) extended = withDriver(extended, await loadDriver(path))
  } catch (cause) {
    throw new GatewayError('GW_START_FAILED', { detail: (cause as Error).message, cause })
  }
  return extended
}

/**
 * Absolute path of a module.
 *
 * @param name Path that begins with `./`, `../` or `/`, or the name of a package.
 * @param directory Where relative paths and packages are looked up from.
 * @throws Error With a sentence for the operator.
 */
export function resolveModule(name: string, directory: string): string {
  const isPath = /^\.{0,2}\/|^[A-Za-z]:[\\/]|^file:/.test(name)
  if (isPath) {
    const path = name.startsWith('file:') ? fileURLToPath(name) : resolve(directory, name)
    if (existsSync(path)) return path
    throw new Error(`there is no file ${quote(name)}`)
  }
  try {
    const require = createRequire(join(directory, 'any.js'))
    return require.resolve(name, { conditions: new Set(['import', 'node']) } as object)
  } catch {
    const other = existsSync(resolve(directory, name)) ? `; a path begins with ./` : ''
    throw new Error(`there is no package ${quote(name)} to be found from the configuration file${other}`)
  }
}

/** @throws Error With a sentence for the operator. */
export async function loadPlugin(path: string): Promise<PluginDefinition> {
  const { plugin } = await load(path)
  const problem = problemOfPlugin(plugin)
  if (problem !== null) throw new Error(`${quote(path)} is not a plugin: ${problem}`)
  return plugin as PluginDefinition
}

/** @throws Error With a sentence for the operator. */
export async function loadDriver(path: string): Promise<DriverDefinition> {
  const { driver } = await load(path)
  const problem = problemOfDriver(driver)
  if (problem !== null) throw new Error(`${quote(path)} is not a driver: ${problem}`)
  return driver as DriverDefinition
}

async function load(path: string): Promise<Record<string, unknown>> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('it takes longer than 10 s')), IMPORT_TIMEOUT_MS)
  try {
    return await Promise.race([import(pathToFileURL(path).href), late.promise])
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new Error(`${quote(path)} cannot be loaded: ${reason}`, { cause })
  } finally {
    clearTimeout(timer)
  }
}
