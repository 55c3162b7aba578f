import { Rejection } from '../contract/rejection.ts'
import { bearerChallenge } from './challenge.ts'

/**
 * Why a credential was refused: for the log of the operator. A client hears the same text for all of them, because
 * each distinction would help an attacker more than a user.
 */
export const REASONS = {
  malformed: 'the token is not a compact JWS with a JSON header and JSON claims',
  extension: 'the header of the token asks for an extension (crit, b64, zip)',
  'issuer-unknown': 'the issuer of the token is not configured',
  'issuer-not-on-route': 'the route does not take the issuer of the token',
  'algorithm-refused': 'the algorithm of the token is not allowed for its issuer',
  type: 'the typ of the token is not that of an access token',
  'id-token': 'the token is an ID token, not an access token',
  bound: 'the token is bound to a key or certificate (cnf) and came without the proof',
  audience: 'the token is not for one of our audiences',
  'expiry-missing': 'the exp of the token is missing or not a date',
  expired: 'the token has expired',
  'not-yet-valid': 'the nbf of the token is in the future or not a date',
  'issued-at': 'the iat of the token is missing, in the future, or not a date',
  lifetime: 'the token lives longer than its issuer may grant',
  profile: 'the token lacks a claim that RFC 9068 demands',
  'key-unknown': 'no usable key of the issuer has the kid of the token and fits its algorithm',
  signature: 'the signature of the token is wrong',
  subject: 'the token has no subject of 1 to 1024 characters',
  'api-key-unknown': 'no API key has this value',
  'api-key-expired': 'the API key has expired',
  'api-key-not-on-route': 'the route does not take API keys',
  'assertion-malformed': 'dispatch-assertion is there twice, or is no assertion',
  'assertion-key-unknown': 'no key of identity.kong has the id of the assertion',
  'assertion-signature': 'the signature of the assertion is wrong',
  'assertion-audience': 'the assertion is for another audience',
  'assertion-expired': 'the assertion has expired',
  'assertion-not-yet-valid': 'the iat of the assertion is in the future',
  'assertion-lifetime': 'the assertion lives longer than identity.kong.maxLifetime, or not at all',
  'assertion-unbound': 'the assertion is not bound to a request',
  'assertion-request': 'the assertion is for another method, host or path',
  'assertion-subject': 'the consumer lacks what identity.kong.subject names, or it is too long',
} as const satisfies Record<string, string>

export type Reason = keyof typeof REASONS

/** Every refusal of authentication, built once (challenges: RFC 6750, section 3). */
export class IdentityRejections {
  /** No credential: the challenge has no error attribute. */
  readonly missing: Rejection
  /** More than one credential, or one in the URL. */
  readonly conflict: Rejection
  /** The keys of the issuer are not known, or too old. */
  readonly unavailable: Rejection
  /** The token is good, but its issuer may not speak for the organization that it names. */
  readonly organization: Rejection
  readonly #invalid: Readonly<Record<Reason, Rejection>>

  constructor(realm: string) {
    const challenge = (attributes?: Record<string, string>) => [
      'www-authenticate',
      bearerChallenge(realm, attributes),
    ]
    const bare = challenge()
    const invalid = challenge({ error: 'invalid_token', error_description: 'The access token is not valid' })

    this.missing = new Rejection('GW_UNAUTHENTICATED', '', bare)
    this.conflict = new Rejection('GW_CREDENTIALS_CONFLICT', '', challenge({ error: 'invalid_request' }))
    this.unavailable = new Rejection(
      'GW_IDENTITY_UNAVAILABLE',
      '',
      ['retry-after', '5'],
      'the keys of the issuer could not be fetched, or are older than staleLimit',
    )
    this.organization = new Rejection(
      'GW_FORBIDDEN',
      '',
      [],
      'the issuer may not speak for the organization that the token or the groups of the consumer name',
    )
    // Where the client sent no token the challenge must not speak of one (RFC 6750, section 3.1).
    this.#invalid = Object.fromEntries(
      Object.entries(REASONS).map(([code, reason]) => {
        const headers = /^(?:api-key|assertion)/.test(code) ? bare : invalid
        return [code, new Rejection('GW_CREDENTIAL_INVALID', '', headers, reason)]
      }),
    ) as Record<Reason, Rejection>
  }

  /** 401, with the same words for every reason; the reason itself is for the log. */
  invalid(reason: Reason): Rejection {
    return this.#invalid[reason]
  }
}
