import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AUTHORIZED, openPort, TOKEN } from './support.ts'

const INVOKE = '/v1/organizations/default/functions/hello/invoke'

test('the API answers 401 with a challenge without the token, whatever is asked', async (t) => {
  const { ask } = await openPort(t)
  const paths = [
    '/v1/status',
    '/v1/reload',
    INVOKE,
    `${INVOKE}/a`,
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v1/status/',
  ]
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      const answer = await ask(path, { method })
      assert.equal(answer.status, 401, `${method} ${path}`)
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="dispatch-management"')
      assert.equal(answer.json()['code'], 'GW_UNAUTHENTICATED')
    }
  }
})

test('no spelling of a target gets around the token', async (t) => {
  const { ask } = await openPort(t)
  const spellings = [
    '/%76%31/status',
    '/v1/%73tatus',
    '/V1/status',
    '//v1/status',
    '/healthz/../v1/status',
    '/healthz/%2e%2e/v1/status',
    '/./v1/status',
    '/v1/status?x=/healthz',
    '/v1/status#/healthz',
    '/v1/status;/healthz',
    '/%76%31/organizations/default/functions/hello/invoke',
  ]
  for (const path of spellings) {
    const { status, body } = await ask(path, { method: 'GET' })
    assert.ok(status === 401 || status === 404 || status === 400, `${path}: ${status}`)
    assert.doesNotMatch(body, /generation/)
  }
})

test('only the token itself passes', async (t) => {
  const { ask } = await openPort(t)
  const wrong = [
    '',
    'Bearer',
    'Bearer ',
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN} ${TOKEN}`,
    `Bearer ${TOKEN}, Bearer ${TOKEN}`,
    `Bearer\t${TOKEN}`,
    `Bearer ${'x'.repeat(8000)}`,
  ]
  for (const authorization of wrong) {
    const answer = await ask('/v1/status', { headers: { authorization } })
    assert.equal(answer.status, 401, authorization)
    assert.match(String(answer.headers['www-authenticate']), /error="invalid_token"/)
    assert.ok(!answer.body.includes(TOKEN))
  }
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER  ${TOKEN}`]) {
    assert.equal((await ask('/v1/status', { headers: { authorization } })).status, 200, authorization)
  }
})

test('the token is not taken from the URL', async (t) => {
  const { ask } = await openPort(t)
  assert.equal((await ask(`/v1/status?access_token=${TOKEN}&token=${TOKEN}`)).status, 401)
})

test('a header of which one must count is refused when it is repeated', async (t) => {
  const { raw } = await openPort(t)
  const ask = (...lines: string[]) =>
    raw(['GET /v1/status HTTP/1.1', 'connection: close', ...lines, '', ''].join('\r\n'))
  const bearer = `authorization: Bearer ${TOKEN}`
  assert.match(await ask('host: localhost', bearer), /^HTTP\/1\.1 200 /)
  assert.match(await ask('host: localhost', bearer, 'authorization: Bearer other'), /^HTTP\/1\.1 400 /)
  assert.match(await ask('host: localhost', 'Authorization: Bearer other', bearer), /^HTTP\/1\.1 400 /)
  assert.match(await ask('host: localhost', 'host: evil.example', bearer), /^HTTP\/1\.1 400 /)
})

test('only addresses, localhost and own names are taken as Host (DNS rebinding)', async (t) => {
  const { ask } = await openPort(t, undefined, ['gateway.internal', 'Other.Internal:9090'])
  const ours = [
    '127.0.0.1',
    '127.0.0.1:9090',
    '10.1.2.3:80',
    '[::1]:9090',
    '[fd00::1]',
    'localhost',
    'LOCALHOST:9090',
    'localhost.',
    'gateway.internal:9090',
    'other.internal',
  ]
  for (const host of ours) assert.equal((await ask('/metrics', { headers: { host } })).status, 200, host)
  const others = [
    'evil.example',
    'evil.example:9090',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io',
    'evil-gateway.internal',
  ]
  for (const host of others) {
    for (const path of ['/metrics', '/healthz', '/readyz', '/v1/status', '/nothing']) {
      const answer = await ask(path, { headers: { host, ...AUTHORIZED } })
      assert.deepEqual([answer.status, answer.json()['code']], [421, 'GW_MISDIRECTED'], `${host} ${path}`)
    }
  }
})

test('a Host that is none, or a number that some read as an address, is refused', async (t) => {
  const { raw } = await openPort(t)
  const none = ['', 'a,b', 'u@localhost', 'localhost/x', 'localhost:99999', '[::1', 'x'.repeat(300)]
  for (const host of [...none, '0x7f000001', '2130706433']) {
    const answer = await raw(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 400 /, host)
  }
  assert.match(await raw('GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n'), /^HTTP\/1\.1 400 /)
})

test('a probe of HTTP/1.0 without Host is answered', async (t) => {
  const { raw } = await openPort(t)
  assert.match(await raw('GET /healthz HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /)
})

test('a target that is no path is refused', async (t) => {
  const { raw } = await openPort(t)
  for (const target of ['http://localhost/healthz', 'http://evil.example/metrics', '*']) {
    const method = target === '*' ? 'OPTIONS' : 'GET'
    const answer = await raw(`${method} ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 400 /, target)
  }
})
