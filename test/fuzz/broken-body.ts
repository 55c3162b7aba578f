import { mayBeTrailer } from '../../gateway/invocation/header-rules.ts'
import type { TakenRequest } from './express-client.ts'

/** RFC 9112, 7.1.1, without white space; a value may be missing. */
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const EXTENSION = `;${TOKEN}(?:=(?:${TOKEN}|"(?:[\\t !#-[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*")?)?`
const LINE = new RegExp(`^([0-9A-Fa-f]+)(?:${EXTENSION})*$`)

/**
 * Which rule of the express lane breaks the body of the last request, of all that it took, where Node's parser sees no
 * fault; null when no rule says so. Within a body nothing can be left to that parser any more.
 */
export function ruleOfBrokenBody(bytes: Buffer, requests: readonly TakenRequest[]): string | null {
  const text = bytes.toString('latin1')
  let at = 0
  for (const [i, request] of requests.entries()) {
    const body = bodyAt(text, text.indexOf('\r\n\r\n', at) + 4, request.rawHeaders)
    if (i === requests.length - 1) return ruleBroken(body, request.unwanted)
    at = body.end
  }
  return null
}

function ruleBroken({ lines, trailers }: Body, unwanted: boolean): string | null {
  for (const line of lines) {
    const digits = LINE.exec(line)?.[1]
    if (digits === undefined) return 'an extension that RFC 9112 does not know'
    if (digits.length > 16 || Number.parseInt(digits, 16) > Number.MAX_SAFE_INTEGER)
      return 'a size beyond all sizes'
  }
  const refused = trailers.some((line) => !mayBeTrailer(line.slice(0, line.indexOf(':')).toLowerCase()))
  return refused && unwanted ? 'a refused field behind a body that was answered before' : null
}

interface Body {
  /** Lines before chunks. */
  readonly lines: readonly string[]
  /** Fields behind the body. */
  readonly trailers: readonly string[]
  readonly end: number
}

/** Where a body is, read as kindly as can be. */
function bodyAt(text: string, from: number, rawHeaders: readonly string[]): Body {
  const lines: string[] = []
  const trailers: string[] = []
  let at = from
  const nextLine = (): string => {
    const end = text.indexOf('\r\n', at)
    const line = text.slice(at, end < 0 ? undefined : end)
    at = end < 0 ? text.length : end + 2
    return line
  }
  const field = (name: string) =>
    rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name)
  const length = field('content-length')
  if (length >= 0) return { lines, trailers, end: from + Number(rawHeaders[length + 1]) }
  if (field('transfer-encoding') < 0) return { lines, trailers, end: from }
  while (at < text.length) {
    const line = nextLine()
    lines.push(line)
    const size = Number.parseInt(line, 16)
    if (size === 0) break
    at += size + 2
  }
  for (let line = nextLine(); line !== ''; line = nextLine()) trailers.push(line)
  return { lines, trailers, end: at }
}
