import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { startTestGateway, type TestGateway } from '../../e2e/gateway.ts'
import { type SeenRequest, startUpstream, type Upstream } from '../../e2e/upstream.ts'
import { KEY, OTHER_KEY } from './assertion.ts'
import { askKong, type KongAsked, NO_KONG, type Plugin, setUpKong } from './real-kong.ts'

/** The plugin in a real Kong, with Kong's own authentication before it and a gateway behind it. */
const suite = { skip: NO_KONG }

process.env['TEST_ASSERTION_KEY'] = KEY.secret
process.env['TEST_ASSERTION_KEY_2'] = OTHER_KEY.secret

let gateway: TestGateway
let recorderPort = 0
let upstream: Upstream
/** Requests as Kong sends them to a service that is no gateway. */
const recorded: http.IncomingMessage[] = []

const edge = (config: object = {}): Plugin => ({
  name: 'dispatch-edge',
  config: { key_id: KEY.id, key_secret: KEY.secret, ...config },
})
const keyAuth = (config: object = {}): Plugin => ({ name: 'key-auth', config })

const lua = (access: string): Plugin => ({ name: 'pre-function', config: { access: [access] } })

let undo = async (): Promise<void> => {}
const ends: (() => unknown)[] = [() => undo()]
after(async () => {
  for (const end of ends.toReversed()) await end()
})

before(async () => {
  if (NO_KONG !== false) return
  const cleanup = { after: (end: () => unknown) => ends.push(end) }
  upstream = await startUpstream(cleanup)
  gateway = await startTestGateway(cleanup, {
    gateway: { trustedProxies: ['127.0.0.1'] },
    identity: {
      kong: {
        keys: [
          { id: KEY.id, secret: { env: 'TEST_ASSERTION_KEY' } },
          { id: OTHER_KEY.id, secret: { env: 'TEST_ASSERTION_KEY_2' } },
        ],
        subject: 'username',
      },
    },
    backends: { upstream: { driver: 'http', url: upstream.url } },
    functions: { recorder: { deployments: ['upstream'] } },
    routes: [
      { path: '/*', function: 'recorder' },
      { path: '/public', function: 'recorder', auth: 'none' },
      { path: '/admins', function: 'recorder', auth: { roles: ['admins'] } },
    ],
  })
  const recorder = http.createServer((request, response) => {
    recorded.push(request)
    request.resume()
    response.end('recorded')
  })
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve))
  recorderPort = (recorder.address() as AddressInfo).port
  ends.push(() => recorder.close())
  const unbuffered = { request_buffering: false, response_buffering: false }
  const to = (plugins: readonly Plugin[], fields: object = unbuffered) => ({
    service: 'gateway',
    plugins,
    ...fields,
  })
  undo = await setUpKong({
    services: {
      gateway: { port: gateway.port },
      below: { port: gateway.port, path: '/below' },
      recorder: { port: recorderPort },
    },
    consumers: [
      {
        username: 'alice',
        custom_id: 'c-1',
        key: 'key-alice',
        password: 'secret',
        groups: ['staff', 'admins'],
      },
      { username: 'bob', key: 'key-bob' },
      { username: 'zoë "the\\boss"\u2028', key: 'key-zoe' },
      { username: 'anon' },
      { username: 'n'.repeat(10_000), key: 'key-long' },
    ],
    routes: {
      'key.test': to([keyAuth(), edge()]),
      'buffered.test': to([keyAuth(), edge()], {}),
      'basic.test': to([{ name: 'basic-auth', config: {} }, edge()]),
      'anon.test': to([keyAuth({ anonymous: 'anon' }), edge()]),
      'open.test': to([edge()]),
      'bare.test': to([]),
      'wrong.test': to([keyAuth(), edge({ key_secret: 'w'.repeat(40) })]),
      'rotated.test': to([keyAuth(), edge({ key_id: OTHER_KEY.id, key_secret: OTHER_KEY.secret })]),
      'foreign.test': to([keyAuth(), edge({ audience: 'another' })]),
      'unbound.test': to([keyAuth(), edge({ bind_request: false })]),
      'nosecret.test': to([keyAuth(), edge({ key_secret: '{vault://env/no-such-secret}' })]),
      'strip.test': to([keyAuth(), edge()], { paths: ['/pre'], strip_path: true, preserve_host: false }),
      'below.test': { service: 'below', plugins: [keyAuth(), edge()] },
      'changed.test': to([
        keyAuth(),
        { name: 'request-transformer', config: { http_method: 'PUT', replace: { uri: '/changed' } } },
        edge(),
      ]),
      'recorded.test': {
        service: 'recorder',
        plugins: [keyAuth(), edge({ zone: 'eu/a', remove_headers: ['X-Extra'] })],
      },
      'told.test': { service: 'recorder', plugins: [keyAuth(), edge({ consumer_headers: true })] },
      'quick.test': { service: 'recorder', plugins: [keyAuth(), edge({ lifetime: 2 })] },
      'user.test': to([lua(LDAP_USER), edge()]),
    },
  })
})

