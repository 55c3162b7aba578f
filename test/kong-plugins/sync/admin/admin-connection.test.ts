import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import {
  createAuthority,
  createServerCertificate,
} from '../../../../gateway/development/certificate-authority.ts'
import { type AdminConfig, AdminConnection } from '../../../../kong-plugins/sync/admin/admin-connection.ts'
import { KongError } from '../../../../kong-plugins/sync/kong-error.ts'

const NOW = new AbortController().signal

const PLAIN: AdminConfig = {
  url: '',
  workspace: null,
  headers: {},
  ca: null,
  certificate: null,
  key: null,
  timeout: 5000,
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void

async function startServer(t: TestContext, handler: Handler, tls?: https.ServerOptions): Promise<string> {
  const server = tls === undefined ? http.createServer(handler) : https.createServer(tls, handler)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function connect(t: TestContext, config: Partial<AdminConfig>): Promise<AdminConnection> {
  const connection = new AdminConnection({ ...PLAIN, ...config })
  t.after(() => connection.close())
  return connection
}

const ask = (connection: AdminConnection, signal = NOW) =>
  connection.send({ method: 'GET', path: '/services', signal })

async function errorOf(asked: Promise<unknown>): Promise<KongError> {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof KongError, String(error))
  return error
}

const ok: Handler = (_request, response) => void response.end('{}')

test('a path of the address, the workspace and the headers go with every request', async (t) => {
  const seen: string[] = []
  const url = await startServer(t, (request, response) => {
    seen.push(`${request.url} ${request.headers['kong-admin-token']}`)
    response.end('{}')
  })
  const headers = { 'kong-admin-token': 'secret-token' }
  const connection = await connect(t, { url: `${url}/kong/admin/`, workspace: 'team', headers })
  await ask(connection)
  await connection.sendGlobal({ method: 'GET', path: '/', signal: NOW })
  assert.deepEqual(seen, ['/kong/admin/team/services secret-token', '/kong/admin/ secret-token'])
})

test('TLS is checked by the authority that is named, and by no other', async (t) => {
  const authority = await createAuthority(Date.now())
  const { certificate, key } = await createServerCertificate(authority, ['127.0.0.1'], Date.now())
  const url = await startServer(t, ok, { cert: certificate, key })
  await ask(await connect(t, { url, ca: authority.certificate }))
  const stranger = await createAuthority(Date.now())
  for (const ca of [null, stranger.certificate]) {
    const error = await errorOf(ask(await connect(t, { url, ca })))
    assert.equal(error.kind, 'denied')
    assert.match(error.message, /certificate/)
    assert.equal(error.retryable, false)
  }
})

test('a certificate is shown to an Admin API that asks for one', async (t) => {
  const authority = await createAuthority(Date.now())
  const server = await createServerCertificate(authority, ['127.0.0.1'], Date.now())
  const url = await startServer(
    t,
    (request, response) => {
      const socket = request.socket as TLSSocket
      response.end(JSON.stringify({ shown: Object.keys(socket.getPeerCertificate()).length > 0 }))
    },
    { cert: server.certificate, key: server.key, requestCert: true, rejectUnauthorized: false },
  )
  const own = await createServerCertificate(authority, ['gateway'], Date.now())
  const withOne = await connect(t, { url, ca: authority.certificate, ...own })
  assert.deepEqual((await ask(withOne)).content, { shown: true })
  const without = await connect(t, { url, ca: authority.certificate })
  assert.deepEqual((await ask(without)).content, { shown: false })
})

test('errors are told apart by what may be done about them', async (t) => {
  let answer: [number, Record<string, string>, string] = [500, {}, '']
  const url = await startServer(t, (_request, response) => {
    const [status, headers, body] = answer
    response.writeHead(status, headers).end(body)
  })
  const connection = await connect(t, { url })
  const cases: [typeof answer, string, boolean][] = [
    [[400, {}, '{"code":2,"message":"schema violation (paths: bad)"}'], 'invalid', false],
    [[400, {}, '{"code":4,"message":"an existing"}'], 'reference', false],
    [[409, {}, '{"code":5,"message":"UNIQUE violation"}'], 'conflict', false],
    [[401, {}, '{}'], 'denied', false],
    [[404, {}, '{"message":"Not found"}'], 'missing', false],
    [[429, { 'retry-after': '7' }, '{}'], 'busy', true],
    [[500, {}, '{"code":8,"message":"An unexpected error occurred"}'], 'failed', true],
    [[503, {}, '<html>'], 'failed', true],
    [[302, { location: 'http://elsewhere/' }, ''], 'malformed', false],
    [[200, {}, '<html>'], 'malformed', false],
    [[200, {}, '[1]'], 'malformed', false],
  ]
  for (const [given, kind, retryable] of cases) {
    answer = given
    const error = await errorOf(ask(connection))
    assert.deepEqual([error.kind, error.retryable], [kind, retryable], JSON.stringify(given))
    if (kind === 'busy') assert.equal(error.retryAfterMs, 7000)
  }
})

test('what Kong repeats of a key is not repeated', async (t) => {
  const url = await startServer(t, (_request, response) => {
    const message = 'bad\n-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n here'
    response.writeHead(400).end(JSON.stringify({ code: 2, message }))
  })
  const { message } = await errorOf(ask(await connect(t, { url })))
  assert.equal(message, 'bad (PEM) here')
})

test('nobody waits longer than the time-out, for a head that does not come or a body that trickles', async (t) => {
  const url = await startServer(t, (request, response) => {
    if (request.method === 'GET') return
    response.write('{"a":')
    const timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  })
  const connection = await connect(t, { url, timeout: 200 })
  for (const method of ['GET', 'DELETE'] as const) {
    const error = await errorOf(connection.send({ method, path: '/', signal: NOW }))
    assert.equal(error.kind, 'timeout')
    assert.ok(error.retryable)
  }
})

test('an answer without an end is cut off', async (t) => {
  const url = await startServer(t, (_request, response) => {
    const piece = Buffer.alloc(1024 * 1024, 32)
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
      response.once('drain', more)
    }
    more()
  })
  const error = await errorOf(ask(await connect(t, { url, timeout: 20_000 })))
  assert.equal(error.kind, 'malformed')
})

test('a Kong that is away can be told from one that is given up', async (t) => {
  const gone = await connect(t, { url: 'http://127.0.0.1:1' })
  assert.equal((await errorOf(ask(gone))).kind, 'unreachable')
  const url = await startServer(t, () => {})
  const abort = new AbortController()
  const asked = errorOf(ask(await connect(t, { url }), abort.signal))
  abort.abort()
  assert.equal((await asked).kind, 'aborted')
})
