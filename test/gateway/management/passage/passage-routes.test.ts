import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { PlatformRefusal } from '../../../../gateway/contract/lifecycle.ts'
import type { PlatformApi, PlatformApiRequest } from '../../../../gateway/contract/platform-api.ts'
import { Rejection } from '../../../../gateway/contract/rejection.ts'
import {
  createAuthority,
  createServerCertificate,
} from '../../../../gateway/development/certificate-authority.ts'
import { until } from '../../../e2e/observe.ts'
import { type Answer, startUpstream } from '../../../e2e/upstream.ts'
import { freePort } from '../../../free-port.ts'
import { listen, shut } from '../../../loopback.ts'
import { AUTHORIZED, hostWith, lifecycleWith, openPort } from '../support.ts'

/** Milliseconds in which anything that is waited for has to come, also on a busy machine. */
const PATIENCE_MS = 20_000

const OWN = { authorization: 'Basic b3Vycw==' }

function apiAt(origin: string, parts: Partial<PlatformApi> = {}): PlatformApi {
  return {
    origin,
    base: '',
    connection: {},
    signedBodyBytes: 0,
    identityFields: [],
    authorize: async () => OWN,
    ...parts,
  }
}

async function openWith(t: TestContext, api: PlatformApi | Rejection) {
  const entries: Record<string, unknown>[] = []
  const log = { info: (fields: object) => void entries.push({ ...fields }), warn() {}, error() {} }
  const lifecycle = lifecycleWith({
    api: (backend) => (backend === 'home' ? api : new Rejection('GW_NO_ROUTE', `There is no ${backend}.`)),
  })
  return { ...(await openPort(t, hostWith({ log, lifecycle }))), entries }
}

async function open(t: TestContext, answer?: Answer, parts: Partial<PlatformApi> = {}) {
  const upstream = await startUpstream(t, answer)
  return { ...(await openWith(t, apiAt(upstream.url, parts))), upstream }
}

test('a request goes on below the base with the credential of the gateway and none of the caller', async (t) => {
  const { ask, upstream, entries } = await open(t, undefined, {
    base: '/faas',
    identityFields: ['impersonate-', 'x-amz-security-token'],
  })
  const answer = await ask('/v1/backends/home/api/system/functions?namespace=a%2Fb&x=1&x=2&secret=s3cr3t', {
    headers: {
      ...AUTHORIZED,
      cookie: 'a=b',
      'x-forwarded-for': '1.2.3.4',
      forwarded: 'for=1.2.3.4',
      'impersonate-user': 'root',
      'x-amz-security-token': 'theirs',
      'x-hop': '1',
      connection: 'x-hop, keep-alive',
      accept: 'application/json',
    },
  })
  assert.deepEqual([answer.status, answer.body], [200, 'hello'])
  const [seen] = upstream.seen
  assert.equal(seen!.target, '/faas/system/functions?namespace=a%2Fb&x=1&x=2&secret=s3cr3t')
  const { host, connection, ...fields } = seen!.headers
  assert.equal(host, new URL(upstream.url).host)
  assert.deepEqual(fields, { ...OWN, accept: 'application/json' })
  await until(() => entries.length === 1, 'the request is in the log', PATIENCE_MS)
  const { audit, backend, method, path, status, address, cut } = entries[0]!
  assert.deepEqual(
    [audit, backend, method, path, status, address, cut],
    ['passage', 'home', 'GET', '/system/functions', 200, '127.0.0.1', false],
  )
  assert.doesNotMatch(JSON.stringify(entries), /s3cr3t|b3Vycw/)
})

test('bodies go on byte for byte, whatever their type and method', async (t) => {
  const { ask, upstream } = await open(t, ({ body }, response) => void response.end(body))
  const exact = '{"n": 12345678901234567890, "a": 1, "a": 2}'
  const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x0d, 0x0a])
  const cases: [string, Record<string, string>, string | Buffer][] = [
    ['POST', { 'content-type': 'application/json' }, exact],
    ['DELETE', { 'content-type': 'application/json', 'content-length': String(exact.length) }, exact],
    ['PUT', { 'content-type': 'text/plain; charset=latin1' }, bytes],
    ['POST', {}, bytes],
    ['PATCH', { 'content-type': 'application/merge-patch+json' }, exact],
  ]
  for (const [method, headers, body] of cases) {
    const answer = await ask('/v1/backends/home/api/x', {
      method,
      headers: { ...AUTHORIZED, ...headers },
      body,
    })
    assert.equal(answer.status, 200, method)
    const seen = upstream.seen.at(-1)!
    assert.deepEqual([seen.method, seen.body], [method, Buffer.from(body)])
    assert.equal(seen.headers['content-type'], headers['content-type'])
  }
  assert.equal((await ask('/v1/backends/home/api/x', { method: 'HEAD', headers: AUTHORIZED })).status, 200)
})

