import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IssuerConfig } from '../../../gateway/config/schema.ts'
import { REASONS, type Reason } from '../../../gateway/identity/rejections.ts'
import {
  ANYBODY,
  admitted,
  authenticatorFor,
  bearing,
  claims,
  forge,
  NOW_S,
  refused,
  SKEW_S,
  token,
} from './fixture.ts'

const jwt = authenticatorFor()
const atJwt = authenticatorFor({ profile: 'at+jwt' })
/** What RFC 9068 demands beside the rest. */
const COMPLETE = { client_id: 'app', jti: '1' }

function accepts(changes: object, settings?: Partial<IssuerConfig>): void {
  const authenticator = settings === undefined ? jwt : authenticatorFor(settings)
  admitted(authenticator.authenticate(bearing(token(changes)), ANYBODY))
}

function refuses(changes: object, reason: Reason, settings?: Partial<IssuerConfig>): void {
  const authenticator = settings === undefined ? jwt : authenticatorFor(settings)
  const rejection = refused(authenticator.authenticate(bearing(token(changes)), ANYBODY))
  assert.equal(rejection.reason, REASONS[reason], JSON.stringify(changes))
}

test('a token without an expiry is refused (D19)', () => {
  refuses({ exp: undefined }, 'expiry-missing')
  refuses({ exp: null }, 'expiry-missing')
})

test('a token is good until its expiry and the tolerated skew have passed (D20)', () => {
  refuses({ exp: NOW_S - SKEW_S - 1, iat: NOW_S - 60 }, 'expired')
  refuses({ exp: NOW_S - SKEW_S, iat: NOW_S - 60 }, 'expired')
  accepts({ exp: NOW_S - SKEW_S + 1, iat: NOW_S - 60 })
  accepts({ exp: NOW_S + 1 })
  refuses({ exp: NOW_S, iat: NOW_S - 60 }, 'expired', { skew: 0 })
  accepts({ exp: NOW_S + 1 }, { skew: 0 })
})

test('a token is not good before nbf, less the tolerated skew (D21)', () => {
  refuses({ nbf: NOW_S + SKEW_S + 1 }, 'not-yet-valid')
  accepts({ nbf: NOW_S + SKEW_S })
  accepts({ nbf: NOW_S + SKEW_S - 1 })
  for (const nbf of ['1', null, true, -1, 1e30, []]) refuses({ nbf }, 'not-yet-valid')
})

test('a token from the future is refused (D22)', () => {
  refuses({ iat: NOW_S + SKEW_S + 1 }, 'issued-at')
  accepts({ iat: NOW_S + SKEW_S })
  for (const iat of ['1', null, true, -1, 1e30, [], undefined]) refuses({ iat }, 'issued-at')
})

test('an expiry is a number that can be a date, with a fraction if it likes (D23)', () => {
  for (const exp of [String(NOW_S + 300), 1e30, 1e12, -1, true, false, [NOW_S + 300], {}, '']) {
    refuses({ exp }, 'expiry-missing')
  }
  accepts({ exp: NOW_S + 12.5 })
  refuses({ exp: 12.5 }, 'expired')
  accepts({ exp: NOW_S - SKEW_S + 0.001, iat: NOW_S - 60 })
  for (const exp of ['NaN', 'Infinity', '0x7fffffff', '1e', `0${NOW_S + 300}`, `+${NOW_S + 300}`]) {
    const payload = JSON.stringify(claims({ exp: 0 })).replace('"exp":0', `"exp":${exp}`)
    const rejection = refused(
      jwt.authenticate(bearing(forge({ alg: 'RS256', kid: 'main' }, payload)), ANYBODY),
    )
    assert.equal(rejection.reason, REASONS.malformed)
  }
  for (const exp of ['1e999', '99999999999999999999999']) {
    const payload = JSON.stringify(claims({ exp: 0 })).replace('"exp":0', `"exp":${exp}`)
    const rejection = refused(
      jwt.authenticate(bearing(forge({ alg: 'RS256', kid: 'main' }, payload)), ANYBODY),
    )
    assert.equal(rejection.reason, REASONS['expiry-missing'])
  }
})

