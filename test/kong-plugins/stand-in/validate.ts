import {
  type EntityCheck,
  type Field,
  type Fields,
  fieldAt,
  type Json,
  type NamedField,
  type Schema,
  unpack,
  valueAt,
} from './field.ts'

/** What is wrong with a value: a sentence, or more of it by name or by index. */
export type Problem = string | Problems | (Problem | null)[]
export type Problems = { [name: string]: Problem }

const REQUIRED = 'required field missing'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether Kong takes a text for an id. The version is not looked at. */
export const isUuid = (text: string): boolean => UUID.test(text)

/** All that is wrong with an entity whose defaults are filled; undefined when nothing is. */
export function validate(schema: Schema, entity: Fields): Problems | undefined {
  const problems = validateFields(schema.fields, entity)
  checkEntity(schema.entity_checks, schema.fields, entity, problems)
  return Object.keys(problems).length === 0 ? undefined : problems
}

function validateFields(fields: readonly NamedField[], entity: Fields): Problems {
  const problems: Problems = {}
  const known = new Map(fields.map(unpack))
  for (const name of Object.keys(entity)) if (!known.has(name)) problems[name] = 'unknown field'
  for (const [name, field] of known) {
    const problem = validateField(field, entity[name] ?? null)
    if (problem !== undefined) problems[name] = field.err ?? problem
  }
  return problems
}

/** What is wrong with one value. Null is fine where it is not required. */
export function validateField(field: Field, value: Json): Problem | undefined {
  if (value === null) return field.required && !field.auto ? REQUIRED : undefined
  if (field.eq === null) return 'value must be null'
  if (field.ne !== undefined && value === field.ne) return `value must not be ${field.ne}`
  if (isReference(field, value)) return undefined
  switch (field.type) {
    case 'array':
    case 'set':
      return Array.isArray(value) ? listProblem(field, value) : `expected ${article(field.type)}`
    case 'map':
      return isRecord(value) ? mapProblem(field, value) : 'expected a map'
    case 'record':
      return isRecord(value) ? recordProblem(field, value) : 'expected a record'
    case 'foreign':
      return isRecord(value) && Object.keys(value).length > 0 ? undefined : { id: 'missing primary key' }
    default:
      return scalarProblem(field, value)
  }
}

/** What Kong looks up in a vault when it needs it. */
function isReference(field: Field | undefined, value: Json | undefined): boolean {
  return field?.referenceable === true && typeof value === 'string' && /^\{vault:\/\/.+\}$/.test(value)
}

const article = (type: string) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)
export const isRecord = (value: Json | undefined): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

function listProblem(field: Field, list: Json[]): Problem | undefined {
  const each = list.map((item) => (field.elements ? validateField(field.elements, item) : undefined))
  if (each.some((problem) => problem !== undefined)) {
    // Lua holds no nulls behind the last of a list.
    const last = each.findLastIndex((problem) => problem !== undefined)
    return each.slice(0, last + 1).map((problem) => problem ?? null)
  }
  return lengthProblem(field, list.length) ?? containsProblem(field, list) ?? subsetsProblem(field, list)
}

function subsetsProblem({ mutually_exclusive_subsets: subsets }: Field, list: Json[]): string | undefined {
  const met = (subsets ?? []).filter((subset) => subset.some((member) => list.includes(member)))
  return met.length > 1
    ? `these sets are mutually exclusive: ${met.map((subset) => `(${quoted(subset)})`).join(', ')}`
    : undefined
}

function containsProblem(field: Field, list: Json[]): string | undefined {
  return field.contains !== undefined && !list.includes(field.contains)
    ? `expected to contain: ${field.contains}`
    : undefined
}

function mapProblem(field: Field, map: Fields): Problem | undefined {
  for (const [name, value] of Object.entries(map)) {
    const problem =
      (field.keys && validateField(field.keys, name)) ?? (field.values && validateField(field.values, value))
    if (problem !== undefined) return problem
  }
  return undefined
}

function recordProblem(field: Field, record: Fields): Problem | undefined {
  const problems = validateFields(field.fields ?? [], record)
  checkEntity(field.entity_checks ?? [], field.fields ?? [], record, problems)
  if (Object.keys(problems).length > 0) return problems
  return (field.check as ((value: Fields) => string | undefined) | undefined)?.(record)
}

function lengthProblem(field: Field, length: number): string | undefined {
  if (field.len_eq !== undefined && length !== field.len_eq) return `length must be ${field.len_eq}`
  if (field.len_min !== undefined && length < field.len_min) return `length must be at least ${field.len_min}`
  return undefined
}

