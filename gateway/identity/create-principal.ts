import type { IssuerConfig } from '../config/schema.ts'
import type { Principal } from '../contract/principal.ts'
import { type Claims, claim } from './token-syntax.ts'

const LONGEST_SUBJECT = 1024

/**
 * Who a verified token speaks of, by the mapping of its issuer.
 *
 * @param expiresAt Milliseconds since 1970 from which on the token is refused.
 * @returns 'subject' without a usable one; 'organization' when it names one that the issuer may not speak for.
 */
export function createPrincipal(
  claims: Claims,
  issuer: IssuerConfig,
  expiresAt: number,
): Principal | 'subject' | 'organization' {
  const subject = claim(claims, issuer.claims.subject)
  if (typeof subject !== 'string' || subject === '' || subject.length > LONGEST_SUBJECT) return 'subject'
  const organization = organizationOf(claims, issuer)
  if (organization === null) return 'organization'
  return Object.freeze({
    subject,
    issuer: issuer.issuer,
    organization,
    roles: names(claim(claims, issuer.claims.roles)),
    scopes: scopes(claim(claims, issuer.claims.scopes) ?? claim(claims, 'scp')),
    groups: names(claim(claims, issuer.claims.groups)),
    key: principalKey(issuer.issuer, subject),
    expiresAt,
    credential: 'jwt',
  })
}

/** One string for an issuer and a subject that no other pair has. */
export function principalKey(issuer: string, subject: string): string {
  return JSON.stringify([issuer, subject])
}

function organizationOf(claims: Claims, issuer: IssuerConfig): string | null {
  if (issuer.organizations === null) return issuer.organization
  const named = claim(claims, issuer.organizations.claim)
  return issuer.organizations.allowed.find((allowed) => allowed === named) ?? null
}

/** Scopes are one string with spaces between them (RFC 8693, section 4.2), or a list. */
function scopes(value: unknown): readonly string[] {
  return names(typeof value === 'string' ? value.split(' ').filter((scope) => scope !== '') : value)
}

/** A list of strings, or one string. Anything else names nobody and grants nothing. */
function names(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return Object.freeze(list.filter((name) => typeof name === 'string'))
}
