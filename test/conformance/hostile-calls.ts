// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of a plugin look like placeholders
import { type PlainCall, plainCall, principal } from '../gateway/plugins/call.ts'

const MEGABYTE = 'x'.repeat(2 ** 20)
const LONG = 'x'.repeat(2 ** 16)

/** Texts that callers can put into headers, claims and addresses. */
const TEXTS = [
  '',
  ' ',
  '*',
  'null',
  ',,,;=',
  '%',
  '__proto__',
  'a\r\nx-admin: 1',
  '\0',
  'é\ud800☃',
  '${call.id}',
  '-1',
  '9'.repeat(400),
  ','.repeat(100_000),
  ' '.repeat(100_000),
  MEGABYTE,
]

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'x'.repeat(70_000)]

/** Headers that plugins look at: each appears with each text. */
const READ = [
  'origin',
  'access-control-request-method',
  'access-control-request-headers',
  'access-control-request-private-network',
  'content-length',
  'content-type',
  'authorization',
  'cookie',
  'vary',
  'x-forwarded-for',
]

/** Calls as the worst client sends them, and some as the best does. */
export function hostileCalls(): PlainCall[] {
  const calls = [plainCall(), plainCall({ principal: principal('ann') })]
  for (const method of ['GET', 'OPTIONS', 'POST', 'BREW']) {
    for (const text of TEXTS) {
      const rawHeaders = READ.flatMap((name) => [name, text])
      calls.push(plainCall({ method, rawHeaders, bodyLength: -1 }))
      calls.push(
        plainCall({
          method,
          rawHeaders: rawHeaders.map((part, i) => (i % 2 === 0 ? part.toUpperCase() : part)),
        }),
      )
    }
  }
  for (const text of TEXTS) {
    calls.push(plainCall({ clientAddress: text, id: text, host: text, path: text, query: text }))
    calls.push(plainCall({ principal: principal(text), bodyLength: Number.MAX_SAFE_INTEGER }))
    calls.push(plainCall({ rawHeaders: NAMES.flatMap((name) => [name, text]) }))
  }
  const repeated = READ.flatMap((name) => [name, 'a', name, 'b'])
  calls.push(plainCall({ rawHeaders: repeated }), plainCall({ method: 'OPTIONS', rawHeaders: repeated }))
  return calls
}

/** Heads of answers as the worst function sends them: status and headers. */
export function hostileAnswers(): [status: number, headers: string[]][] {
  return [
    [200, []],
    [99, []],
    [401, ['www-authenticate', '']],
    [500, ['vary', LONG, 'vary', '', 'vary', ','.repeat(2 ** 16)]],
    [429, ['ratelimit', ';;;', 'retry-after', 'never', 'access-control-allow-origin', '*']],
    [200, NAMES.flatMap((name) => [name, LONG])],
    [200, Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'set-cookie' : `a=${i}`))],
  ]
}
