import assert from 'node:assert/strict'
import http from 'node:http'
import {
  type AssertedCall,
  claimsFor,
  digestOf,
  KEY,
  OTHER_KEY,
  signAssertion,
} from '../kong-plugins/dispatch-edge/assertion.ts'
import { Edge, until } from './edge.ts'

/** What Kong says of a caller in `dispatch-assertion`, from a peer that is trusted and from one that is not. */
process.env['TEST_ASSERTION_KEY'] = KEY.secret
process.env['TEST_ASSERTION_KEY_2'] = OTHER_KEY.secret
const API_KEY = 'an-api-key'

const edge = new Edge({
  gateway: { trustedProxies: ['127.0.0.1'] },
  config: () => ({
    identity: {
      apiKeys: {
        keys: [
          { name: 'robot', hash: 'sha256:31fd29a009954184c2a42a7765a79aa1e607a252735dd81734efd1bf5960d883' },
        ],
      },
      kong: {
        keys: [
          { id: 'k1', secret: { env: 'TEST_ASSERTION_KEY' } },
          { id: 'k2', secret: { env: 'TEST_ASSERTION_KEY_2' } },
        ],
      },
    },
    routes: [
      { path: '/who', function: 'recorder' },
      { path: '/who/:id', function: 'recorder' },
      { path: '/admins', function: 'recorder', auth: { roles: ['admin'] } },
      { path: '/users', function: 'recorder', auth: { issuers: ['kong-user'] } },
      { path: '/scoped', function: 'recorder', auth: { scopes: ['fn:read'] } },
      { path: '/robots', function: 'recorder', auth: { issuers: [] } },
      { path: '/forwarded', function: 'recorder', auth: { forwardCredential: true } },
    ],
  }),
})

interface Asked extends Partial<AssertedCall> {
  /** Claims that differ from those of a good assertion. */
  readonly claims?: object
  readonly key?: typeof KEY
  /** Values of `dispatch-assertion` instead of a good one. */
  readonly assertions?: readonly string[]
  readonly headers?: Record<string, string>
  readonly query?: string
  /** Address that the connection comes from. Default 127.0.0.1, which is trusted. */
  readonly from?: string
}

const HOST = 'api.example.com'

function assertionFor(path: string, { claims, key = KEY, method = 'GET', host = HOST }: Asked = {}): string {
  return signAssertion(claimsFor({ method, host, path }, Date.now(), claims), key)
}

/** What the client gets, and what the function saw when it was called. */
async function ask(
  path: string,
  asked: Asked = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; seen: Record<string, unknown> | null }> {
  const { assertions = [assertionFor(path, asked)], method = 'GET', from = '127.0.0.1', query = '' } = asked
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = http.request(
      {
        port: edge.port,
        host: '127.0.0.1',
        localAddress: from,
        method,
        path: path + query,
        headers: {
          host: HOST,
          'x-forwarded-host': HOST,
          'dispatch-assertion': [...assertions],
          ...asked.headers,
        },
        agent: false,
      },
      (response) => response.resume().on('end', () => resolve(response)),
    )
    request.on('error', reject).end()
  })
  const [seen] = await edge.seen()
  return { status: answer.statusCode!, headers: answer.headers, seen: seen?.headers ?? null }
}

edge.test('whom Kong authenticated is the caller, and the function is told so', async () => {
  const { status, seen } = await ask('/who', { claims: { groups: ['staff'], scope: 'a b' }, query: '?x=1' })
  assert.equal(status, 200)
  const named = (name: string) => seen![`dispatch-${name}`]
  assert.deepEqual(['subject', 'issuer', 'organization', 'roles', 'scopes'].map(named), [
    'b32379d9-3d28-5683-a79c-72139be6e34f',
    'kong',
    'default',
    'staff',
    'a b',
  ])
  assert.equal(named('assertion'), undefined)
})

edge.test('the same assertion is good again, and with another key', async () => {
  const text = assertionFor('/who')
  for (let i = 0; i < 3; i++) assert.equal((await ask('/who', { assertions: [text] })).status, 200)
  assert.equal((await ask('/who', { key: OTHER_KEY })).status, 200)
})