/** What ldap-auth does for a user of a directory. */
const LDAP_USER = `
  kong.client.authenticate(nil, { id = "ldap_auth_cache:5e884898da28", username = "ada", password = "pw" })
  kong.ctx.shared.authenticated_groups = { "admins" }
`
/** What oauth2 does beside authenticating. */
const OAUTH_SCOPE = `kong.service.request.set_header("X-Authenticated-Scope", "fn:read fn:write")`

const ALICE = { apikey: 'key-alice' }

/** What comes of a request through Kong, and what the function saw. */
async function ask(
  host: string,
  path: string,
  asked: KongAsked = {},
): Promise<{ status: number; code: unknown; seen: SeenRequest | null }> {
  const count = upstream.seen.length
  const { status, headers } = await askKong(host, path, asked)
  return { status, code: headers['dispatch-error'], seen: upstream.seen[count] ?? null }
}

/** The request as it comes behind Kong. */
async function record(host: string, path: string, asked: KongAsked = {}): Promise<http.IncomingMessage> {
  const count = recorded.length
  assert.equal((await askKong(host, path, asked)).body, 'recorded')
  return recorded[count]!
}

function claimsOf(text: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(text).split('.')[1]!, 'base64url').toString())
}

/** Sends what Kong sent, or something like it, to the gateway without Kong. */
async function replay(
  { headers }: http.IncomingMessage,
  path: string,
  {
    method = 'GET',
    from = '127.0.0.1',
    changes = {},
  }: { method?: string; from?: string; changes?: object } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { port: gateway.port, host: '127.0.0.1', localAddress: from, method, path, agent: false }
    const request = http.request({ ...options, headers: { ...headers, ...changes } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!))
    })
    request.on('error', reject).end()
  })
}

test('whom key-auth knows is the caller behind Kong', suite, async () => {
  for (const host of ['key.test', 'buffered.test', 'rotated.test']) {
    const { status, seen } = await ask(host, '/x?y=1', { headers: ALICE })
    assert.equal(status, 200, host)
    const { headers } = seen!
    assert.equal(headers['dispatch-subject'], 'alice')
    assert.equal(headers['dispatch-issuer'], 'kong')
    assert.equal(headers['dispatch-roles'], 'admins staff')
    for (const name of [
      'dispatch-assertion',
      'x-consumer-id',
      'x-consumer-username',
      'x-credential-identifier',
    ])
      assert.equal(headers[name], undefined, name)
  }
})

test('basic-auth, and names that need care', suite, async () => {
  const authorization = `Basic ${Buffer.from('alice:secret').toString('base64')}`
  const { status, seen } = await ask('basic.test', '/x', { headers: { authorization } })
  assert.deepEqual([status, seen?.headers['dispatch-subject']], [200, 'alice'])
  assert.equal(seen?.headers['authorization'], undefined)
  const zoe = await ask('key.test', '/x', { headers: { apikey: 'key-zoe' } })
  assert.equal(decodeURIComponent(String(zoe.seen?.headers['dispatch-subject'])), 'zoë "the\\boss"\u2028')
})