test('a path that leads out of the base, or that servers read differently, is refused', async (t) => {
  const { raw, upstream } = await open(t, undefined, { base: '/api' })
  const paths = [
    '/../x',
    '/a/../../x',
    '/%2e%2e/x',
    '/a/%2E%2e%2fx',
    '/..%2fx',
    '/..%5cx',
    '/a\\..\\x',
    '/%252e%252e/x',
    '//evil.example/x',
    '/a//b',
    '/./x',
    '/a%00b',
  ]
  for (const path of paths) {
    const answer = await raw(
      `GET /v1/backends/home/api${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${AUTHORIZED.authorization}\r\nConnection: close\r\n\r\n`,
    )
    assert.match(answer, /^HTTP\/1\.1 40[04] /, path)
  }
  assert.deepEqual(upstream.seen, [])
})

test('a busy platform is asked once, and its answer is the answer', async (t) => {
  const { ask, upstream } = await open(t, (_request, response) => {
    response.writeHead(503, { 'retry-after': '2' }).end('busy')
  })
  const answer = await ask('/v1/backends/home/api/x', { headers: AUTHORIZED })
  assert.deepEqual([answer.status, answer.body, answer.headers['retry-after']], [503, 'busy', '2'])
  assert.equal(upstream.heads, 1)
})

test('an answer has no fields of its connection, and none that speak for the gateway', async (t) => {
  const { ask, upstream } = await open(
    t,
    (_request, response) => {
      response.writeHead(302, {
        connection: 'x-hop, close',
        'x-hop': '1',
        'proxy-authenticate': 'Basic',
        'set-cookie': 'a=b',
        'dispatch-error': 'GW_FORGED',
        'access-control-allow-origin': '*',
        'cache-control': 'public',
        etag: '"1"',
        location: '/faas/ui/',
      })
      response.end()
    },
    { base: '/faas' },
  )
  const { status, headers } = await ask('/v1/backends/home/api/', { headers: AUTHORIZED })
  assert.equal(status, 302)
  assert.equal(upstream.seen[0]!.target, '/faas/')
  for (const name of [
    'x-hop',
    'proxy-authenticate',
    'set-cookie',
    'dispatch-error',
    'access-control-allow-origin',
  ])
    assert.equal(headers[name], undefined, name)
  assert.equal(headers.etag, '"1"')
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['content-security-policy'], 'sandbox')
  assert.equal(headers.location, '/v1/backends/home/api/ui/')
})

test('answers are streamed, and who leaves ends the request at the platform', async (t) => {
  const answers: http.ServerResponse[] = []
  const { port, entries } = await open(t, (_request, response) => {
    answers.push(response)
    response.write('one\n')
  })
  const request = http.get({ port, path: '/v1/backends/home/api/watch', headers: AUTHORIZED, agent: false })
  request.on('error', () => {})
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
  answer.on('error', () => {})
  assert.equal(String((await once(answer, 'data'))[0]), 'one\n')
  answers[0]!.write('two\n')
  assert.equal(String((await once(answer, 'data'))[0]), 'two\n')
  const left = once(answers[0]!, 'close')
  request.destroy()
  await left
  await until(() => entries.length === 1, 'the request is in the log', PATIENCE_MS)
  assert.equal(entries[0]!['cut'], true)
})

test('who leaves before the platform answers ends the request there too', async (t) => {
  const answers: http.ServerResponse[] = []
  const { port } = await open(t, (_request, response) => void answers.push(response))
  const request = http.get({ port, path: '/v1/backends/home/api/slow', headers: AUTHORIZED, agent: false })
  request.on('error', () => {})
  await until(() => answers.length === 1, 'the platform was asked', PATIENCE_MS)
  const left = once(answers[0]!, 'close')
  request.destroy()
  await left
})

