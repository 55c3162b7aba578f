import { BACKEND_FIELDS } from './registry.ts'
import { NAME_EXPECTED, NAME_PATTERN } from './schema/fields.ts'

/**
 * Why something is not a DriverDefinition, as a sentence for its author; null when it is one. Outside modules may
 * be written without types.
 */
export function problemOfDriver(value: unknown): string | null {
  if (!isRecord(value)) return 'it has no export `driver`'
  const { capabilities } = value
  return (
    problemOfName('kind', value['kind']) ??
    problemOfCommon(value) ??
    (isRecord(capabilities) && isBoolean(capabilities['streaming']) && isBoolean(capabilities['rawHttp'])
      ? null
      : '`capabilities` must have `streaming` and `rawHttp`, true or false') ??
    problemOfFunction('invoker', value['invoker']) ??
    (value['operator'] === undefined ? null : problemOfFunction('operator', value['operator'])) ??
    problemOfOptionNames(value['options'])
  )
}

/** Why something is not a PluginDefinition, as a sentence for its author; null when it is one. */
export function problemOfPlugin(value: unknown): string | null {
  if (!isRecord(value)) return 'it has no export `plugin`'
  return (
    problemOfName('name', value['name']) ??
    problemOfCommon(value) ??
    problemOfFunction('create', value['create'])
  )
}

function problemOfCommon({ status, description, options }: Record<string, unknown>): string | null {
  if (!['stable', 'beta', 'experimental'].includes(String(status))) {
    return '`status` must be stable, beta or experimental'
  }
  if (typeof description !== 'string' || description === '') return '`description` must be a sentence'
  if (!isRecord(options) || options['type'] !== 'object') return '`options` must be the schema of an object'
  return null
}

function problemOfName(field: string, name: unknown): string | null {
  return typeof name === 'string' && new RegExp(NAME_PATTERN).test(name)
    ? null
    : `\`${field}\` must be ${NAME_EXPECTED}`
}

function problemOfFunction(field: string, value: unknown): string | null {
  return typeof value === 'function' ? null : `\`${field}\` must be a function`
}

function problemOfOptionNames(options: unknown): string | null {
  const properties = isRecord(options) && isRecord(options['properties']) ? options['properties'] : {}
  const taken = BACKEND_FIELDS.find((name) => Object.hasOwn(properties, name))
  return taken === undefined ? null : `\`${taken}\` cannot be an option, it is a field of every backend`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}
