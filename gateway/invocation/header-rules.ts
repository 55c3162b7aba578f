import { CONNECTION_FIELDS } from '../contract/connection-fields.ts'

/**
 * What becomes of a request header on its way to the function: never passed on, read and not passed on, read and
 * passed on, or passed on only when a trusted proxy vouches for it.
 */
export type HeaderRule = 'drop' | 'take' | 'note' | 'vouch'

/** Fields of each connection, but for those that are read, and claims that nobody may make to a function. */
const DROP = [
  ...CONNECTION_FIELDS,
  'proxy-authorization',
  'http2-settings',
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'proxy',
]

/** Fields of which the gateway reads the value; what of it concerns the function is written anew. */
const TAKE = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'x-request-id',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'dispatch-timing',
  'dispatch-explain',
  'dispatch-hint',
  'dispatch-zone',
  'dispatch-assertion',
]

/** Who the caller is and how it came, in the words of Kong and other proxies in front. */
const VOUCH = [
  'x-forwarded-prefix',
  'x-forwarded-path',
  'x-forwarded-client-cert',
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
]

// Of a name in two lists the later rule holds.
const RULES = new Map<string, HeaderRule>([['idempotency-key', 'note']])
for (const name of DROP) RULES.set(name, 'drop')
for (const name of TAKE) RULES.set(name, 'take')
for (const name of VOUCH) RULES.set(name, 'vouch')

/** Rule for a lower-case name; undefined passes the field on. */
export function ruleFor(name: string): HeaderRule | undefined {
  const rule = RULES.get(name)
  if (rule !== undefined) return rule
  if (name.startsWith('dispatch-')) return 'drop'
  return name.startsWith('x-gw-') ? 'vouch' : undefined
}

/**
 * Names with an underscore are dropped, because CGI-like runtimes read them as dashes; one that would then pass for a
 * field of ours is refused.
 */
export function collidesWithOurs(name: string): boolean {
  const dashed = name.replaceAll('_', '-')
  return ruleFor(dashed) !== undefined || dashed === 'authorization' || dashed === 'cookie'
}

/** False for a field that frames, routes or authorizes: it must not come behind the body. @param name Lower-case. */
export function mayBeTrailer(name: string): boolean {
  return !collidesWithOurs(name)
}

/** Hop-by-hop fields of an answer, and what only the gateway may say. */
const ANSWER_DROPS = new Set([...CONNECTION_FIELDS, 'proxy-authentication-info', 'x-request-id'])

export function isDroppedFromAnswer(name: string): boolean {
  return ANSWER_DROPS.has(name) || name.startsWith('dispatch-')
}

const NONE: ReadonlySet<string> = new Set()

/** The names that the values of Connection headers list, lower-case. A set: a peer may list thousands. */
export function connectionNames(value: string): ReadonlySet<string> {
  // These alone are what nearly every message says.
  if (value === '' || value === 'keep-alive' || value === 'close') return NONE
  return new Set(value.split(',').map((name) => name.trim().toLowerCase()))
}
