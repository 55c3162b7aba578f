import type { KongIdentityConfig } from '../config/schema.ts'
import { KONG_ISSUER, KONG_USER_ISSUER } from '../config/schema.ts'
import type { Principal } from '../contract/principal.ts'
import type { AssertedConsumer, AssertionClaims } from './assertion-claims.ts'
import { principalKey } from './create-principal.ts'

const LONGEST_SUBJECT = 1024

/**
 * Whom an assertion speaks of, by the mapping of the configuration.
 *
 * @returns null for nobody; 'subject' when the consumer lacks what the subject is taken from; 'organization' when it is
 *   of none, or of several, that the proxy may speak for.
 */
export function assertedPrincipal(
  claims: AssertionClaims,
  config: KongIdentityConfig,
): Principal | 'subject' | 'organization' | null {
  const { consumer, user, groups } = claims
  const issuer = issuerOf(claims)
  if (issuer === null) return null
  const subject = consumer === null ? user : subjectOf(consumer, config.subject)
  if (subject === null || subject.length > LONGEST_SUBJECT) return 'subject'
  const organization = organizationOf(groups, config)
  if (organization === null) return 'organization'
  return Object.freeze({
    subject,
    issuer,
    organization,
    roles: Object.freeze(rolesOf(groups, config.rolePrefix)),
    scopes: Object.freeze((claims.scope ?? '').split(' ').filter((scope) => scope !== '')),
    groups: Object.freeze([...groups]),
    key: principalKey(issuer, subject),
    // The assertion tells who it was at the begin of the call; the credential behind it lives on.
    expiresAt: Number.POSITIVE_INFINITY,
    credential: 'assertion',
  })
}

/** Issuer of whom an assertion speaks of, or null for nobody. */
export function issuerOf({ consumer, user }: AssertionClaims): string | null {
  if (consumer !== null) return KONG_ISSUER
  return user === null ? null : KONG_USER_ISSUER
}

function subjectOf(consumer: AssertedConsumer, from: KongIdentityConfig['subject']): string | null {
  if (from === 'id') return consumer.id
  return from === 'username' ? consumer.username : consumer.customId
}

function organizationOf(
  groups: readonly string[],
  { organization, organizations }: KongIdentityConfig,
): string | null {
  if (organizations === null) return organization
  const { prefix, allowed } = organizations
  const [only, ...others] = new Set(behind(prefix, groups))
  return only !== undefined && others.length === 0 && allowed.includes(only) ? only : null
}

function rolesOf(groups: readonly string[], prefix: string | null): string[] {
  return prefix === null ? [...groups] : behind(prefix, groups)
}

/** What stands behind the prefix in the groups that have it. */
function behind(prefix: string, groups: readonly string[]): string[] {
  return groups
    .filter((group) => group.startsWith(prefix) && group !== prefix)
    .map((group) => group.slice(prefix.length))
}
