import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AUTHORIZED, hostWith, openPort, STATUS } from './support.ts'

test('health needs no token and says only that the process is alive', async (t) => {
  const { ask } = await openPort(t)
  const answer = await ask('/healthz')
  assert.equal(answer.status, 200)
  assert.deepEqual(answer.json(), { alive: true })
})

test('readiness follows the gateway and gives its reasons', async (t) => {
  let reasons: string[] = []
  const { ask } = await openPort(t, hostWith({ readiness: () => ({ ready: reasons.length === 0, reasons }) }))
  const ready = await ask('/readyz')
  assert.deepEqual([ready.status, ready.json()], [200, { ready: true, reasons: [] }])
  reasons = ['the gateway drains']
  const draining = await ask('/readyz')
  assert.deepEqual([draining.status, draining.json()], [503, { ready: false, reasons }])
})

test('metrics come with the content type that Prometheus expects', async (t) => {
  const { ask } = await openPort(t)
  const answer = await ask('/metrics')
  assert.equal(answer.status, 200)
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4')
  assert.equal(answer.body, 'dispatch_ready 1\n')
})

test('the status is complete and tells how long the gateway runs', async (t) => {
  const { ask } = await openPort(t)
  const answer = await ask('/v1/status', { headers: AUTHORIZED })
  const { uptimeMs, ...status } = answer.json()
  assert.deepEqual(status, STATUS)
  assert.ok(Number(uptimeMs) > 0)
})

test('a reload that is taken answers with its generation', async (t) => {
  const { ask } = await openPort(t)
  const answer = await ask('/v1/reload', { method: 'POST', headers: AUTHORIZED })
  assert.deepEqual([answer.status, answer.json()], [200, { taken: true, generation: 4 }])
})

test('a reload that is refused answers with every mistake', async (t) => {
  const mistakes = ['dispatch.yaml:3: unknown key "rout"', 'dispatch.yaml:9: expected a duration']
  const { ask } = await openPort(t, hostWith({ reload: async () => ({ taken: false, mistakes }) }))
  const answer = await ask('/v1/reload', { method: 'POST', headers: AUTHORIZED })
  assert.equal(answer.status, 422)
  assert.equal(answer.headers['content-type'], 'application/problem+json')
  const body = answer.json()
  assert.deepEqual(
    [body['code'], body['status'], body['mistakes'], body['requestId']],
    ['GW_CONFIG_INVALID', 422, mistakes, answer.headers['x-request-id']],
  )
})

test('what breaks inside is logged and does not leak (L07)', async (t) => {
  const logged: object[] = []
  const host = hostWith({
    log: { info() {}, warn() {}, error: (fields) => void logged.push(fields) },
    metrics: async () => {
      throw new Error('connect ECONNREFUSED 10.1.2.3:5432')
    },
    status: () => {
      throw Object.assign(new Error('secret detail'), { statusCode: 500 })
    },
  })
  const { ask } = await openPort(t, host)
  for (const path of ['/metrics', '/v1/status']) {
    const answer = await ask(path, { headers: AUTHORIZED })
    assert.equal(answer.status, 500)
    assert.equal(answer.json()['code'], 'GW_INTERNAL')
    assert.doesNotMatch(answer.body, /10\.1\.2\.3|secret|stack|\.ts/)
    assert.doesNotMatch(JSON.stringify(answer.headers), /fastify|node|server/i)
  }
  assert.equal(logged.length, 2)
})

test('unknown paths and methods are problem documents', async (t) => {
  const { ask } = await openPort(t)
  const unknown = await ask('/nothing')
  assert.deepEqual([unknown.status, unknown.json()['code']], [404, 'GW_NO_ROUTE'])
  const wrong = await ask('/healthz', { method: 'POST' })
  assert.deepEqual([wrong.status, wrong.headers['allow']], [405, 'GET, HEAD'])
  const reload = await ask('/v1/reload', { headers: AUTHORIZED })
  assert.deepEqual([reload.status, reload.headers['allow']], [405, 'POST'])
  const proto = await ask('/__proto__')
  assert.equal(proto.status, 404)
})

test('every answer has a request id: a well-formed one of the client, else a new one (L08)', async (t) => {
  const { ask } = await openPort(t)
  const paths = ['/healthz', '/nothing', '/v1/status', '/%zz', '/metrics']
  for (const path of paths) {
    const given = await ask(path, { headers: { 'x-request-id': 'mine-1' } })
    assert.equal(given.headers['x-request-id'], 'mine-1', path)
    for (const id of ['x'.repeat(1000), 'a b', '<script>', ['one', 'two']]) {
      const answer = await ask(path, { headers: { 'x-request-id': id } })
      assert.match(String(answer.headers['x-request-id']), /^[0-9a-f]{32}$/, path)
    }
  }
})

test('nobody is told that a browser of another origin may read or call', async (t) => {
  const { ask } = await openPort(t)
  const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
  for (const [path, method] of [
    ['/v1/reload', 'OPTIONS'],
    ['/metrics', 'GET'],
    ['/healthz', 'OPTIONS'],
  ] as const) {
    const answer = await ask(path, { method, headers })
    const names = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))
    assert.deepEqual(names, [], path)
  }
})

test('answers are not kept by caches and not guessed at by browsers', async (t) => {
  const { ask } = await openPort(t)
  for (const path of ['/healthz', '/metrics', '/nothing']) {
    const { headers } = await ask(path)
    assert.deepEqual([headers['cache-control'], headers['x-content-type-options']], ['no-store', 'nosniff'])
  }
})

test('bytes that are no HTTP get 400 and the port serves on', async (t) => {
  const { ask, raw } = await openPort(t)
  assert.match(await raw('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /)
  assert.match(
    await raw(`GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`),
    /^HTTP\/1\.1 4/,
  )
  assert.equal((await ask('/healthz')).status, 200)
})
