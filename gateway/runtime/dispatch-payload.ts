import type { HeaderList } from '../contract/headers.ts'

const JSON_TYPE = /^application\/(?:.*\+)?json\s*(?:;|$)/i
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i

/** Why a request cannot be a payload. */
export class NoPayload extends Error {}

/**
 * The payload of a request as JSON text: the arguments of the query where there can be no body, else the body by its
 * type. JSON goes on as it was written, so that no number loses a digit.
 *
 * @throws NoPayload With a sentence for the log.
 */
export function payloadOf(method: string, path: string, headers: HeaderList, body: Buffer): string {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') {
    const mark = path.indexOf('?')
    return JSON.stringify(fieldsOf(mark === -1 ? '' : path.slice(mark + 1)))
  }
  if (body.length === 0) return '{}'
  const encoding = headers.get('content-encoding')
  if (encoding !== null && encoding !== 'identity') throw new NoPayload('the body is encoded')
  const type = headers.get('content-type')
  if (type === null) return JSON.stringify(body.toString())
  if (FORM_TYPE.test(type)) return JSON.stringify(fieldsOf(body.toString()))
  if (!JSON_TYPE.test(type)) throw new NoPayload('the body is neither JSON nor a form')
  const text = body.toString()
  try {
    JSON.parse(text)
  } catch {
    throw new NoPayload('the body says that it is JSON, and is not')
  }
  return text
}

/** An argument that is repeated becomes a list, one without `=` becomes true. */
function fieldsOf(encoded: string): object {
  const fields = Object.create(null) as Record<string, unknown>
  for (const part of encoded.split('&')) {
    if (part === '') continue
    const [[name, text]] = [...new URLSearchParams(part)] as [[string, string]]
    const value = part.includes('=') ? text : true
    const known = fields[name]
    if (known === undefined) fields[name] = value
    else if (Array.isArray(known)) known.push(value)
    else fields[name] = [known, value]
  }
  return fields
}
