/** What becomes of a request header on its way to the function. */
export type HeaderRule = 'drop' | 'read'

/** Hop-by-hop fields (RFC 9110, 7.6.1) and framing, which each connection has of its own. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'content-length',
  'expect',
]

/** Fields that tell who or where the caller is: ours to say, or of a trusted proxy, never of a client. */
const CLAIMS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-path',
  'x-forwarded-client-cert',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'x-request-id',
  'x-consumer-id',
  'x-consumer-custom-id',
  'x-consumer-username',
  'x-consumer-groups',
  'x-consumer-group',
  'x-credential-identifier',
  'x-anonymous-consumer',
  'x-authenticated-scope',
  'x-authenticated-userid',
  'x-authenticated-groups',
  'proxy',
]

/** Fields of which the gateway reads the value. Most of them are dropped too and written anew. */
const READ = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'x-request-id',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-port',
  'idempotency-key',
  'dispatch-timing',
])

const RULES = new Map<string, HeaderRule>()
for (const name of [...HOP_BY_HOP, ...CLAIMS]) RULES.set(name, 'drop')
for (const name of READ) RULES.set(name, 'read')

/** True for a field that is read but not passed on. */
export const DROPPED: ReadonlySet<string> = new Set([...HOP_BY_HOP, ...CLAIMS, 'host', 'dispatch-timing'])

/** Rule for a lower-case name; undefined passes the field on. */
export function ruleFor(name: string): HeaderRule | undefined {
  const rule = RULES.get(name)
  if (rule !== undefined) return rule
  return name.startsWith('dispatch-') || name.startsWith('x-gw-') ? 'drop' : undefined
}

/**
 * Names with an underscore are dropped, because CGI-like runtimes read them as dashes; one that would then pass for a
 * field of ours is refused.
 */
export function collidesWithOurs(name: string): boolean {
  const dashed = name.replaceAll('_', '-')
  return ruleFor(dashed) !== undefined || dashed === 'authorization' || dashed === 'cookie'
}

/** Hop-by-hop fields of an answer, and what only the gateway may say. */
const ANSWER_DROPS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
])

export function isDroppedFromAnswer(name: string): boolean {
  return ANSWER_DROPS.has(name) || name.startsWith('dispatch-')
}

const NONE: readonly string[] = []

/** The names that the values of Connection headers list, lower-case. */
export function connectionNames(value: string): readonly string[] {
  // These alone are what nearly every message says.
  if (value === '' || value === 'keep-alive' || value === 'close') return NONE
  return value.split(',').map((name) => name.trim().toLowerCase())
}
