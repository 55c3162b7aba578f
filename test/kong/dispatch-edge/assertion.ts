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

/** JSON of RFC 8785 for what assertions hold: sorted names, strings as JavaScript writes them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined)
  const sorted = members.toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `{${sorted.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`
}

function segment(text: string): string {
  return Buffer.from(text).toString('base64url')
}
