import type { Fields, Json } from './field.ts'
import { Refusal, unexpected } from './refusals.ts'

export interface Body {
  readonly value: Json
  readonly form: boolean
  readonly text: string
  readonly yaml: boolean
}

/** The answer of the web server itself, which no plugin and no API has a hand in. */
export function htmlRefusal(status: number, reason: string): Refusal {
  const title = `${status} ${reason}`
  return new Refusal(status, {
    html: `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n</body>\n</html>\n`,
  })
}

/** Reads a body by its type; `yaml` is only taken for whole configurations. @throws Refusal */
export function readBody(text: string, contentType: string | undefined, takesYaml: boolean): Body {
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase()
  const none = { value: {}, form: false, text, yaml: false }
  if (text === '' && type !== 'application/json') return none
  switch (type) {
    case 'application/json':
      return { ...none, value: text === '' ? {} : readJson(text) }
    case 'application/x-www-form-urlencoded':
      return { ...none, value: readForm(text), form: true }
    case 'multipart/form-data':
      return { ...none, value: readMultipart(text, contentType!), form: true }
    case 'application/yaml':
    case 'text/yaml':
      if (takesYaml) return { ...none, yaml: true }
  }
  throw htmlRefusal(415, 'Unsupported Media Type')
}

function readJson(text: string): Json {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    throw new Refusal(400, { message: 'Cannot parse JSON body' })
  }
  if (value === null) throw unexpected()
  return value
}

function readForm(text: string): Fields {
  const form: Fields = {}
  for (const [name, value] of new URLSearchParams(text))
    put(form, name.replace(/\[\d*\]$/, ''), value, name.endsWith(']'))
  return form
}

function put(form: Fields, name: string, value: string, listed: boolean): void {
  const [head, ...rest] = name.split('.')
  if (rest.length > 0) {
    form[head!] ??= {}
    put(form[head!] as Fields, rest.join('.'), value, listed)
  } else if (form[name] === undefined) form[name] = listed ? [value] : value
  else form[name] = [form[name] as Json, value].flat() as Json
}

function readMultipart(text: string, contentType: string): Fields {
  const boundary = /boundary="?([^";]+)/.exec(contentType)?.[1] ?? ''
  const form: Fields = {}
  for (const part of text.split(`--${boundary}`).slice(1, -1)) {
    const [head = '', ...content] = part.split('\r\n\r\n')
    const name = /name="([^"]*)"/.exec(head)?.[1]
    if (name !== undefined) put(form, name, content.join('\r\n\r\n').replace(/\r\n$/, ''), false)
  }
  return form
}
