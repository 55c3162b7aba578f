import { printable } from './printable.ts'

/** One sentence from a problem document (RFC 9457) of the gateway, or from whatever else it answered. */
export function problemText(status: number, body: string): string {
  try {
    const { title, detail, code, requestId } = JSON.parse(body) as Record<string, unknown>
    if (typeof title !== 'string') throw new TypeError('no problem document')
    const facts = [code, requestId && `request ${requestId}`].filter(Boolean).join(', ')
    return printable(`${title}${detail ? `: ${detail}` : ''}${facts ? ` (${facts})` : ''}`)
  } catch {
    return printable(`the gateway answered ${status}: ${body.slice(0, 200)}`)
  }
}
