import { quote } from '../mistakes.ts'
import { nearest } from '../reading/nearest.ts'
import type { AuthConfig, WrittenAuth } from '../schema/routes.ts'
import type { Located } from '../written.ts'
import type { Assembly } from './assembly.ts'
import { refuseUnknownOrganizations } from './organizations.ts'

const ANYBODY: Exclude<WrittenAuth, 'none'> = {
  scopes: [],
  roles: [],
  organizations: [],
  issuers: null,
  apiKeys: true,
  forwardCredential: false,
}

interface MayHaveAuth {
  readonly auth?: WrittenAuth
}

/** Completes what routes say about their callers, and refuses routes that nobody could ever call. */
export class AuthReader {
  readonly #assembly: Assembly
  readonly #checked = new WeakSet<object>()

  constructor(assembly: Assembly) {
    this.#assembly = assembly
  }

  /** Unknown names in an `auth:`; also one that no route inherits is checked. */
  check(written: WrittenAuth | undefined): void {
    if (typeof written !== 'object' || this.#checked.has(written)) return
    this.#checked.add(written)
    const { reading, identity } = this.#assembly
    refuseUnknownOrganizations(this.#assembly, written.organizations)
    for (const [i, issuer] of (written.issuers ?? []).entries()) {
      if (identity.issuers.has(issuer)) continue
      reading.refuse(reading.locate(written.issuers!, i), {
        message: `there is no issuer ${quote(issuer)}`,
        expected:
          identity.issuers.size === 0
            ? 'an issuer in `identity.issuers`'
            : `one of ${[...identity.issuers].join(', ')}`,
        suggestion: nearest(issuer, identity.issuers),
      })
    }
    this.#refuseUnknownScopes(written.scopes)
  }

  /**
   * @param places The route, its organization and `defaults`: the first that says `auth` decides.
   * @param at Where the route is told about it.
   */
  complete(places: readonly MayHaveAuth[], organization: string, at: Located): AuthConfig | null {
    const place = places.find((owner) => this.#assembly.reading.wrote(owner, 'auth'))
    const written = place?.auth
    // What was written but could not be read has been told.
    if (written === 'none' || (place !== undefined && written === undefined)) return null
    const auth = written ?? ANYBODY
    const { issuers, hasKeys } = this.#assembly.identity
    const organizations = [...new Set([organization, ...auth.organizations])]
    const takesTokens =
      auth.issuers === null ? issuers.size > 0 : auth.issuers.some((name) => issuers.has(name))
    if (!takesTokens && !(auth.apiKeys && hasKeys)) this.#refuseUncallable(auth, at)
    else this.#warnOfStrangers(organizations, at)
    return { ...auth, organizations }
  }

  #refuseUncallable(auth: Exclude<WrittenAuth, 'none'>, at: Located): void {
    // An unknown issuer has been told already.
    if (auth.issuers !== null && auth.issuers.length > 0) return
    this.#assembly.reading.refuse(at, {
      message: 'nobody can call this route: there is no issuer and no API key that it takes',
      expected: '`auth: none` for a public route, or `issuers`, `apiKeys` or `development` in `identity`',
    })
  }

  #warnOfStrangers(organizations: readonly string[], at: Located): void {
    const { identity } = this.#assembly
    // Development tokens may name any organization.
    if (identity.hasDevelopment || organizations.some((name) => identity.organizations.has(name))) return
    this.#assembly.reading.refuse(at, {
      level: 'warning',
      message: `no issuer and no API key has principals of ${organizations.map(quote).join(' or ')}: every call gets 403`,
      expected: 'an issuer or key of the organization, or `auth.organizations`',
    })
  }

  /** With API keys alone every scope that exists is known. */
  #refuseUnknownScopes(scopes: readonly string[]): void {
    const { reading, document, identity } = this.#assembly
    if (identity.issuers.size > 0 || !identity.hasKeys) return
    const known = new Set(document.identity.apiKeys.keys.flatMap((key) => key.scopes))
    for (const [i, scope] of scopes.entries()) {
      if (known.has(scope)) continue
      reading.refuse(reading.locate(scopes, i), {
        message: `no API key has the scope ${quote(scope)}, and there is no issuer`,
        expected: known.size === 0 ? 'a key with that scope' : `one of ${[...known].join(', ')}`,
        suggestion: nearest(scope, known),
      })
    }
  }
}
