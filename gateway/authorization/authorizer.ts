import type { AuthConfig } from '../config/schema.ts'
import type { Principal } from '../contract/principal.ts'
import { Rejection } from '../contract/rejection.ts'
import { bearerChallenge } from '../identity/challenge.ts'

/**
 * Makes the Authorizer of one Route.
 *
 * @throws RangeError When the realm or a scope cannot stand in a header.
 */
export function createAuthorizer(auth: AuthConfig, realm: string): Authorizer {
  const forbidden = (reason: string) => new Rejection('GW_FORBIDDEN', '', [], reason)
  const challenge = bearerChallenge(realm, { error: 'insufficient_scope', scope: auth.scopes.join(' ') })
  return new Authorizer(auth, {
    organization: forbidden('the route is not for the organization of the caller'),
    role: forbidden('the caller has none of the roles that the route asks for'),
    scope: new Rejection('GW_SCOPE_MISSING', '', ['www-authenticate', challenge], 'the caller lacks a scope'),
  })
}

/** Decides whether a principal may call one Route. */
export class Authorizer {
  readonly #organizations: readonly string[]
  readonly #roles: readonly string[]
  readonly #scopes: readonly string[]
  readonly #refusals: Refusals

  constructor(auth: AuthConfig, refusals: Refusals) {
    this.#organizations = auth.organizations
    this.#roles = auth.roles
    this.#scopes = auth.scopes
    this.#refusals = refusals
  }

  /**
   * Organization first, because what another tenant demands is nobody's business; then one of the roles, then all of
   * the scopes. Names are equal or they are not: no prefixes, no wildcards, no letter case.
   */
  check(principal: Principal): Rejection | undefined {
    if (!this.#organizations.includes(principal.organization)) return this.#refusals.organization
    if (this.#roles.length > 0 && !hasOne(principal.roles, this.#roles)) return this.#refusals.role
    return hasAll(principal.scopes, this.#scopes) ? undefined : this.#refusals.scope
  }
}

interface Refusals {
  readonly organization: Rejection
  readonly role: Rejection
  readonly scope: Rejection
}

function hasOne(owned: readonly string[], asked: readonly string[]): boolean {
  for (let i = 0; i < asked.length; i++) if (owned.includes(asked[i]!)) return true
  return false
}

function hasAll(owned: readonly string[], asked: readonly string[]): boolean {
  for (let i = 0; i < asked.length; i++) if (!owned.includes(asked[i]!)) return false
  return true
}
