import { KONG_ISSUERS } from '../schema/kong-identity.ts'
import type { Written } from '../written.ts'
import { DEFAULT_ORGANIZATION, keysAt, writtenAt } from './scope.ts'

/** The `iss` of the development issuer; a domain that can never exist (RFC 6761, 6.4). */
export const DEVELOPMENT_ISSUER = 'https://development.dispatch.invalid'

/**
 * Who is named in `identity:`, taken from the file itself: what has a mistake counts too, so that one mistake is not told
 * again for everything that refers to it.
 */
export interface IdentityFacts {
  /** Values of `iss`, that of the development issuer among them, and what callers have for one whom Kong authenticates. */
  readonly issuers: ReadonlySet<string>
  readonly hasKeys: boolean
  readonly hasDevelopment: boolean
  /** Organizations that principals come from. */
  readonly organizations: ReadonlySet<string>
}

export function identityFacts(root: Written): IdentityFacts {
  const identity = writtenAt(root, 'identity')
  const issuers = itemsAt(identity, 'issuers')
  const keys = itemsAt(writtenAt(identity, 'apiKeys'), 'keys')
  const development = writtenAt(identity, 'development')
  const hasDevelopment = development !== undefined && !(development.kind === 'scalar' && !development.value)
  const kong = writtenAt(identity, 'kong')
  const hasKong = kong !== undefined && !(kong.kind === 'scalar' && !kong.value)
  return {
    issuers: new Set([
      ...issuers.flatMap((issuer) => textsIn(writtenAt(issuer, 'issuer'))),
      ...(hasDevelopment ? [DEVELOPMENT_ISSUER] : []),
      ...(hasKong ? KONG_ISSUERS : []),
    ]),
    hasKeys: keys.length > 0,
    hasDevelopment,
    organizations: new Set([
      ...issuers.flatMap((issuer) => organizationsOf(issuer)),
      ...keys.flatMap((key) => textsIn(writtenAt(key, 'organization'), DEFAULT_ORGANIZATION)),
      ...(hasKong ? organizationsOf(kong) : []),
      ...(hasDevelopment ? textsIn(writtenAt(development, 'organization'), DEFAULT_ORGANIZATION) : []),
    ]),
  }
}

/** Names of all organizations: of those that have functions, and of those that principals come from. */
export function organizationsIn(root: Written): Set<string> {
  return new Set([
    DEFAULT_ORGANIZATION,
    ...keysAt(root, 'organizations'),
    ...identityFacts(root).organizations,
  ])
}

function organizationsOf(issuer: Written): string[] {
  const claimed = writtenAt(issuer, 'organizations')
  if (claimed === undefined) return textsIn(writtenAt(issuer, 'organization'), DEFAULT_ORGANIZATION)
  return itemsAt(claimed, 'allowed').flatMap((item) => textsIn(item))
}

function itemsAt(written: Written | undefined, key: string): readonly Written[] {
  const found = writtenAt(written, key)
  return found?.kind === 'list' ? found.items : []
}

function textsIn(written: Written | undefined, fallback?: string): string[] {
  if (written === undefined) return fallback === undefined ? [] : [fallback]
  return written.kind === 'scalar' && written.value !== null ? [written.source] : []
}
