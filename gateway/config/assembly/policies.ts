import type { PluginDefinition } from '../../contract/plugin.ts'
import { quote } from '../mistakes.ts'
import { nearest } from '../reading/nearest.ts'
import type { PolicyConfig } from '../schema/routes.ts'
import { asWritten, type Written } from '../written.ts'
import type { Assembly } from './assembly.ts'
import { readOptions } from './options.ts'

type WrittenPlugins = Readonly<Record<string, Written>>

/** Policies of one place by plugin; null where the plugin is switched off. */
type Policies = ReadonlyMap<string, PolicyConfig | null>

/** What stands under `plugins:` of a route, of its organization and of `defaults`. */
export interface PluginScopes {
  readonly route: WrittenPlugins
  readonly organization: WrittenPlugins
  readonly default: WrittenPlugins
}

/** Reads each `plugins:` once, however many routes inherit it. */
export class PolicyReader {
  readonly #assembly: Assembly
  readonly #read = new WeakMap<WrittenPlugins, Policies>()

  constructor(assembly: Assembly) {
    this.#assembly = assembly
  }

  /** The policies of a route, in the order of execution. */
  policiesOf(scopes: PluginScopes): PolicyConfig[] {
    const effective = new Map([
      ...this.read(scopes.default, 'default'),
      ...this.read(scopes.organization, 'organization'),
      ...this.read(scopes.route, 'route'),
    ])
    const inOrder = this.#assembly.registry.plugins.map(({ name }) => effective.get(name))
    return inOrder.filter((policy) => policy !== undefined && policy !== null)
  }

  /** Also what no route inherits is checked: call it for every place. */
  read(plugins: WrittenPlugins, scope: PolicyConfig['scope']): Policies {
    const known = this.#read.get(plugins)
    if (known !== undefined) return known
    const policies = new Map<string, PolicyConfig | null>()
    for (const [name, written] of Object.entries(plugins)) {
      const definition = this.#definition(plugins, name)
      if (definition === null) continue
      if (written.kind === 'scalar' && written.value === false) policies.set(name, null)
      const options = this.#options(definition, written)
      if (options !== null)
        policies.set(name, this.#assembly.places.note({ plugin: name, options, scope }, written))
    }
    this.#read.set(plugins, policies)
    return policies
  }

  #definition(plugins: WrittenPlugins, name: string): PluginDefinition | null {
    const { reading, registry } = this.#assembly
    const found = registry.plugins.find((plugin) => plugin.name === name)
    if (found !== undefined) return found
    const names = registry.plugins.map((plugin) => plugin.name)
    reading.refuse(reading.locateKey(plugins, name), {
      message: `there is no plugin ${quote(name)}`,
      expected: names.length === 0 ? 'no plugins, there are none' : `one of ${names.join(', ')}`,
      suggestion: nearest(name, names),
    })
    return null
  }

  /** Null when there are none: for `false`, and when they cannot be used. An empty value takes the defaults. */
  #options(definition: PluginDefinition, written: Written): unknown {
    const { reading } = this.#assembly
    const owner = `the plugin ${quote(definition.name)}`
    const isEmpty = written.kind === 'scalar' && written.value === null
    if (written.kind === 'scalar' && !isEmpty) {
      if (written.value === false) return null
      reading.refuse(written, {
        message: `these are no options of ${owner}`,
        expected: 'a map of options, {} for the defaults, or false',
        suggestion: written.value === true ? '{}' : null,
      })
      return null
    }
    const read = readOptions(reading, definition.options, isEmpty ? asWritten({}, written) : written, owner)
    return read.isSound ? read.options : null
  }
}
