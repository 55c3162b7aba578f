import { printable } from './printable.ts'

/** What is said of a name that nothing has: that is no matter of routes. */
const UNKNOWN = 'There is no '

/** One sentence from a problem document (RFC 9457) of the gateway, or from whatever else it answered. */
export function problemText(status: number, body: string): string {
  try {
    const { title, detail, code, requestId } = JSON.parse(body) as Record<string, unknown>
    if (typeof title !== 'string') throw new TypeError('no problem document')
    const facts = [code, requestId && `request ${requestId}`].filter(Boolean).join(', ')
    const isNameless = code === 'GW_NO_ROUTE' && String(detail).startsWith(UNKNOWN)
    const sentence = isNameless ? detail : `${title}${detail ? `: ${detail}` : ''}`
    return printable(`${sentence}${facts ? ` (${facts})` : ''}`)
  } catch {
    return printable(`the gateway answered ${status}: ${body.slice(0, 200)}`)
  }
}
