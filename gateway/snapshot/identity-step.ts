import type { Authorizer } from '../authorization/authorizer.ts'
import type { AuthConfig } from '../config/schema.ts'
import type { Principal } from '../contract/principal.ts'
import { Rejection, type Verdict } from '../contract/rejection.ts'
import type { Authenticator } from '../identity/authenticator.ts'
import type { AccessStep, OpenCall } from './access-step.ts'

/** Authentication and authorization of one Route: always before its plugins, absent only with `auth: none`. */
export class IdentityStep implements AccessStep {
  readonly #authenticator: Authenticator
  readonly #authorizer: Authorizer
  readonly #auth: AuthConfig
  readonly #apiKeyHeader: string

  constructor(authenticator: Authenticator, authorizer: Authorizer, auth: AuthConfig, apiKeyHeader: string) {
    this.#authenticator = authenticator
    this.#authorizer = authorizer
    this.#auth = auth
    this.#apiKeyHeader = apiKeyHeader
  }

  access(call: OpenCall): Verdict {
    const who = this.#authenticator.authenticate(call, this.#auth, call.asserted)
    return who instanceof Promise ? who.then((late) => this.#admit(call, late)) : this.#admit(call, who)
  }

  #admit(call: OpenCall, who: Principal | Rejection): Rejection | undefined {
    if (who instanceof Rejection) return who
    call.principal = who
    const refusal = this.#authorizer.check(who)
    if (refusal !== undefined) return refusal
    const { requestHeaders } = call
    if (!this.#auth.forwardCredential) {
      // What a proxy in front looked at may be in either.
      if (who.credential !== 'api-key') requestHeaders.remove('authorization')
      if (who.credential !== 'jwt') requestHeaders.remove(this.#apiKeyHeader)
    }
    for (const text of identityFields(who)) requestHeaders.flat.push(text)
    return undefined
  }
}

/** Names and values in turn, made once for each principal. */
const fields = new WeakMap<Principal, readonly string[]>()

function identityFields(principal: Principal): readonly string[] {
  let known = fields.get(principal)
  if (known === undefined) {
    known = [
      'dispatch-subject',
      headerText(principal.subject),
      'dispatch-organization',
      headerText(principal.organization),
      'dispatch-issuer',
      headerText(principal.issuer),
      'dispatch-roles',
      principal.roles.map(headerText).join(' '),
      'dispatch-scopes',
      principal.scopes.map(headerText).join(' '),
    ]
    fields.set(principal, known)
  }
  return known
}

/** Percent-encodes what cannot stand in a header or would change its meaning; `%` itself, so that it can be undone. */
function headerText(text: string): string {
  return text.replace(/[^\x21-\x24\x26-\x7e]+/g, (odd) => encodeURIComponent(odd.toWellFormed()))
}
