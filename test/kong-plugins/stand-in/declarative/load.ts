import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import type { Generated } from '../complete.ts'
import { Dao } from '../dao.ts'
import type { Fields, Json, Schema } from '../field.ts'
import { Refusal } from '../refusals.ts'
import { isRecord } from '../validate.ts'
import { collect } from './collect.ts'
import { ORDER } from './order.ts'
import { store } from './store.ts'
import { Wrong } from './wrong.ts'

/** The hash by which Kong tells one configuration from another: of the bytes, not of what they say. */
export const hashOf = (text: string): string => createHash('md5').update(text).digest('hex')

/**
 * Reads a whole configuration.
 *
 * @throws Refusal With code 14 and everything that is wrong.
 */
export function load(
  source: Json,
  plugins: Readonly<Record<string, Schema>>,
  generated: Generated,
  flattened: boolean,
): { dao: Dao; answer: Fields } {
  const wrong = new Wrong()
  const config = isRecord(source) ? source : {}
  const version = config['_format_version'] ?? null
  if (version === null) wrong.add(['_format_version'], 'required field missing')
  else if (!['1.1', '2.1', '3.0'].includes(String(version)))
    wrong.add(['_format_version'], 'expected one of: 1.1, 2.1, 3.0')
  const known = new Set(['_format_version', '_transform', '_comment', ...ORDER.map(({ name }) => name)])
  for (const name of Object.keys(config)) if (!known.has(name)) wrong.add([name], 'unknown field')
  if (wrong.all.length > 0) throw wrong.refusal(flattened)
  const written = ORDER.flatMap((kind) => collect(kind, config[kind.name], [kind.name], {}))
  if (version !== '3.0')
    for (const { kind, given } of written) if (kind.name === 'routes') upgradePaths(given)
  const dao = new Dao(plugins, generated)
  store(dao, written, wrong)
  if (wrong.all.length > 0) throw wrong.refusal(flattened)
  const filled = ORDER.map((kind) => [kind.name, dao.tables.all(kind)] as const).filter(
    ([, rows]) => rows.length > 0,
  )
  return {
    dao,
    answer: Object.fromEntries(
      filled.map(([name, rows]) => [name, Object.fromEntries(rows.map((row) => [row.id, row]))]),
    ),
  }
}

/** Reads what may be JSON or YAML. */
export function readText(text: string): Json {
  try {
    return parse(text) as Json
  } catch (error) {
    throw new Refusal(400, {
      message: `declarative config is invalid: {error="failed parsing declarative configuration: ${String(error)}"}`,
      fields: {},
      name: 'invalid declarative configuration',
      code: 14,
    })
  }
}

function upgradePaths(given: Fields): void {
  const paths = given['paths']
  if (Array.isArray(paths))
    given['paths'] = paths.map((path) =>
      typeof path === 'string' && /[^A-Za-z0-9.\-_~/%]/.test(path) && !path.startsWith('~')
        ? `~${path}`
        : path,
    )
}