test('nobody is the caller without authentication, whatever a client says of itself', suite, async () => {
  const stolen = (await record('recorded.test', '/x', { headers: ALICE })).headers[
    'dispatch-assertion'
  ] as string
  const claims = {
    'Dispatch-Assertion': stolen,
    'Dispatch-Subject': 'root',
    'X-Consumer-ID': 'root',
    'X-Consumer-Username': 'root',
    'X-Consumer-Groups': 'admins',
    'X-Credential-Identifier': 'root',
    'X-Userinfo': 'root',
    'X-Gw-Tenant': 'root',
    'X-Forwarded-Client-Cert': 'root',
  }
  for (const host of ['open.test', 'anon.test', 'bare.test']) {
    const { status, seen } = await ask(host, '/x', { headers: claims })
    assert.deepEqual([status, seen], [401, null], host)
  }
  for (const host of ['open.test', 'anon.test']) {
    const { status, seen } = await ask(host, '/public', { headers: claims })
    assert.equal(status, 200)
    assert.doesNotMatch(JSON.stringify(seen!.headers), /root|admins/, host)
    assert.equal((await ask(host, '/x', { headers: { ...claims, apikey: 'wrong' } })).status, 401)
  }
  const { status, seen } = await ask('key.test', '/x', { headers: { ...ALICE, ...claims } })
  assert.deepEqual([status, seen?.headers['dispatch-subject']], [200, 'alice'])
  assert.doesNotMatch(JSON.stringify(seen!.headers), /root/)
})

test('groups are roles: who is in none is refused', suite, async () => {
  assert.equal((await ask('key.test', '/admins', { headers: ALICE })).status, 200)
  assert.equal((await ask('key.test', '/admins', { headers: { apikey: 'key-bob' } })).status, 403)
})

test('Connection can take nothing away that Kong or the plugin say', suite, async () => {
  for (const connection of [
    'close, Dispatch-Assertion',
    'X-Forwarded-Host',
    'keep-alive, x-consumer-id, x-anonymous-consumer',
    'Upgrade\t,\tdispatch-assertion',
    'close;dispatch-assertion',
    '"close"',
    '\u00e9',
  ]) {
    const { status, seen } = await ask('key.test', '/x', {
      headers: ['apikey', 'key-alice', 'Connection', connection],
    })
    assert.deepEqual([status, seen], [400, null], connection)
  }
  const two = ['apikey', 'key-alice', 'Connection', 'keep-alive', 'Connection', 'dispatch-assertion']
  assert.equal((await ask('key.test', '/x', { headers: two })).status, 400)
  for (const connection of ['close', 'Keep-Alive', 'TE, close', 'keep-alive, ,HTTP2-Settings', 'Upgrade']) {
    const { status } = await ask('key.test', '/x', {
      headers: ['apikey', 'key-alice', 'Connection', connection],
    })
    assert.equal(status, 200, connection)
  }
})

test('a target cannot name another host than the one that Kong takes the route of', suite, async () => {
  for (const target of ['http://open.test/x', 'http://none.test/x']) {
    const { status, seen } = await ask('key.test', target, { headers: ALICE })
    assert.deepEqual([status, seen], [400, null], target)
  }
  const { status, seen } = await ask('key.test', 'http://KEY.test:80/x', { headers: ALICE })
  assert.equal(status, 200)
  assert.equal(seen?.headers['x-forwarded-host'], 'key.test')
  assert.equal((await ask('key.test', '/x', { headers: ALICE })).status, 200)
})

