import { createHmac, hash } from 'node:crypto'

/** Assertions by our own hand, as the plugin's README says that they are made; each rule can be broken. */
export const KEY = { id: 'k1', secret: 'a secret of thirty-two bytes or more' }
export const OTHER_KEY = { id: 'k2', secret: 'another secret, long enough as well' }

export interface AssertedCall {
  readonly method: string
  /** As in `x-forwarded-host`. */
  readonly host: string
  /** Without the query. */
  readonly path: string
}

/** Claims about a consumer, good for ten seconds, with changes; `undefined` leaves one out. */
export function claimsFor(call: AssertedCall, nowMs: number, changes: object = {}): Record<string, unknown> {
  const iat = Math.floor(nowMs / 1000)
  return {
    aud: 'dispatch',
    consumer: { id: 'b32379d9-3d28-5683-a79c-72139be6e34f', username: 'alice' },
    exp: iat + 10,
    iat,
    req: digestOf(call),
    ...changes,
  }
}

export function digestOf({ method, host, path }: AssertedCall): string {
  return hash('sha256', Buffer.from(`${method}\n${host}\n${path}`, 'latin1'), 'base64url')
}

/** @param header Instead of the right one. */
export function signAssertion(claims: unknown, key = KEY, header = headerOf(key.id)): string {
  const payload = typeof claims === 'string' ? claims : canonical(claims)
  const signed = `${segment(header)}.${segment(payload)}`
  return `${signed}.${createHmac('sha256', key.secret).update(signed).digest('base64url')}`
}

export function headerOf(id: string): string {
  return `{"alg":"HS256","kid":"${id}","typ":"dispatch-assertion+jwt"}`
}

/** The order in which the plugin writes claims; others behind them. */
const ORDER = ['aud', 'consumer', 'user', 'credential', 'groups', 'scope', 'zone', 'iat', 'exp', 'req']
const CONSUMER_ORDER = ['id', 'username', 'custom_id']

/** The bytes of claims: JSON without spaces, strings as JavaScript writes them. */
export function canonical(claims: unknown): string {
  return JSON.stringify(ordered(claims, ORDER))
}

function ordered(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const rank = (name: string): number => (names.indexOf(name) + names.length + 1) % (names.length + 1)
  const members = Object.entries(value).toSorted(([one], [other]) => rank(one) - rank(other))
  return Object.fromEntries(members.map(([name, inner]) => [name, ordered(inner, CONSUMER_ORDER)]))
}

function segment(text: string): string {
  return Buffer.from(text).toString('base64url')
}
