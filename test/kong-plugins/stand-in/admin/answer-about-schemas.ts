import type { Dao } from '../dao.ts'
import type { Json, Schema } from '../field.ts'
import { KINDS } from '../kinds.ts'
import { methodNotAllowed, Refusal, schemaViolation } from '../refusals.ts'
import { type AdminAnswer, type AdminRequest, given } from './admin-request.ts'

/** `/schemas/…`: what the entities are like, and whether one would be taken. */
export function answerAboutSchemas(dao: Dao, request: AdminRequest): AdminAnswer {
  const [, name = '', second, third] = request.segments
  if (name === 'plugins' && second !== undefined && second !== 'validate') {
    const schema = dao.plugins[second]
    if (!schema) throw new Refusal(404, { message: `No plugin named '${second}'` })
    return { status: 200, body: shown(schema) }
  }
  const kind = KINDS.find((each) => each.name === name)
  if (!kind || third !== undefined) throw new Refusal(404, { message: `No entity named '${name}'` })
  if (second === undefined)
    return { status: 200, body: shown({ fields: kind.fields, entity_checks: kind.entity_checks }) }
  if (second !== 'validate' || request.method !== 'POST') throw methodNotAllowed()
  try {
    dao.prepare(kind, given(kind, request))
  } catch (error) {
    if (error instanceof Refusal && error.body['code'] === 13)
      throw schemaViolation({ service: 'missing primary key' })
    throw error
  }
  return { status: 200, body: { message: 'schema validation successful' } }
}

/** What JSON can hold of a schema: its functions are left out. */
function shown(schema: Schema): Json {
  return JSON.parse(JSON.stringify(schema))
}