test('a claim behind hundreds of headers is found, and one with underscores', suite, async () => {
  const many = Array.from({ length: 600 }, (_, i) => [`a${i}`, '']).flat()
  const { headers } = await record('recorded.test', '/x', {
    headers: [
      ...Object.entries(ALICE).flat(),
      ...many,
      'Dispatch-Zone',
      'root',
      'dispatch_zone',
      'root',
      'X_Consumer_ID',
      'root',
      'X-Extra',
      'root',
      'x_extra',
      'root',
    ],
  })
  assert.doesNotMatch(JSON.stringify(headers), /root/)
  assert.equal(headers['a599'], '')
})

test('what clients may ask of the gateway goes through', suite, async () => {
  const { headers } = await record('recorded.test', '/x', {
    headers: { ...ALICE, 'dispatch-hint': 'gpu', 'dispatch-explain': '1', 'dispatch-timing': '1' },
  })
  assert.deepEqual(
    [headers['dispatch-hint'], headers['dispatch-explain'], headers['dispatch-timing']],
    ['gpu', '1', '1'],
  )
  assert.equal(
    (await ask('key.test', '/x', { headers: { ...ALICE, 'dispatch-hint': '!' } })).code,
    'GW_BAD_HINT',
  )
})

test('an assertion says who, in which groups, where and until when', suite, async () => {
  const { headers } = await record('recorded.test', '/x', { headers: ALICE })
  const { consumer, credential, exp, groups, iat, zone, aud } = claimsOf(headers['dispatch-assertion'])
  assert.deepEqual(
    [(consumer as { username: string }).username, groups, zone, aud],
    ['alice', ['admins', 'staff'], 'eu/a', 'dispatch'],
  )
  assert.match(String(credential), /^[0-9a-f-]{36}$/)
  assert.equal((exp as number) - (iat as number), 10)
  assert.ok(Math.abs((iat as number) - Date.now() / 1000) < 7)
  assert.doesNotMatch(JSON.stringify(claimsOf(headers['dispatch-assertion'])), /key-alice/)
  const told = (await record('told.test', '/x', { headers: { ...ALICE, 'x-consumer-groups': 'root' } }))
    .headers
  assert.deepEqual(
    [told['x-consumer-username'], told['x-consumer-custom-id'], told['x-consumer-groups']],
    ['alice', 'c-1', undefined],
  )
  assert.equal(told['x-credential-identifier'], credential)
})

test(
  'the same caller and request have the same bytes for some seconds, others have others',
  suite,
  async () => {
    const text = async (path: string, asked: KongAsked = { headers: ALICE }) =>
      (await record('recorded.test', path, asked)).headers['dispatch-assertion']
    const first = await text('/x')
    const again = await text('/x?q')
    // The time may have gone on to the next step once, never twice.
    assert.ok(again === first || again === (await text('/x')))
    const others = [
      await text('/y'),
      await text('/x', { headers: ALICE, method: 'POST' }),
      await text('/x', { headers: { apikey: 'key-bob' } }),
    ]
    assert.equal(new Set([first, ...others]).size, 4)
  },
)

test('a replay is good for the same request from a trusted peer, until it expires', suite, async () => {
  const request = await record('recorded.test', '/x', { headers: ALICE })
  const headers = { host: 'recorded.test' }
  assert.equal(await replay(request, '/x', { changes: headers }), 200)
  assert.equal(await replay(request, '/x', { changes: headers, from: '127.0.0.2' }), 401)
  assert.equal(await replay(request, '/admins', { changes: headers }), 401)
  assert.equal(await replay(request, '/x', { changes: headers, method: 'POST' }), 401)
  assert.equal(await replay(request, '/x', { changes: { 'x-forwarded-host': 'other.test' } }), 401)
  const text = request.headers['dispatch-assertion'] as string
  for (const forged of [
    text.slice(0, -2),
    `${text}A`,
    text.replace('.', '.e30.'),
    `${text.slice(0, text.lastIndexOf('.'))}.${'A'.repeat(43)}`,
  ])
    assert.equal(await replay(request, '/x', { changes: { 'dispatch-assertion': forged } }), 401)
})

