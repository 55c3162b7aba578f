import { isLoopback } from './address.ts'
import type { FormSchema, Parsed } from './form.ts'

/** An absolute URL; what is refused is never repeated, because people put passwords into URLs. */
export function parseUrl(text: string, schema: FormSchema = {}): Parsed<string> {
  const expected = expectedUrl(schema)
  const hide = text.includes('@') || text.includes('?')
  const suggestion =
    /^([a-z][\w-]*|[\w-]+(\.[\w-]+)+)(:\d+)?(\/|$)/i.test(text) && !hide
      ? `${isLoopback(text.split(/[:/]/)[0]!) ? 'http' : 'https'}://${text}`
      : null
  // `new URL` would drop spaces, tabs and line ends in silence.
  if (/\s/.test(text) || !URL.canParse(text))
    return { message: 'this is not an absolute URL', expected, suggestion, hide }
  const url = new URL(text)
  if (!schemesOf(schema).includes(url.protocol.slice(0, -1))) {
    const isHost = url.host === '' && suggestion !== null
    return {
      message: 'this is not a URL with an allowed scheme',
      expected,
      suggestion: isHost ? suggestion : null,
      hide,
    }
  }
  if (url.username !== '' || url.password !== '') {
    return { message: 'the URL holds a user or a password, which would end up in logs', expected, hide }
  }
  if (url.hash !== '') return { message: 'the URL has a fragment (#)', expected, hide }
  if (schema['secure'] === true && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return {
      message: 'http is allowed towards this machine only',
      expected,
      suggestion: hide ? null : text.replace(/^http:/i, 'https:'),
      hide,
    }
  }
  if (schema['origin'] !== true) return { value: url.href }
  if (url.pathname !== '/' || url.search !== '') {
    return { message: 'only scheme, host and port are allowed here', expected, suggestion: url.origin, hide }
  }
  return { value: url.origin }
}

export function expectedUrl(schema: FormSchema): string {
  const schemes = schemesOf(schema)
  const example = `${schemes.includes('https') ? 'https' : schemes[0]}://host${schema['origin'] === true ? ':port' : '/path'}`
  return `an absolute URL such as ${example}${schema['secure'] === true ? ', https unless it is on this machine' : ''}`
}

function schemesOf(schema: FormSchema): readonly string[] {
  return Array.isArray(schema['schemes']) ? schema['schemes'] : ['http', 'https']
}