function scalarProblem(field: Field, value: Json): string | undefined {
  const wrong = typeProblem(field, value)
  if (wrong) return wrong
  if (field.one_of && !field.one_of.includes(value as string))
    return `expected one of: ${field.one_of.join(', ')}`
  if (field.not_one_of?.includes(value as string)) return `must not be one of: ${field.not_one_of.join(', ')}`
  if (typeof value === 'number') return numberProblem(field, value)
  return typeof value === 'string' ? textProblem(field, value) : undefined
}

function typeProblem(field: Field, value: Json): string | undefined {
  const type = field.type === 'integer' ? 'number' : field.type
  if (typeof value !== type || (field.type === 'integer' && !Number.isInteger(value)))
    return `expected ${article(field.type)}`
  return undefined
}

function numberProblem({ gt, between }: Field, value: number): string | undefined {
  if (gt !== undefined && value <= gt) return `value must be greater than ${gt}`
  if (between && (value < between[0] || value > between[1]))
    return `value should be between ${between[0]} and ${between[1]}`
  return undefined
}

function textProblem(field: Field, value: string): string | undefined {
  if (field.uuid && !isUuid(value)) return 'expected a valid UUID'
  const length = lengthProblem({ ...field, len_min: field.len_min ?? 1 }, value.length)
  if (length) return length
  if (field.starts_with && !value.startsWith(field.starts_with))
    return `should start with: ${field.starts_with}`
  const hit = field.match_none?.find(({ pattern }) => value.includes(pattern))
  return hit ? hit.err : (field.check as ((value: string) => string | undefined) | undefined)?.(value)
}

function checkEntity(
  checks: readonly EntityCheck[],
  fields: readonly NamedField[],
  entity: Fields,
  problems: Problems,
) {
  const sentences = checks.map((check) => entityProblem(check, fields, entity, problems))
  const wrong = sentences.filter((sentence) => sentence !== undefined)
  if (wrong.length > 0) problems['@entity'] = wrong
}

const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function entityProblem(
  check: EntityCheck,
  fields: readonly NamedField[],
  entity: Fields,
  problems: Problems,
): string | undefined {
  const full = (names: readonly string[]) => names.filter((name) => !isEmpty(valueAt(entity, name)))
  if ('at_least_one_of' in check)
    return full(check.at_least_one_of).length > 0
      ? undefined
      : `at least one of these fields must be non-empty: ${quoted(check.at_least_one_of)}`
  if ('only_one_of' in check)
    return full(check.only_one_of).length === 1
      ? undefined
      : `exactly one of these fields must be non-empty: ${quoted(check.only_one_of)}`
  if ('mutually_required' in check)
    return [0, check.mutually_required.length].includes(full(check.mutually_required).length)
      ? undefined
      : `all or none of these fields must be set: ${quoted(check.mutually_required)}`
  if ('distinct' in check) {
    const values = full(check.distinct).map((name) => valueAt(entity, name))
    return new Set(values).size === values.length
      ? undefined
      : `values of these fields must be distinct: ${quoted(check.distinct)}`
  }
  if ('custom_entity_check' in check) {
    const { field_sources, check: is } = check.custom_entity_check
    const skip = (name: string) =>
      problems[name] !== undefined || isReference(fieldAt(fields, name), valueAt(entity, name))
    return field_sources.some(skip) ? undefined : is(entity)
  }
  const matches = (name: string, match: object) => {
    const { required: _, ...field } = { ...fieldAt(fields, name)!, ...match } as Field
    return validateField(field, valueAt(entity, name) ?? null)
  }
  if ('conditional' in check) {
    const { if_field, if_match, then_field, then_match, then_err } = check.conditional
    if (valueAt(entity, if_field) === undefined || matches(if_field, if_match) !== undefined) return undefined
    const then = valueAt(entity, then_field) ?? null
    const problem = then_match.required && then === null ? REQUIRED : matches(then_field, then_match)
    if (problem === undefined) return undefined
    setAt(problems, then_field, problem)
    return then_err ?? `failed conditional validation given value of field '${if_field}'`
  }
  const rule = check.conditional_at_least_one_of
  if (matches(rule.if_field, rule.if_match) === undefined)
    return full(rule.then_at_least_one_of).length > 0
      ? undefined
      : rule.then_err.replace('%s', quoted(rule.then_at_least_one_of))
  if (!rule.else_match || matches(rule.if_field, rule.else_match) !== undefined) return undefined
  return full(rule.else_then_at_least_one_of!).length > 0
    ? undefined
    : rule.else_then_err!.replace('%s', quoted(rule.else_then_at_least_one_of!))
}

function setAt(problems: Problems, path: string, problem: Problem): void {
  const [head, ...rest] = path.split('.')
  if (rest.length === 0) problems[head!] = problem
  else {
    const below = problems[head!]
    const deeper = typeof below === 'object' && !Array.isArray(below) ? below : {}
    problems[head!] = deeper
    setAt(deeper, rest.join('.'), problem)
  }
}
