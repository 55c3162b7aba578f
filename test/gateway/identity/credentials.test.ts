import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthenticator } from '../../../gateway/identity/authenticator.ts'
import { REASONS } from '../../../gateway/identity/rejections.ts'
import { ANYBODY, admitted, bearing, identityConfig, NO_FEED, NOW, refused, token } from './fixture.ts'

const KEY = {
  name: 'ci',
  hash: 'sha256:2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683', // of "key"
  organization: 'default',
  scopes: [],
  roles: [],
  expires: null,
}
const identity = identityConfig({ apiKeys: { header: 'x-api-key', keys: [KEY] } })
const authenticator = createAuthenticator(identity, NO_FEED, { clock: () => NOW })

function send(rawHeaders: string[], query = '') {
  return authenticator.authenticate({ rawHeaders, query }, ANYBODY)
}

test('a call without a credential is told how to bring one, and of no error (D01, E03)', () => {
  const rejection = refused(send(['Host', 'localhost']))
  assert.equal(rejection.code, 'GW_UNAUTHENTICATED')
  assert.deepEqual(rejection.headers, ['www-authenticate', 'Bearer realm="dispatch"'])
})

test('a call with an invalid token is told of the error in the same words, whatever it is (E03)', () => {
  const wrong = [token({ exp: 1 }), token({ aud: 'other' }), token({ iss: 'other' }), `${token()}x`, 'x']
  for (const text of wrong) {
    const rejection = refused(authenticator.authenticate(bearing(text), ANYBODY))
    assert.equal(rejection.code, 'GW_CREDENTIAL_INVALID')
    assert.equal(rejection.detail, '')
    assert.deepEqual(rejection.headers, [
      'www-authenticate',
      'Bearer realm="dispatch", error="invalid_token", error_description="The access token is not valid"',
    ])
  }
})

test('two credentials are one too many, even when they are the same (D01)', () => {
  const good = `Bearer ${token()}`
  const calls: [string[], string?][] = [
    [['Authorization', good, 'Authorization', good]],
    [['Authorization', good, 'authorization', 'Basic eDp5']],
    [['Authorization', good, 'X-API-Key', 'key']],
    [['x-api-key', 'key', 'X-Api-Key', 'key']],
    [['Authorization', good], `?access_token=${token()}`],
    [['x-api-key', 'key'], '?access_token=x'],
  ]
  for (const [headers, query] of calls) {
    const rejection = refused(send(headers, query), 400)
    assert.equal(rejection.code, 'GW_CREDENTIALS_CONFLICT')
    assert.deepEqual(rejection.headers, [
      'www-authenticate',
      'Bearer realm="dispatch", error="invalid_request"',
    ])
  }
})

test('a token in the query is refused, however its name is spelled (D01)', () => {
  const queries = [
    ...['?access_token=x', '?a=b&access_token=x', '?access_token', '?access_token=', '?access_token&a'],
    ...['?access%5Ftoken=x', '?%61ccess_token=x', '?acce%73s%5ftoke%6E=x'],
  ]
  for (const query of queries)
    assert.equal(refused(send([], query), 400).code, 'GW_CREDENTIALS_CONFLICT', query)
})

test('a query that only resembles that is left to the function', () => {
  const queries = [
    '?',
    '?token=x',
    '?xaccess_token=x',
    '?access_tokens=x',
    '?a=access_token',
    '?access_token%3D',
  ]
  for (const query of queries) admitted(send(['Authorization', `Bearer ${token()}`], query))
})

test('the scheme is taken in any letter case (D02)', () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
    admitted(send(['Authorization', `${scheme} ${token()}`]))
  }
})

test('header names are taken in any letter case', () => {
  for (const name of ['authorization', 'AUTHORIZATION', 'aUTHORIZATION'])
    admitted(send([name, `Bearer ${token()}`]))
  for (const name of ['x-api-key', 'X-API-KEY', 'X-Api-Key']) admitted(send([name, 'key']))
})

test('another scheme, or Bearer without a token, is no credential (D02)', () => {
  const good = token()
  const values = [
    '',
    'Bearer',
    'Bearer ',
    'Basic eDp5',
    `Basic ${good}`,
    good,
    `Bearer${good}`,
    `Bearer\t${good}`,
  ]
  for (const value of values)
    assert.equal(refused(send(['Authorization', value])).code, 'GW_UNAUTHENTICATED', value)
})

test('anything around the token makes it malformed (D02)', () => {
  const good = token()
  const values = [
    ` ${good}`,
    `${good} `,
    `${good} x`,
    `${good}, Bearer ${good}`,
    `"${good}"`,
    'x',
    `${good}\u00e9`,
  ]
  for (const value of values) {
    assert.equal(refused(send(['Authorization', `Bearer ${value}`])).reason, REASONS.malformed, value)
  }
})

test('a header for API keys is an ordinary one where there are no API keys', () => {
  const without = createAuthenticator(identityConfig(), NO_FEED, { clock: () => NOW })
  const rawHeaders = ['X-Api-Key', 'for the function', 'Authorization', `Bearer ${token()}`]
  admitted(without.authenticate({ rawHeaders, query: '' }, ANYBODY))
  const rejection = refused(without.authenticate({ rawHeaders: rawHeaders.slice(0, 2), query: '' }, ANYBODY))
  assert.equal(rejection.code, 'GW_UNAUTHENTICATED')
})

test('a realm is quoted as a header needs it, or refused', () => {
  const quoted = createAuthenticator(identityConfig({ realm: 'a "b" \\c' }), NO_FEED)
  const rejection = refused(quoted.authenticate({ rawHeaders: [], query: '' }, ANYBODY))
  assert.deepEqual(rejection.headers, ['www-authenticate', 'Bearer realm="a \\"b\\" \\\\c"'])
  for (const realm of ['é', 'a\r\nb']) {
    assert.throws(() => createAuthenticator(identityConfig({ realm }), NO_FEED), RangeError)
  }
})
