import { randomBytes, randomUUID } from 'node:crypto'
import type { Field, Fields, Json, NamedField } from './field.ts'
import { unpack } from './field.ts'
import { isRecord } from './validate.ts'

/** Where Kong takes from what nobody gives it. */
export interface Generated {
  readonly nowMs: () => number
  readonly id: () => string
  /** A key or a secret. */
  readonly key: () => string
}

/** As it is unless a test wants to know beforehand. */
export const GENERATED: Generated = {
  nowMs: Date.now,
  id: randomUUID,
  key: () => randomBytes(24).toString('base64').replace(/[+/]/g, 'x'),
}

/**
 * What Kong makes of what it was given before it looks whether it is right: every field is there, with its default or
 * null, sets hold nothing twice. Unknown fields stay, so that they are found.
 */
export function complete(fields: readonly NamedField[], given: Fields, generated: Generated): Fields {
  const whole: Fields = { ...given }
  for (const [name, field] of fields.map(unpack)) {
    if (field.transient && !(name in given)) continue
    whole[name] = completeField(field, given[name], generated)
  }
  return whole
}

function completeField(field: Field, given: Json | undefined, generated: Generated): Json {
  if (given === undefined || (given === null && field.auto)) return absent(field, generated)
  if (field.type === 'record' && isRecord(given)) return complete(field.fields ?? [], given, generated)
  if (field.type === 'set' && Array.isArray(given))
    return given.filter((item, at) => given.findIndex((other) => Object.is(other, item)) === at)
  return given
}

function absent(field: Field, generated: Generated): Json {
  if (field.auto && field.uuid) return generated.id()
  if (field.auto && field.timestamp)
    return field.type === 'integer' ? Math.floor(generated.nowMs() / 1000) : generated.nowMs() / 1000
  if (field.auto) return generated.key()
  if (field.type === 'record') return complete(field.fields ?? [], (field.default as Fields) ?? {}, generated)
  return structuredClone(field.default ?? null)
}

/** What PATCH makes of an entity: records are merged, everything else is replaced, also by null. */
export function merge(fields: readonly NamedField[], old: Fields, change: Fields): Fields {
  const known = new Map(fields.map(unpack))
  const merged: Fields = { ...old }
  for (const [name, value] of Object.entries(change)) {
    const field = known.get(name)
    const before = old[name]
    merged[name] =
      field?.type === 'record' && isRecord(value) && isRecord(before)
        ? merge(field.fields ?? [], before, value)
        : value
  }
  return merged
}
