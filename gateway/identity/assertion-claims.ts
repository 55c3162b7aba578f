import { parseStrictJson } from './strict-json.ts'

/** What an assertion says, each claim of the type that it has to have. */
export interface AssertionClaims {
  readonly aud: string
  /** Seconds since 1970. */
  readonly exp: number
  readonly iat: number
  readonly consumer: AssertedConsumer | null
  /** Somebody for whom the proxy keeps no consumer, such as a user of a directory. Never beside a consumer. */
  readonly user: string | null
  readonly groups: readonly string[]
  readonly scope: string | null
  readonly zone: string | null
  /** SHA-256 in base64url of the request that it is for, or null for any. */
  readonly req: string | null
}

export interface AssertedConsumer {
  readonly id: string
  readonly username: string | null
  readonly customId: string | null
}

const NAMES = ['aud', 'consumer', 'credential', 'exp', 'groups', 'iat', 'req', 'scope', 'user', 'zone']
const CONSUMER_NAMES = ['custom_id', 'id', 'username']
const DIGEST = /^[A-Za-z0-9_-]{43}$/

/**
 * Reads claims strictly: whatever is not of its type, or not known, makes it no assertion. A claim that a newer plugin
 * sends could narrow what the others mean.
 */
export function readAssertionClaims(payload: Uint8Array): AssertionClaims | null {
  const claims = parseStrictJson(payload)
  if (claims === null || !hasOnly(claims, NAMES)) return null
  const { aud, exp, iat, consumer, credential, user, groups = [], scope, zone, req } = claims
  if (!isText(aud) || !isMoment(exp) || !isMoment(iat)) return null
  if (![credential, user, scope, zone, req].every((value) => value === undefined || isText(value)))
    return null
  if (req !== undefined && !DIGEST.test(req as string)) return null
  if (!Array.isArray(groups) || !groups.every(isText)) return null
  const who = consumer === undefined ? null : readConsumer(consumer)
  if (consumer !== undefined && (who === null || user !== undefined)) return null
  const isNobody = who === null && user === undefined
  if (isNobody && (credential !== undefined || scope !== undefined || groups.length > 0)) return null
  return {
    aud,
    exp,
    iat,
    consumer: who,
    user: textOf(user),
    groups,
    scope: textOf(scope),
    zone: textOf(zone),
    req: textOf(req),
  }
}

function readConsumer(value: unknown): AssertedConsumer | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const consumer = value as Record<string, unknown>
  if (!hasOnly(consumer, CONSUMER_NAMES)) return null
  const { id, username, custom_id: customId } = consumer
  if (!isText(id)) return null
  if (![username, customId].every((name) => name === undefined || isText(name))) return null
  return { id, username: textOf(username), customId: textOf(customId) }
}

function hasOnly(object: object, names: readonly string[]): boolean {
  return Object.keys(object).every((name) => names.includes(name))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function textOf(value: unknown): string | null {
  return value === undefined ? null : (value as string)
}

function isMoment(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
