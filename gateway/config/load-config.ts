import { dirname, resolve } from 'node:path'
import { assemble } from './assembly/assemble.ts'
import { Assembly } from './assembly/assembly.ts'
import type { Places } from './assembly/places.ts'
import { freeze } from './freeze.ts'
import { type ConfigInvalid, type Mistake, Mistakes } from './mistakes.ts'
import { loadDriver, loadPlugin, resolveModule } from './outside-modules.ts'
import { readDocument } from './read-document.ts'
import { readText } from './read-text.ts'
import { BROKEN, Reading } from './reading/reading.ts'
import { viewOf } from './reading/schema-view.ts'
import { type Registry, withDriver, withPlugin } from './registry.ts'
import { type Config, type Document, DocumentSchema } from './schema.ts'
import { tryParts } from './trial.ts'

/** All that is needed to run a configuration. */
export interface RunnableConfig {
  readonly config: Config
  /** The drivers and plugins of the project and the outside modules of the configuration. */
  readonly registry: Registry
}

/** A configuration that can be run, and what came up while it was read. */
export interface LoadedConfig extends RunnableConfig {
  readonly warnings: readonly Mistake[]
  /**
   * A refusal by a later stage, which then has its line.
   * @param part Backend, function, deployment, route or policy of `config`.
   * @param sentence What is wrong with it.
   */
  refusal(part: object, sentence: string): ConfigInvalid
}

export interface LoadOptions {
  /** Where `{ env: NAME }` is looked up. Default: the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Default: now. */
  readonly now?: Date
}

/**
 * Reads a configuration file. Secrets are read with it; outside modules are imported.
 *
 * @param registry The drivers and plugins of the project.
 * @throws ConfigInvalid With every mistake, when there is one; nothing else.
 */
export async function loadConfig(
  file: string,
  registry: Registry,
  options: LoadOptions = {},
): Promise<LoadedConfig> {
  return parseConfig(await readText(file), file, registry, options)
}

/**
 * The same for a text.
 *
 * @param file Named in mistakes; relative paths count from its folder.
 */
export async function parseConfig(
  text: string,
  file: string,
  registry: Registry,
  options: LoadOptions = {},
): Promise<LoadedConfig> {
  const { environment = process.env, now = new Date() } = options
  const directory = dirname(resolve(file))
  const source = text.replace(/^\ufeff/, '')
  const mistakes = new Mistakes(file, source)
  const root = readDocument(source, mistakes)
  const reading = new Reading(mistakes, {
    directory,
    environment,
    plugins: registry.plugins.map(({ name }) => name),
  })
  const document =
    root === null ? BROKEN : (reading.read(viewOf(DocumentSchema), root) as Document | typeof BROKEN)
  if (root === null || document === BROKEN) throw mistakes.toError()
  const modules = await loadModules(reading, document, registry)
  const assembly = new Assembly(reading, modules.registry, document, root)
  const config = assemble(assembly, {
    file: resolve(file),
    directory,
    now,
    plugins: modules.plugins,
    drivers: modules.drivers,
  })
  if (!mistakes.hasErrors) tryParts(assembly, config)
  if (mistakes.hasErrors) throw mistakes.toError()
  return {
    config: freeze(config),
    registry: modules.registry,
    warnings: mistakes.list(),
    refusal: refusalOf(file, source, assembly.places),
  }
}

/** A function of its own, so that it keeps the text and the places alive and nothing else of what was read. */
function refusalOf(file: string, source: string, places: Places): LoadedConfig['refusal'] {
  return (part, sentence) => {
    const mistakes = new Mistakes(file, source)
    mistakes.add(places.of(part), { message: sentence })
    return mistakes.toError()
  }
}

/** Imports what `plugins:` and `drivers:` name, after the project's own. */
async function loadModules(reading: Reading, document: Document, project: Registry) {
  let registry = project
  const load = async (names: readonly string[], add: (path: string) => Promise<void>): Promise<string[]> => {
    const paths: string[] = []
    for (const [i, name] of names.entries()) {
      try {
        const path = resolveModule(name, reading.surroundings.directory)
        await add(path)
        paths.push(path)
      } catch (error) {
        reading.refuse(reading.locate(names, i), { message: (error as Error).message })
      }
    }
    return paths
  }
  const plugins = await load(document.plugins, async (path) => {
    registry = withPlugin(registry, await loadPlugin(path))
  })
  const drivers = await load(document.drivers, async (path) => {
    registry = withDriver(registry, await loadDriver(path))
  })
  return { registry, plugins, drivers }
}
