import type { Call } from '../../contract/call.ts'

/** Facts of a call that a header value may hold. Null when the call has none. */
const REFERENCES = {
  'call.id': (call: Call) => call.id,
  'call.method': (call: Call) => call.method,
  'call.host': (call: Call) => call.host,
  'call.path': (call: Call) => call.path,
  'client.address': (call: Call) => call.clientAddress,
  'principal.subject': (call: Call) => call.principal?.subject ?? null,
  'principal.issuer': (call: Call) => call.principal?.issuer ?? null,
  'principal.organization': (call: Call) => call.principal?.organization ?? null,
  'route.name': (call: Call) => call.route.name,
  'route.organization': (call: Call) => call.route.organization,
  'route.function': (call: Call) => call.route.functionName,
} as const satisfies Record<string, (call: Call) => string | null>

/** Names of what may stand in `${…}`. */
export const REFERENCE_NAMES: readonly string[] = Object.keys(REFERENCES)

type Read = (call: Call) => string | null

/** The path is percent-encoded already. */
const PATH = REFERENCES['call.path']

/** Visible ASCII and inner spaces, without the percent sign. */
const PLAIN = /^[!-$&-~](?:[ -$&-~]*[!-$&-~])?$/
/** Characters of a fact that is still sent; a longer one counts as absent, so that headers stay small whatever a token claims. */
const LONGEST = 4096
const VISIBLE = /^[!-~]+$/
const LITERAL = /^[\t -~]*$/

/** The value of a header: literal text with references such as `${call.id}`; `$$` is a dollar sign. */
export class HeaderValue {
  readonly #literals: readonly string[]
  /** One less than the literals between which they stand. */
  readonly #reads: readonly Read[]

  /** @throws Error Without the value in it, because that may be a credential. */
  constructor(text: string) {
    const literals = ['']
    const reads: Read[] = []
    for (const [piece] of text.matchAll(/\$\$|\$\{[^}]*\}?|[^$]+|\$/g)) {
      if (piece.startsWith('${')) {
        reads.push(referenceTo(piece))
        literals.push('')
      } else {
        literals.push(literals.pop()! + (piece === '$$' ? '$' : piece))
      }
    }
    if (!literals.every((literal) => LITERAL.test(literal))) {
      throw new Error('the value may hold only visible ASCII characters, spaces and tabs')
    }
    if (text.trim() !== text) throw new Error('the value begins or ends with white space')
    this.#literals = literals
    this.#reads = reads
  }

  /** The value for a call, or null when a reference has none. Safe to send whatever a token claims. */
  of(call: Call): string | null {
    let value = this.#literals[0]!
    for (let i = 0; i < this.#reads.length; i++) {
      const fact = this.#reads[i]!(call)
      if (fact === null || fact === '' || fact.length > LONGEST) return null
      const safe = (this.#reads[i] === PATH ? VISIBLE : PLAIN).test(fact)
      value += (safe ? fact : escaped(fact)) + this.#literals[i + 1]!
    }
    return value
  }
}

function referenceTo(piece: string): Read {
  const read = Object.entries(REFERENCES).find(([name]) => piece === `\${${name}}`)
  if (read === undefined) {
    const known = REFERENCE_NAMES.map((name) => `\${${name}}`).join(', ')
    throw new Error(
      `the value holds a reference that does not exist; there are ${known}, and $$ for a dollar sign`,
    )
  }
  return read[1]
}

/** Percent-encodes, as UTF-8, everything but visible ASCII and inner spaces; also `%`, so that no two facts look alike. */
function escaped(fact: string): string {
  const bytes = Buffer.from(fact, 'utf8')
  let value = ''
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    const inner = byte === 0x20 && i > 0 && i < bytes.length - 1
    if (inner || (byte > 0x20 && byte < 0x7f && byte !== 0x25)) value += String.fromCharCode(byte)
    else value += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return value
}