test('a token that lives longer than its issuer may grant is refused (D24)', () => {
  const hour = { maxLifetime: 3_600_000 }
  accepts({ exp: NOW_S + 3600 }, hour)
  refuses({ exp: NOW_S + 3601 }, 'lifetime', hour)
  refuses({ exp: NOW_S + 10, iat: NOW_S - 3591 }, 'lifetime', hour)
})

test('a token that is not for us is refused (D25)', () => {
  const wrong = [
    undefined,
    null,
    [],
    1,
    [1],
    '',
    'other',
    'dispatc',
    'dispatch2',
    'Dispatch',
    'dispatch ',
    {},
    true,
  ]
  for (const aud of [...wrong, ['other'], [['dispatch']], ['dispatch', 1], { dispatch: true }]) {
    refuses({ aud }, 'audience')
  }
})

test('a token that is for us among others is accepted (D26)', () => {
  accepts({ aud: ['other', 'dispatch'] })
  accepts({ aud: ['dispatch'] })
  accepts({ aud: 'second' }, { audiences: ['first', 'second'] })
})

test('the issuer is exactly the configured one (D27)', () => {
  const wrong = [
    ...[
      undefined,
      null,
      ['https://idp.example.com'],
      1,
      {},
      '',
      'https://idp.example.com/',
      'HTTPS://IDP.EXAMPLE.COM',
    ],
    ...[
      'https://idp.example.com#',
      'https://іdp.example.com',
      'https://xn--dp-5lc.example.com',
      '__proto__',
      'api-key',
    ],
  ]
  for (const iss of wrong) refuses({ iss }, 'issuer-unknown')
})

test('at+jwt in any spelling is asked for by its profile, and only that (D28)', () => {
  const send = (typ: string | undefined) => {
    const header = typ === undefined ? {} : { typ }
    return atJwt.authenticate(bearing(token(COMPLETE, header)), ANYBODY)
  }
  for (const typ of ['at+jwt', 'application/at+jwt', 'AT+JWT', 'Application/AT+jwt']) admitted(send(typ))
  for (const typ of [
    undefined,
    'JWT',
    'jwt',
    'application/jwt',
    'id_token',
    'at',
    'at+jwt ',
    '',
    'dpop+jwt',
  ]) {
    assert.equal(refused(send(typ)).reason, REASONS.type)
  }
})

test('without that profile plain tokens are taken too, tokens for other purposes are not (D28)', () => {
  const send = (typ: string) => jwt.authenticate(bearing(token({}, { typ })), ANYBODY)
  for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'application/jwt']) admitted(send(typ))
  for (const typ of ['id_token', 'dpop+jwt', 'logout+jwt', 'secevent+jwt', 'JWE', '']) {
    assert.equal(refused(send(typ)).reason, REASONS.type)
  }
})

test('at+jwt demands what RFC 9068 demands', () => {
  for (const name of ['client_id', 'jti', 'iat']) {
    const incomplete = token({ ...COMPLETE, [name]: undefined }, { typ: 'at+jwt' })
    assert.equal(refused(atJwt.authenticate(bearing(incomplete), ANYBODY)).reason, REASONS.profile)
  }
})

test('an ID token is no access token (D29)', () => {
  for (const name of ['nonce', 'at_hash', 'c_hash']) {
    refuses({ [name]: 'x' }, 'id-token')
    refuses({ [name]: null }, 'id-token')
    const dressed = token({ ...COMPLETE, [name]: 'x' }, { typ: 'at+jwt' })
    assert.equal(refused(atJwt.authenticate(bearing(dressed), ANYBODY)).reason, REASONS['id-token'])
  }
})

test('a token that is bound to a key or a certificate is not good for its bearer (E13)', () => {
  for (const cnf of [{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}, null, 'x']) refuses({ cnf }, 'bound')
})
