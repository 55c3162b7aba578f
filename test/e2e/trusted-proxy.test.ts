import assert from 'node:assert/strict'
import { Edge, message, type Sent } from './edge.ts'

/** What a proxy in front may say of its clients, and what not even it may (rows B21 and B22). */
const edge = new Edge({ gateway: { trustedProxies: ['10.0.0.0/8', '127.0.0.1'] } })

function headersOf({ seen, raw }: Sent): Record<string, unknown> {
  assert.equal(seen.length, 1, raw.toString('latin1'))
  return seen[0]!.headers
}

async function sendWith(...lines: string[]): Promise<Record<string, unknown>> {
  return headersOf(await edge.send(message(['GET /x HTTP/1.1', 'Host: inner.test:8080', ...lines])))
}

edge.test('B21 a trusted proxy names the caller', async () => {
  const headers = await sendWith(
    'X-Consumer-ID: 42',
    'X-Consumer-Username: ada',
    'X-Credential-Identifier: key-1',
    'X-Anonymous-Consumer: true',
    'X-Gw-Tenant: acme',
    'X-Forwarded-Prefix: /v1',
  )
  assert.equal(headers['x-consumer-id'], '42')
  assert.equal(headers['x-consumer-username'], 'ada')
  assert.equal(headers['x-credential-identifier'], 'key-1')
  assert.equal(headers['x-anonymous-consumer'], 'true')
  assert.equal(headers['x-gw-tenant'], 'acme')
  assert.equal(headers['x-forwarded-prefix'], '/v1')
})

edge.test('B21 not even a trusted proxy speaks for the gateway', async () => {
  const headers = await sendWith(
    'Dispatch-Subject: forged',
    'Dispatch-Organization: forged',
    'X-Real-IP: 6.6.6.6',
  )
  assert.ok(!JSON.stringify(headers).includes('forged'))
  assert.equal(headers['x-real-ip'], undefined)
})

edge.test('B22 of a list of addresses the one that the trusted proxy added counts', async () => {
  const fifty = Array.from({ length: 50 }, (_, i) => `198.51.100.${i}`).join(', ')
  for (const [lines, address] of [
    [['X-Forwarded-For: 203.0.113.7'], '203.0.113.7'],
    [['X-Forwarded-For: 6.6.6.6, 203.0.113.7'], '203.0.113.7'],
    [[`X-Forwarded-For: ${fifty}`], '198.51.100.49'],
    [['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 203.0.113.7'], '203.0.113.7'],
    [['X-Forwarded-For: 203.0.113.7:4711'], '203.0.113.7'],
    [['X-Forwarded-For: [2001:db8::7]:4711'], '2001:db8::7'],
    [['X-Forwarded-For: 2001:db8::7'], '2001:db8::7'],
    [['X-Forwarded-For: ::ffff:203.0.113.7'], '203.0.113.7'],
    // No address: the peer itself.
    [['X-Forwarded-For: garbage'], '127.0.0.1'],
    [['X-Forwarded-For: 203.0.113.7, unknown'], '127.0.0.1'],
    [['X-Forwarded-For: 203.0.113.7,'], '127.0.0.1'],
    [['X-Forwarded-For: [2001:db8::7'], '127.0.0.1'],
    [['X-Forwarded-For: fe80::1%eth0'], '127.0.0.1'],
    [['X-Forwarded-For:'], '127.0.0.1'],
    [[], '127.0.0.1'],
  ] as const) {
    assert.equal((await sendWith(...lines))['x-forwarded-for'], address, lines.join())
  }
})

edge.test('B22 scheme, host and port are those that the trusted proxy was asked for', async () => {
  const given = await sendWith(
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: api.example.com',
    'X-Forwarded-Port: 8443',
  )
  assert.deepEqual(
    ['host', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'].map((name) => given[name]),
    ['inner.test:8080', 'api.example.com', 'https', '8443'],
  )
  const part = await sendWith('X-Forwarded-Proto: https', 'X-Forwarded-Host: api.example.com')
  assert.equal(part['x-forwarded-port'], '443')
  const wrong = await sendWith(
    'X-Forwarded-Proto: gopher',
    'X-Forwarded-Host: a,b',
    'X-Forwarded-Port: 99999',
    'Forwarded: proto=https',
  )
  assert.deepEqual(
    ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'forwarded'].map((name) => wrong[name]),
    ['inner.test:8080', 'http', '8080', undefined],
  )
})
