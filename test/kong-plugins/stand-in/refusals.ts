import type { Fields, Json } from './field.ts'
import type { Problem, Problems } from './validate.ts'

/** An answer of the Admin API that is not what was asked for. */
export class Refusal extends Error {
  readonly status: number
  readonly body: Fields
  constructor(status: number, body: Fields) {
    super(String(body['message'] ?? status))
    this.status = status
    this.body = body
  }
}

export const notFound = () => new Refusal(404, { message: 'Not found' })
export const methodNotAllowed = () => new Refusal(405, { message: 'Method not allowed' })
export const unexpected = () => new Refusal(500, { message: 'An unexpected error occurred' })

/** Every sentence of what is wrong, each with the whole path to it. */
export function sentences(problem: Problem | null, path = ''): string[] {
  if (problem === null) return []
  if (typeof problem === 'string') return [path === '' ? problem : `${path}: ${problem}`]
  const below = (key: string) => (path === '' ? key : `${path}.${key}`)
  if (Array.isArray(problem)) return problem.flatMap((item, i) => sentences(item, below(String(i + 1))))
  return Object.keys(problem)
    .sort()
    .flatMap((key) => (key === '@entity' ? (problem[key] as string[]) : sentences(problem[key]!, below(key))))
}

/** The same as messages have it: a path of two levels, and what is below as a table. */
function summary(problems: Problems): string[] {
  return Object.keys(problems)
    .sort()
    .flatMap((key) => {
      const problem = problems[key]!
      if (key === '@entity') return problem as string[]
      if (typeof problem === 'string') return `${key}: ${problem}`
      const keys = Array.isArray(problem) ? [...problem.keys()] : Object.keys(problem).sort()
      return keys.flatMap((below) => {
        const inner = (problem as Record<string | number, Problem | null>)[below]
        const name = typeof below === 'number' ? below + 1 : below
        if (inner === null || inner === undefined) return []
        return `${key}.${name}: ${typeof inner === 'string' ? inner : spread(inner)}`
      })
    })
}

/** A table of Lua over several lines. */
function spread(problem: Problem | null, indent = ''): string {
  if (problem === null) return 'nil'
  if (typeof problem === 'string') return JSON.stringify(problem)
  const inner = `${indent}  `
  const items = Array.isArray(problem)
    ? problem.map((item) => `${inner}${spread(item, inner)}`)
    : Object.keys(problem)
        .sort()
        .map((key) => `${inner}${key} = ${spread(problem[key]!, inner)}`)
  return `{\n${items.join(',\n')}\n${indent}}`
}

export function schemaViolation(problems: Problems): Refusal {
  const all = summary(problems)
  const count = all.length === 1 ? 'schema violation' : `${all.length} schema violations`
  return new Refusal(400, {
    message: `${count} (${all.join('; ')})`,
    fields: problems as Fields,
    name: 'schema violation',
    code: 2,
  })
}

/** A value as Kong writes it in its sentences: a table of Lua with its keys in order. */
export function pretty(value: Json): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value === 'string' ? JSON.stringify(value) : String(value)
  if (Array.isArray(value)) {
    const sparse = value.includes(null)
    const items = value.map((item, i) => (sparse ? `[${i + 1}]=${pretty(item)}` : pretty(item)))
    return `{${items.filter((_, i) => value[i] !== null).join(',')}}`
  }
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${key}=${pretty(value[key]!)}`).join(',')}}`
}

export function primaryKeyViolation(id: string): Refusal {
  return new Refusal(400, {
    message: `primary key violation on key '${pretty({ id })}'`,
    fields: { id },
    name: 'primary key violation',
    code: 3,
  })
}

export function uniqueViolation(key: Fields): Refusal {
  return new Refusal(409, {
    message: `UNIQUE violation detected on '${pretty(key)}'`,
    fields: key,
    name: 'unique constraint violation',
    code: 5,
  })
}

export function invalidUnique(field: string, message: string): Refusal {
  return new Refusal(400, { message, name: `invalid unique ${field}`, code: 10 })
}

export function missingReference(field: string, id: string, kind: string): Refusal {
  return new Refusal(400, {
    message: `the foreign key '${pretty({ id })}' does not reference an existing '${kind}' entity.`,
    fields: { [field]: { id } },
    name: 'foreign key violation',
    code: 4,
  })
}

export function unresolvedReference(field: string, key: string, value: string, kind: string): Refusal {
  const sentence = `the foreign key cannot be resolved with '${pretty({ [key]: value })}' for an existing '${kind}' entity`
  return new Refusal(400, {
    message: `foreign key unresolved (${field}.${key}: ${sentence})`,
    fields: { [field]: { [key]: sentence } },
    name: 'foreign keys unresolved',
    code: 13,
  })
}

export function stillReferenced(authority: string, by: string, id: string): Refusal {
  return new Refusal(400, {
    message: `ca certificate ${authority} is still referenced by ${by} (id = ${id})`,
    name: 'referenced by others',
    code: 19,
  })
}

export function referenced(kind: string, by: string): Refusal {
  return new Refusal(400, {
    message: `an existing '${by}' entity references this '${kind}' entity`,
    fields: { '@referenced_by': by },
    name: 'foreign key violation',
    code: 4,
  })
}

export function patchedNothing(key: Fields): Refusal {
  return new Refusal(404, {
    message: `could not find the entity with ${'id' in key ? 'primary key ' : ''}'${pretty(key)}'`,
    fields: key,
    name: 'not found',
    code: 6,
  })
}

export function unsupported(verb: string, kind: string, by: string | null): Refusal {
  return new Refusal(405, {
    message: `cannot ${verb} '${kind}' entities${by === null ? '' : ` by '${by}'`} when not using a database`,
    code: 12,
    name: 'operation unsupported',
  })
}