edge.test(
  'an assertion that is forged, stale or for somebody else is refused, and no function called',
  async () => {
    const good = assertionFor('/who')
    const nowS = Math.floor(Date.now() / 1000)
    for (const [why, asked] of Object.entries<Asked>({
      'forged key': { key: { id: 'k1', secret: OTHER_KEY.secret } },
      'unknown key': { key: { id: 'k9', secret: KEY.secret } },
      expired: { claims: { iat: nowS - 60, exp: nowS - 50 } },
      'not yet valid': { claims: { iat: nowS + 50, exp: nowS + 60 } },
      'lives too long': { claims: { exp: nowS + 3600 } },
      'other audience': { claims: { aud: 'other' } },
      unbound: { claims: { req: undefined } },
      'other path': { assertions: [assertionFor('/admins')] },
      'other method': { assertions: [assertionFor('/who', { method: 'POST' })] },
      'other host': { assertions: [assertionFor('/who', { host: 'else.example.com' })] },
      truncated: { assertions: [good.slice(0, -1)] },
      'without signature': { assertions: [good.slice(0, good.lastIndexOf('.') + 1)] },
      'other payload': {
        assertions: [good.replace(/\.[^.]+\./, `.${assertionFor('/who/7').split('.')[1]}.`)],
      },
      'a bearer token': { assertions: ['eyJhbGciOiJub25lIn0.e30.'] },
      'two of them': { assertions: [good, good] },
      'a good one and another': { assertions: [good, 'x'] },
      empty: { assertions: [''] },
      huge: { assertions: ['A'.repeat(9000)] },
      'with an API key': { claims: { aud: 'other' }, headers: { 'x-api-key': API_KEY } },
    })) {
      const { status, headers, seen } = await ask('/who', asked)
      assert.deepEqual([status, headers['dispatch-error']], [401, 'GW_CREDENTIAL_INVALID'], why)
      assert.doesNotMatch(headers['www-authenticate'] ?? '', /error/, why)
      assert.equal(seen, null, why)
    }
  },
)

edge.test('nobody is heard but a trusted proxy', async () => {
  const { status, headers, seen } = await ask('/who', { from: '127.0.0.2' })
  assert.deepEqual([status, headers['dispatch-error'], seen], [401, 'GW_UNAUTHENTICATED', null])
})

edge.test('without an assertion, or with one about nobody, there is no caller', async () => {
  for (const assertions of [[], [assertionFor('/who', { claims: { consumer: undefined, zone: 'eu' } })]]) {
    const { status, headers } = await ask('/who', { assertions, headers: { 'x-consumer-id': 'root' } })
    assert.deepEqual([status, headers['dispatch-error']], [401, 'GW_UNAUTHENTICATED'])
  }
})

edge.test('Connection takes no assertion away', async () => {
  assert.equal((await ask('/who', { headers: { connection: 'close, dispatch-assertion' } })).status, 200)
})

edge.test('routes ask for roles, scopes and issuers of whom Kong authenticated as of others', async () => {
  assert.equal((await ask('/admins')).status, 403)
  assert.equal((await ask('/admins', { claims: { groups: ['admin'] } })).status, 200)
  assert.equal((await ask('/scoped')).status, 403)
  assert.equal((await ask('/scoped', { claims: { scope: 'fn:read' } })).status, 200)
  assert.equal((await ask('/users')).headers['dispatch-error'], 'GW_UNAUTHENTICATED')
  assert.equal((await ask('/users', { claims: { consumer: undefined, user: 'ada' } })).status, 200)
})

edge.test('where Kong is not heard, the other credential decides', async () => {
  const headers = { 'x-api-key': API_KEY }
  const { status, seen } = await ask('/robots', { headers, claims: { groups: ['robots'] } })
  assert.deepEqual([status, seen?.['dispatch-subject']], [200, 'robot'])
  // A wrong assertion is no caller there either; a good one is where Kong is heard.
  assert.equal((await ask('/robots', { headers, claims: { aud: 'other' } })).status, 401)
  assert.equal((await ask('/who', { headers })).seen?.['dispatch-issuer'], 'kong')
})

edge.test('a function sees no credential that Kong looked at, unless its route forwards it', async () => {
  const headers = { authorization: 'Basic YWRhOnNlY3JldA==' }
  const { status, seen } = await ask('/who', { headers })
  assert.equal(status, 200)
  assert.equal(seen!['authorization'], undefined)
  const forwarded = await ask('/forwarded', { headers })
  assert.equal(forwarded.seen!['authorization'], headers.authorization)
  assert.equal(forwarded.seen!['dispatch-assertion'], undefined)
})

edge.test('a public route does not ask; the function does not see the assertion either', async () => {
  for (const assertions of [[assertionFor('/public')], ['nonsense'], ['a', 'b']]) {
    const { status, seen } = await ask('/public', { assertions })
    assert.equal(status, 200)
    assert.equal(seen!['dispatch-assertion'], undefined)
    assert.equal(seen!['dispatch-subject'], undefined)
  }
})

edge.test('an assertion is good until it expires, and never after', async () => {
  // Five seconds of skew: one that expired four seconds ago is good for one more.
  const nowS = Math.floor(Date.now() / 1000)
  const text = assertionFor('/who', { claims: { iat: nowS - 6, exp: nowS - 3 } })
  assert.equal((await ask('/who', { assertions: [text] })).status, 200)
  await until(() => Date.now() > (nowS + 2) * 1000)
  assert.equal((await ask('/who', { assertions: [text] })).status, 401)
})

edge.test('the digest of a request is that of its bytes', async () => {
  const path = '/who/caf%C3%A9~!$&,;=@'
  assert.equal(
    (await ask(path, { claims: { req: digestOf({ method: 'GET', host: HOST, path }) } })).status,
    200,
  )
})