test('a replay after the end is refused', suite, async () => {
  const request = await record('quick.test', '/x', { headers: ALICE })
  const { exp } = claimsOf(request.headers['dispatch-assertion'])
  assert.equal(await replay(request, '/x'), 200)
  const endMs = ((exp as number) + 5) * 1000
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, endMs - Date.now()) + 20))
  assert.equal(await replay(request, '/x'), 401)
})

test(
  'an assertion by a key, for an audience or in a form that the gateway does not take is refused',
  suite,
  async () => {
    for (const host of ['wrong.test', 'foreign.test', 'unbound.test']) {
      const { status, code, seen } = await ask(host, '/x', { headers: ALICE })
      assert.deepEqual([status, code, seen], [401, 'GW_CREDENTIAL_INVALID', null], host)
    }
  },
)

test(
  'who was authenticated never arrives as nobody: without a secret, or with too long a name, Kong refuses',
  suite,
  async () => {
    for (const [host, apikey] of [
      ['nosecret.test', 'key-alice'],
      ['key.test', 'key-long'],
    ] as const) {
      const { status, seen } = await ask(host, '/public', { headers: { apikey } })
      assert.deepEqual([status, seen], [500, null], host)
    }
  },
)

test(
  'the request that is signed is the one that the gateway gets, however Kong changed it',
  suite,
  async () => {
    for (const [host, path, target] of [
      ['strip.test', '/pre/x?a=%2F', '/x?a=%2F'],
      ['below.test', '/x', '/below/x'],
      ['changed.test', '/x?a', '/changed?a'],
      ['key.test', '/caf%C3%A9/~x/%7Ey', '/caf%C3%A9/~x/~y'],
      ['key.test', '/a/./b//c/../d', '/a/b/d'],
      ['key.test', '/x?', '/x?'],
      ['key.test', "/a!$&'()*+,;=:@b?x=?", "/a!$&'()*+,;=:@b?x=?"],
      ['key.test', '/a%20b%22%3C', '/a%20b%22%3C'],
    ] as const) {
      const { status, seen } = await ask(host, path, { headers: ALICE })
      assert.deepEqual([status, seen?.target], [200, target], `${host} ${path}`)
      if (host === 'changed.test') assert.equal(seen?.method, 'PUT')
    }
    for (const method of ['POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
      assert.equal((await ask('key.test', '/x', { headers: ALICE, method })).status, 200, method)
  },
)

test(
  'a user without a consumer is a caller with an issuer of its own, and in its groups',
  suite,
  async () => {
    const { status, seen } = await ask('user.test', '/admins')
    assert.equal(status, 200)
    assert.deepEqual(
      [seen?.headers['dispatch-subject'], seen?.headers['dispatch-issuer']],
      ['ada', 'kong-user'],
    )
  },
)

test(
  'an instance for all routes also takes claims away before authentication, and tells scopes',
  suite,
  async () => {
    await undo()
    const service = { service: 'recorder', request_buffering: false, response_buffering: false }
    undo = await setUpKong({
      services: { recorder: { port: recorderPort } },
      consumers: [{ username: 'alice', key: 'key-alice' }],
      plugins: [edge()],
      routes: {
        'plain.test': { ...service, plugins: [keyAuth()] },
        'scoped.test': { ...service, plugins: [keyAuth(), lua(OAUTH_SCOPE)] },
      },
    })
    const scopeOf = async (host: string): Promise<unknown> => {
      const headers = { ...ALICE, 'x-authenticated-scope': 'root', 'dispatch-zone': 'root' }
      const seen = (await record(host, '/x', { headers })).headers
      assert.doesNotMatch(JSON.stringify(seen), /root/)
      return claimsOf(seen['dispatch-assertion'])['scope']
    }
    assert.equal(await scopeOf('plain.test'), undefined)
    assert.equal(await scopeOf('scoped.test'), 'fn:read fn:write')
  },
)