test('TLS is verified: a platform that nobody vouches for is not asked', async (t) => {
  const { NODE_TLS_REJECT_UNAUTHORIZED: before = '1' } = process.env
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.after(() => Object.assign(process.env, { NODE_TLS_REJECT_UNAUTHORIZED: before }))
  const authority = await createAuthority(Date.now())
  const { key, certificate: cert } = await createServerCertificate(authority, ['localhost'], Date.now())
  let asked = 0
  const server = https.createServer({ key, cert }, (_request, response) => {
    asked++
    response.end('secure')
  })
  const port = await listen(server)
  t.after(() => shut(server))
  const ask = async (host: string, ca: string | null) =>
    (await openWith(t, apiAt(`https://${host}:${port}`, { connection: { ca } }))).ask(
      '/v1/backends/home/api/',
      { headers: AUTHORIZED },
    )
  for (const [host, ca] of [
    ['localhost', null],
    ['127.0.0.1', authority.certificate],
  ] as const) {
    const refused = await ask(host, ca)
    assert.equal(refused.status, 502)
    assert.equal(refused.headers['dispatch-error'], 'GW_BACKEND_UNREACHABLE')
  }
  assert.equal(asked, 0)
  assert.equal((await ask('localhost', authority.certificate)).body, 'secure')
})

test('what goes wrong on the way is a problem document', async (t) => {
  const problemOf = async (api: PlatformApi | Rejection, path = '/v1/backends/home/api/x') => {
    const { ask } = await openWith(t, api)
    const answer = await ask(path, { headers: AUTHORIZED })
    assert.equal(answer.headers['content-type'], 'application/problem+json')
    return [answer.status, answer.json()['code'], answer.json()['detail']]
  }
  const answering = async (bytes: string | null) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => (bytes === null ? socket.resetAndDestroy() : socket.end(bytes)))
    })
    const port = await listen(server)
    t.after(() => server.close())
    return apiAt(`http://127.0.0.1:${port}`)
  }
  const [status, code] = await problemOf(apiAt(`http://127.0.0.1:${await freePort()}`))
  assert.deepEqual([status, code], [502, 'GW_BACKEND_UNREACHABLE'])
  assert.equal((await problemOf(await answering(null)))[1], 'GW_BACKEND_RESET')
  assert.equal((await problemOf(await answering('nonsense\r\n\r\n')))[1], 'GW_BACKEND_MALFORMED')
  const unauthorized = await answering(
    'HTTP/1.1 401 no\r\nwww-authenticate: Basic\r\ncontent-length: 0\r\n\r\n',
  )
  assert.deepEqual((await problemOf(unauthorized)).slice(0, 2), [502, 'GW_BACKEND_DENIED'])
  const without = apiAt('http://127.0.0.1:1', {
    authorize: async () => {
      throw new PlatformRefusal('denied', 'There is no credential.')
    },
  })
  assert.deepEqual(await problemOf(without), [502, 'GW_BACKEND_DENIED', 'There is no credential.'])
  const none = new Rejection('GW_PLATFORM_UNSUPPORTED', 'No API is lent.')
  assert.deepEqual(await problemOf(none), [501, 'GW_PLATFORM_UNSUPPORTED', 'No API is lent.'])
  assert.deepEqual((await problemOf(none, '/v1/backends/elsewhere/api/x')).slice(0, 2), [404, 'GW_NO_ROUTE'])
})

test('a body that has to be signed is seen whole, within its bound', async (t) => {
  const signed: PlatformApiRequest[] = []
  const { ask, upstream } = await open(t, undefined, {
    signedBodyBytes: 1000,
    authorize: async (request) => {
      signed.push(request)
      return { 'x-signature': String(request.body?.length ?? 'none') }
    },
  })
  const send = (body?: string) =>
    ask('/v1/backends/home/api/x?q=1', {
      method: 'POST',
      headers: { ...AUTHORIZED, 'content-type': 'application/json' },
      ...(body !== undefined && { body }),
    })
  assert.equal((await send('{"n": 12345678901234567890}')).status, 200)
  assert.deepEqual(
    [signed[0]!.method, signed[0]!.path, String(signed[0]!.body)],
    ['POST', '/x?q=1', '{"n": 12345678901234567890}'],
  )
  assert.equal(String(upstream.seen[0]!.body), '{"n": 12345678901234567890}')
  assert.equal(upstream.seen[0]!.headers['x-signature'], '27')
  assert.equal(upstream.seen[0]!.headers['content-length'], '27')
  const tooLarge = await send('x'.repeat(1001))
  assert.deepEqual([tooLarge.status, tooLarge.json()['code']], [413, 'GW_BODY_TOO_LARGE'])
  assert.equal((await send()).status, 200)
  assert.equal(upstream.seen.length, 2)
})

test('without the management token nothing is asked and nothing is said', async (t) => {
  const { ask, upstream, entries } = await open(t)
  assert.equal((await ask('/v1/backends/home/api/x')).status, 401)
  assert.equal((await ask('/v1/backends/nope/api/x')).status, 401)
  assert.deepEqual([upstream.heads, entries.length], [0, 0])
})
