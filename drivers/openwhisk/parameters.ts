import type { Invocation } from '../../gateway/contract/driver.ts'
import { isRecord } from '../../gateway/contract/exact-json.ts'
import type { HeaderList } from '../../gateway/contract/headers.ts'

const TEXT = /^(?:text\/|application\/(?:.*\+)?(?:json|xml|javascript|x-www-form-urlencoded)\b)/i
const JSON_TYPE = /^application\/(?:.*\+)?json\b/i
const FORM = /^application\/x-www-form-urlencoded\b/i

/** True for types whose content is text. */
export function isTextType(type: string): boolean {
  return TEXT.test(type)
}

export function isJsonType(type: string): boolean {
  return JSON_TYPE.test(type)
}

/**
 * A request as the parameters that a web action would get of it, so that one action serves both ways: `__ow_method`,
 * `__ow_headers`, `__ow_path`, `__ow_query`, the arguments of the query, and the fields of a JSON object or a form, else `__ow_body`.
 *
 * @returns JSON text, or null when the caller uses a name that only the platform may give. Numbers stay as they were sent.
 */
export function parametersOf({ method, path, headers }: Invocation, body: Buffer): string | null {
  const type = headers.get('content-type') ?? ''
  const mark = path.indexOf('?')
  const query = mark === -1 ? '' : path.slice(mark + 1)
  const given = fieldsOf(query)
  let object = ''
  const own: Record<string, unknown> = {
    __ow_method: method.toLowerCase(),
    __ow_headers: firstValues(headers),
    __ow_path: mark === -1 ? path : path.slice(0, mark),
    __ow_query: query,
  }
  if (FORM.test(type)) Object.assign(given, fieldsOf(body.toString()))
  else if (isJsonType(type) && isObject(body)) object = body.toString().trim().slice(1, -1).trim()
  else if (body.length > 0) own['__ow_body'] = body.toString(isTextType(type) ? 'utf8' : 'base64')
  const names = object === '' ? Object.keys(given) : [...Object.keys(given), ...namesOf(object)]
  if (names.some((name) => name.startsWith('__ow_'))) return null
  const parts = [JSON.stringify(given).slice(1, -1), object, JSON.stringify(own).slice(1, -1)]
  return `{${parts.filter((part) => part !== '').join(',')}}`
}

function isObject(body: Buffer): boolean {
  try {
    return isRecord(JSON.parse(body.toString()))
  } catch {
    return false
  }
}

function namesOf(members: string): string[] {
  return Object.keys(JSON.parse(`{${members}}`) as object)
}

/** The last of several values of one name wins. */
function fieldsOf(encoded: string): Record<string, string> {
  const fields = Object.create(null) as Record<string, string>
  for (const [name, value] of new URLSearchParams(encoded)) fields[name] = value
  return fields
}

function firstValues({ flat }: HeaderList): Record<string, string> {
  const values = Object.create(null) as Record<string, string>
  for (let i = 0; i < flat.length; i += 2) values[flat[i]!] ??= flat[i + 1]!
  return values
}
