import assert from 'node:assert/strict'
import { assertRefused, assertRefusedAndClosed, Edge, message, type Sent, targets, until } from './edge.ts'
import { Wire } from './wire.ts'

/**
 * Group B of the checklist, and what of group L a request can cause: targets, hosts, headers, and that one tenant never
 * reaches another. The tenants `a` and `b` have bases of their own at the upstream, so it sees who was reached.
 */
const edge = new Edge({
  hosts: ['own.test'],
  gateway: { hosts: ['alias.test', 'ported.test:8443'] },
  config: ({ url }) => ({
    backends: {
      a: { driver: 'http', url: `${url}/only-a`, preserveHost: true },
      b: { driver: 'http', url: `${url}/only-b`, preserveHost: true },
      nobody: { driver: 'http', url: 'http://127.0.0.1:9' },
    },
    functions: {
      a: { deployments: ['a'] },
      b: { deployments: ['b'] },
      nobody: { deployments: ['nobody'] },
    },
    routes: [
      { path: '/t/a/*', hosts: ['tenants.test'], function: 'a', auth: 'none' },
      { path: '/t/b/*', hosts: ['tenants.test'], function: 'b', auth: 'none' },
      {
        path: '/ho/:tenant/:fn',
        hosts: ['tenants.test'],
        function: 'a',
        rewrite: '/:tenant/run/:fn',
        auth: 'none',
      },
      { path: '/caf%C3%A9', hosts: ['tenants.test'], function: 'a', auth: 'none' },
      { path: '/*', hosts: ['b.test', '*.b.test'], function: 'b', auth: 'none' },
      { path: '/reads', hosts: ['methods.test'], methods: ['GET'], function: 'recorder', auth: 'none' },
      { path: '/*', hosts: ['down.test'], function: 'nobody', auth: 'none' },
      { path: '/*', hosts: ['private.test'], function: 'recorder' },
    ],
    identity: { apiKeys: { keys: [{ name: 'ci', hash: `sha256:${'0'.repeat(64)}` }] } },
  }),
})

const HOST = 'Host: own.test'
const TENANTS = 'Host: tenants.test'
const get = (target: string, host = HOST) => message([`GET ${target} HTTP/1.1`, host])
const withHeaders = (...lines: string[]) => message(['GET /x HTTP/1.1', HOST, ...lines])

/** The one request that arrived. */
function only(sent: Sent) {
  assert.equal(sent.seen.length, 1, sent.raw.toString('latin1'))
  return sent.seen[0]!
}

/** Names and values as one text per field, lower-case names. */
function fields({ rawHeaders }: { readonly rawHeaders: readonly string[] }): string[] {
  return rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[i + 1]}`] : []))
}

edge.test('B01 a target with another authority is refused and never dialled', async () => {
  for (const target of [
    'http://evil.test/',
    'https://evil.test/',
    'http://evil.test',
    'http://127.0.0.1:9/',
    'http://own.test.evil.test/',
  ]) {
    assertRefused(await edge.send(get(target)), [400, 421], target)
  }
})

edge.test('B01 a target with an own authority is served, and wins over Host', async () => {
  for (const [target, host, path] of [
    ['http://own.test/x?y', 'own.test', '/x?y'],
    ['HTTP://OWN.test/x', 'OWN.test', '/x'],
    ['http://own.test:8080/x', 'own.test:8080', '/x'],
    ['http://own.test', 'own.test', '/'],
    ['http://own.test?y', 'own.test', '/?y'],
    ['http://b.test/x', 'b.test', '/only-b/x'],
    ['http://any.b.test/x', 'any.b.test', '/only-b/x'],
  ] as const) {
    const sent = await edge.send(get(target))
    assert.deepEqual(sent.statuses, [200], target)
    assert.equal(only(sent).target, path)
    assert.equal(only(sent).headers.host, host)
    assert.equal(only(sent).headers['x-forwarded-host'], host)
  }
})

edge.test('B01 the authorities of the configuration are own ones, whatever Host says', async () => {
  for (const target of ['http://alias.test/x', 'http://ALIAS.test:81/x', 'http://ported.test:8443/x']) {
    assertRefused(await edge.send(get(target)), [404], target)
  }
  // The client wrote both: that they agree proves nothing.
  assertRefused(await edge.send(get('http://evil.test/', 'Host: evil.test')), [421])
})

edge.test('B02 an authority with a user, or that is no plain address, is refused', async () => {
  const authorities = [
    'own.test@evil.test',
    'user:pw@own.test',
    '@own.test',
    '017700000001',
    '0x7f.1',
    '127.01.0.1',
    '%3127.0.0.1',
    '127.1',
    'own.test:80:80',
    'own.test:x',
    '[::1',
    '::1',
    'own.test\\',
    'own_test%00',
    '',
  ]
  for (const authority of authorities) {
    assertRefused(await edge.send(get(`http://${authority}/`)), [400], authority)
  }
  assertRefused(await edge.send(get('http://[::1]:81/')), [400, 421])
  for (const target of [
    'ftp://own.test/',
    'own.test:80',
    'own.test/',
    'mailto:x',
    '?x',
    'http:own.test',
    'javascript:1',
    'http:///x',
  ]) {
    assertRefused(await edge.send(get(target)), [400], target)
  }
})

edge.test('B03 the target * is for OPTIONS alone', async () => {
  assertRefused(await edge.send(get('*')), [400])
  assertRefused(await edge.send(message(['POST * HTTP/1.1', HOST, 'Content-Length: 0'])), [400])
  const options = await edge.send(message(['OPTIONS * HTTP/1.1', HOST]))
  assert.deepEqual(options.statuses, [204])
  assert.deepEqual(targets(options), [])
})

edge.test('B04 there is no tunnel and no echo', async () => {
  for (const target of ['x:1', 'own.test:443', '127.0.0.1:80', '/x']) {
    const sent = await edge.send(message([`CONNECT ${target} HTTP/1.1`, HOST], get('/inside')))
    assertRefusedAndClosed(sent, [400, 405, 501], target)
  }
  for (const method of ['TRACE', 'TRACK']) {
    const sent = await edge.send(message([`${method} / HTTP/1.1`, HOST, 'X-Secret: s3cr3t']))
    assertRefused(sent, [400, 405, 501], method)
    assert.ok(!sent.raw.includes('s3cr3t'))
  }
})

edge.test('B05 a target that looks like another server is a path or refused', async () => {
  for (const target of [
    '//evil.test/path',
    '/\\evil.test',
    '/http://evil.test/',
    '///',
    '/x//y',
    '/%2F/evil.test',
    '/%5Cevil.test',
    '\\\\evil.test\\x',
  ]) {
    assertRefused(await edge.send(get(target)), [400], target)
  }
  assert.equal(only(await edge.send(get('/http:/evil.test/'))).target, '/http:/evil.test/')
  assert.equal(only(await edge.send(get('/@evil.test'))).target, '/@evil.test')
  assert.equal(only(await edge.send(get('/x?http://evil.test//'))).target, '/x?http://evil.test//')
})

for (const [id, title, paths] of [
  [
    'B06',
    'dot segments',
    [
      '/t/a/../b/fn',
      '/t/a/./fn',
      '/t/a/..;/b/fn',
      '/t/a/..;x=1/b/fn',
      '/t/a/.;/fn',
      '/t/a/..',
      '/t/a/.',
      '/t/a/x/../../b/fn',
      '/../t/b/fn',
    ],
  ],
  [
    'B07',
    'dot segments in disguise',
    [
      '/t/a/%2e%2e/b/fn',
      '/t/a/%2E./b/fn',
      '/t/a/.%2e/b/fn',
      '/t/a/%252e%252e/b/fn',
      '/t/a/%25252e%25252e/b/fn',
      '/t/a/%25%32%65%25%32%65/b/fn',
      '/t/a/..%c0%af/b/fn',
      '/t/a/..%c0%afb/fn',
      '/t/a/%u002e%u002e/b/fn',
      '/t/a/%c0%ae%c0%ae/b/fn',
      '/t/a/%2e/fn',
      '/t/a/%2e%2e;/b/fn',
      '/t/a/..%2fb/fn',
      '/t/a/..%5cb/fn',
      '/t/a/%2',
      '/t/a/%',
      '/t/a/%zz',
      '/t/a/%e0%80%ae/fn',
      '/t/a/%ff',
    ],
  ],
  [
    'B08',
    'dot segments where the path is rewritten',
    ['/ho/%2E%2E/hi', '/ho/../hi', '/ho/x/%2e%2e', '/ho/x/..', '/ho/.%2E/hi'],
  ],
  [
    'B09',
    'characters that end or split a name',
    [
      '/ho/a%2Ffn/x',
      '/ho/a%5cfn/x',
      '/ho/a%00/fn',
      '/ho/a/fn%0d%0a',
      '/ho/a%23b/fn',
      '/ho/a/fn%3fx',
      '/t%2Fa/fn',
      '/t/a%2F..%2Fb/fn',
      '/t/a%00/fn',
      '/t/%61%2F/fn',
      '/ho/a%7f/fn',
      '/ho/a%252fb/fn',
      '/ho/a%255cb/fn',
    ],
  ],
] as const) {
  edge.test(`${id} ${title} are refused`, async () => {
    for (const path of paths) assertRefused(await edge.send(get(path, TENANTS)), [400, 404], path)
  })
}

edge.test('B09 what only a wildcard covers may hold an escaped # or ?, and it stays escaped', async () => {
  assert.equal(only(await edge.send(get('/t/a/x%23y%3fz', TENANTS))).target, '/only-a/t/a/x%23y%3Fz')
})

edge.test('B10 names match exactly, escaped or not', async () => {
  for (const path of [
    '/T/A/fn',
    '/T/a/fn',
    '/t/A/fn',
    '/t/%EF%BD%81/fn',
    '/t/%E2%84%AA/fn',
    '/cafe%CC%81',
    '/CAF%C3%89',
    '/t/a',
    '/t/a%20/fn',
    '/t/a./fn',
  ]) {
    const sent = await edge.send(get(path, TENANTS))
    assertRefused(sent, [404], path)
  }
  assert.equal(only(await edge.send(get('/%74/%61/fn', TENANTS))).target, '/only-a/t/a/fn')
  assert.equal(only(await edge.send(get('/caf%c3%a9', TENANTS))).target, '/only-a/caf%C3%A9')
})

edge.test('B12 a # never splits a target', async () => {
  for (const target of [
    '/t/a/fn#frag',
    '/t/a/fn?x#frag',
    '/t/a#/../b/fn',
    '/#/t/b',
    'http://own.test#@evil.test/',
  ]) {
    assertRefused(await edge.send(get(target, TENANTS)), [400], target)
  }
})

edge.test('B14 two Host headers are refused', async () => {
  for (const second of [HOST, 'Host: evil.test', 'HOST: own.test', 'host: ', 'Host:']) {
    assertRefusedAndClosed(await edge.send(message(['GET / HTTP/1.1', HOST, second])), [400], second)
    assertRefusedAndClosed(await edge.send(message(['GET / HTTP/1.0', HOST, second])), [400], second)
    assertRefusedAndClosed(
      await edge.send(message(['GET http://own.test/ HTTP/1.1', HOST, second])),
      [400],
      second,
    )
  }
})

edge.test('B15 a Host that is none is refused', async () => {
  const hosts = [
    '',
    'a,b',
    'own.test,own.test',
    'u@h',
    'u@own.test',
    'h/p',
    'h\\p',
    'h:99999',
    'h:8080:9090',
    'h:',
    'h:-1',
    'h:+80',
    'h:8 0',
    '[::1',
    '::1',
    '[::1]x',
    '[::1]:x',
    '[g::1]',
    '[::1%25eth0]',
    '\xe9.test',
    '\xef\xbd\x81.test',
    'a'.repeat(300),
    'a b',
    '.own.test',
    'a..b',
    'own.test?',
    'own.test#',
    '%6fwn.test',
    '0x7f.1',
    '017700000001',
    '127.1',
    '"own.test"',
  ]
  for (const host of hosts) {
    const sent = await edge.send(message(['GET / HTTP/1.1', `Host: ${host}`]))
    assertRefusedAndClosed(sent, [400], JSON.stringify(host))
  }
  assertRefusedAndClosed(await edge.send(message(['GET / HTTP/1.1'])), [400])
})

edge.test('B15 one host has one meaning, however it is written', async () => {
  for (const host of ['OWN.test', 'own.test.', 'own.test:80', 'Own.Test:65535']) {
    assert.equal(only(await edge.send(get('/x', `Host: ${host}`))).headers.host, host)
  }
})

edge.test(
  'B17 a Connection header takes away what the client sent, never what the gateway says',
  async () => {
    const listed =
      'x-gw-tenant, authorization, x-consumer-id, host, content-length, x-mine, x-request-id, x-forwarded-for, traceparent, dispatch-deadline'
    const sent = await edge.send(
      message(
        [
          'POST /x HTTP/1.1',
          HOST,
          `Connection: ${listed}`,
          'Connection: X-Other',
          'Authorization: Bearer x',
          'X-Mine: 1',
          'X-Other: 2',
          'X-Third: 3',
          'Content-Length: 5',
        ],
        'hello',
      ),
    )
    assert.deepEqual(sent.statuses, [200])
    const { headers, body } = only(sent)
    assert.equal(body.toString(), 'hello')
    assert.equal(headers.host, 'own.test')
    assert.equal(headers['content-length'], '5')
    assert.equal(headers['x-forwarded-for'], '127.0.0.1')
    assert.equal(headers['x-forwarded-host'], 'own.test')
    assert.ok(headers['x-request-id'])
    assert.ok(headers['traceparent'])
    assert.ok(headers['dispatch-deadline'])
    for (const gone of ['x-mine', 'x-other', 'authorization', 'x-gw-tenant', 'x-consumer-id']) {
      assert.equal(headers[gone], undefined, gone)
    }
    assert.equal(headers['x-third'], '3')
  },
)

edge.test('B17 thousands of names in a Connection header cost no time', async () => {
  const many = Array.from({ length: 1500 }, (_, i) => `n${i}`).join()
  const lines = Array.from({ length: 100 }, (_, i) => `H${i}: v`)
  const start = performance.now()
  const sent = await edge.send(withHeaders(`Connection: ${many}`, ...lines))
  assert.deepEqual(sent.statuses, [200])
  assert.ok(performance.now() - start < 500)
})

edge.test('B18 fields of a connection stay on it', async () => {
  const sent = await edge.send(
    withHeaders(
      'Connection: close, TE',
      'TE: trailers, gzip',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic eDp5',
      'Upgrade: websocket',
      'Trailer: X',
      'HTTP2-Settings: x',
      'Proxy: http://evil.test',
    ),
  )
  assert.deepEqual(sent.statuses, [200])
  const { headers } = only(sent)
  for (const name of [
    'te',
    'keep-alive',
    'proxy-connection',
    'proxy-authorization',
    'upgrade',
    'trailer',
    'http2-settings',
    'proxy',
  ]) {
    assert.equal(headers[name], undefined, name)
  }
})

edge.test('B18 an upgrade is not tunnelled: the request is served as any other', async () => {
  for (const upgrade of ['websocket', 'h2c', 'HTTP/2.0', 'a\\r\\nb']) {
    const sent = await edge.send(
      withHeaders('Connection: Upgrade, HTTP2-Settings', `Upgrade: ${upgrade}`, 'HTTP2-Settings: AAMAAABk'),
    )
    assert.deepEqual(sent.statuses, [200], upgrade)
    assert.equal(only(sent).headers.upgrade, undefined)
  }
})

edge.test('B20 names that objects have by nature are headers like any other', async () => {
  const names = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'prototype',
    '__defineGetter__',
    'isPrototypeOf',
  ]
  const sent = await edge.send(withHeaders(...names.map((name) => `${name}: x`)))
  assert.ok([200, 400].includes(sent.statuses[0]!))
  if (sent.statuses[0] === 200) {
    assert.ok(fields(only(sent)).includes('constructor: x'))
    assert.ok(!fields(only(sent)).some((field) => field.startsWith('__')))
  }
})

const CLAIMS = [
  'X-Consumer-ID',
  'X-Consumer-Username',
  'X-Consumer-Custom-Id',
  'X-Consumer-Groups',
  'X-Credential-Identifier',
  'X-Anonymous-Consumer',
  'X-Gw-Tenant',
  'x-gw-anything',
  'X-Authenticated-Scope',
  'X-Authenticated-Userid',
  'Dispatch-Subject',
  'Dispatch-Organization',
  'Dispatch-Roles',
  'Dispatch-Scopes',
  'Dispatch-Issuer',
  'dispatch-anything',
  'X-Forwarded-Client-Cert',
  'X-Forwarded-Prefix',
]

edge.test('B21 who the caller is is never believed of a stranger', async () => {
  const sent = await edge.send(withHeaders(...CLAIMS.map((name) => `${name}: forged`)))
  assert.deepEqual(sent.statuses, [200])
  assert.ok(!fields(only(sent)).some((field) => field.includes('forged')), fields(only(sent)).join('\n'))
})

edge.test('B22 where the caller is is never believed of a stranger', async () => {
  const values = [
    '1.2.3.4',
    Array.from({ length: 50 }, (_, i) => `10.0.0.${i}`).join(', '),
    '1.2.3.4:80',
    '[2001:db8::1]:443',
    '2001:db8::1',
    'garbage',
    '',
    'unknown, _hidden',
    '1.2.3.4\t,5.6.7.8',
  ]
  for (const value of values) {
    const sent = await edge.send(
      withHeaders(
        `X-Forwarded-For: ${value}`,
        'X-Forwarded-For: 9.9.9.9',
        'X-Forwarded-Host: evil.test',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Port: 1',
        `Forwarded: for=${value};host=evil.test`,
        `X-Real-IP: ${value}`,
        `X-Client-IP: ${value}`,
        `True-Client-IP: ${value}`,
      ),
    )
    assert.deepEqual(sent.statuses, [200], value)
    const forwarded = fields(only(sent)).filter((field) =>
      /^(x-forwarded|forwarded|x-real|x-client|true-client)/.test(field),
    )
    assert.deepEqual(
      forwarded.sort(),
      [
        'x-forwarded-for: 127.0.0.1',
        'x-forwarded-host: own.test',
        'x-forwarded-port: 80',
        'x-forwarded-proto: http',
      ],
      value,
    )
  }
})

edge.test('B23 an underscore cannot stand in for a dash', async () => {
  for (const name of [
    'X_Consumer_ID',
    'content_length',
    'transfer_encoding',
    'X_Forwarded_For',
    'x_request_id',
    'Authorization_',
    'x_gw_tenant',
    'dispatch_subject',
    'x-consumer_id',
    'COOKIE_X',
    'Idempotency_Key',
    'X_Plain',
  ]) {
    const sent = await edge.send(withHeaders(`${name}: 5`))
    if (sent.statuses[0] === 400) assertRefused(sent, [400], name)
    else assert.ok(!fields(only(sent)).some((field) => field.startsWith(name.toLowerCase())), name)
  }
  assertRefused(await edge.send(withHeaders('X_Consumer_ID: 1')), [400])
  assertRefused(await edge.send(withHeaders('content_length: 1')), [400])
})

edge.test('B24 line breaks never make a header, raw or escaped', async () => {
  for (const target of [
    '/a%0d%0aX-Evil:1',
    '/a%0aX-Evil:1',
    '/a%E5%98%8AX-Evil:1?%0d%0aX-Evil:%201',
    '/a?b=%0d%0aX-Evil:%201',
    '/a?b=\xe5\x98\x8a\xe5\x98\x8d',
  ]) {
    const sent = await edge.send(get(target))
    assert.ok([200, 400].includes(sent.statuses[0]!), target)
    assert.ok(!sent.seen.some((request) => request.headers['x-evil'] !== undefined), target)
    for (const { headers } of sent.answers) assert.equal(headers.has('x-evil'), false)
  }
  for (const line of [
    'X: a\r\n X-Evil: 1',
    'X: a\nX-Evil: 1',
    'X: a\rX-Evil: 1',
    'X-HTTP-Method-Override: GET\nX-Evil: 1',
    'Upgrade: x\nX-Evil: 1',
    'Content-Type: multipart/form-data; boundary=a\nX-Evil: 1',
  ]) {
    assertRefused(await edge.send(withHeaders(line)), [400], line)
  }
  const escaped = await edge.send(
    withHeaders('X: a%0d%0aX-Evil: 1', 'Content-Type: multipart/form-data; boundary="a%0D%0AX-Evil: 1"'),
  )
  assert.equal(only(escaped).headers['x-evil'], undefined)
  assert.equal(only(escaped).headers['x'], 'a%0d%0aX-Evil: 1')
})

edge.test('B24 bytes beyond ASCII in a value pass unchanged', async () => {
  const sent = await edge.send(withHeaders('X: caf\xc3\xa9 \xff\x80'))
  assert.deepEqual(sent.statuses, [200])
  assert.equal(
    Buffer.from(only(sent).headers['x'] as string, 'latin1').toString('latin1'),
    'caf\xc3\xa9 \xff\x80',
  )
})

edge.test('B29 a header that names another method changes neither the route nor the method', async () => {
  for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
    const post = message(['POST /reads HTTP/1.1', 'Host: methods.test', `${name}: GET`, 'Content-Length: 0'])
    const refused = await edge.send(post)
    assertRefused(refused, [405])
    assert.deepEqual(refused.answers[0]!.headers.get('allow'), ['GET, HEAD'])
    const passed = await edge.send(message(['GET /reads HTTP/1.1', 'Host: methods.test', `${name}: POST`]))
    assert.equal(only(passed).method, 'GET')
  }
})

edge.test('a method is not allowed only where the path is known', async () => {
  const post = (path: string) => message([`POST ${path} HTTP/1.1`, 'Host: methods.test', 'Content-Length: 0'])
  assertRefused(await edge.send(post('/reads')), [405])
  assertRefused(await edge.send(post('/reads/')), [404])
  assertRefused(await edge.send(post('/other')), [404])
})

edge.test('Expect: only 100-continue can be met, and only for a call that may pass', async () => {
  const post = (expect: string, host = HOST) =>
    message(['POST /x HTTP/1.1', host, `Expect: ${expect}`, 'Content-Length: 5'])
  for (const expect of ['200-ok', '100-continue, x', 'x', '100-continue;q=1']) {
    assertRefused(await edge.send(post(expect)), [417], expect)
  }
  const refused = await edge.send(post('100-continue', 'Host: private.test'))
  assertRefused(refused, [401])
  assert.ok(!refused.raw.includes('100 Continue'))

  for (const expect of ['100-continue', '100-Continue']) {
    const wire = new Wire(edge.port)
    wire.write(post(expect))
    await until(() => wire.received.includes('100 Continue'))
    wire.write('hello')
    await wire.until(1, 3000)
    assert.equal(wire.answers[0]?.status, 200)
    assert.equal((await edge.seen())[0]?.body.toString(), 'hello')
    wire.destroy()
  }
  const old = await edge.send(
    message(['POST /x HTTP/1.0', HOST, 'Expect: 100-continue', 'Content-Length: 5'], 'hello'),
  )
  assert.deepEqual(old.statuses, [200])
  assert.ok(!old.raw.includes('100 Continue'))
})

edge.test('L05 no header or target becomes a label of a metric', async () => {
  const mark = 'label-from-outside'
  await edge.send(
    message([
      `GET /${mark}?${mark} HTTP/1.1`,
      `Host: ${mark}.test`,
      `X-Consumer-Username: ${mark}`,
      `User-Agent: ${mark}`,
      `X-Request-Id: ${mark}`,
      `Dispatch-Backend: ${mark}`,
    ]),
  )
  await edge.send(
    message([`GET /${mark} HTTP/1.1`, HOST, `X-Forwarded-For: ${mark}`, `Authorization: Bearer ${mark}`]),
  )
  await edge.send(message(['PROPFIND /x HTTP/1.1', HOST, `X: ${mark}`]))
  const metrics = await (await fetch(`${edge.gateway.management}/metrics`)).text()
  assert.ok(!metrics.includes(mark))
  assert.ok(!metrics.includes('PROPFIND'))
})

edge.test('L07 an error says nothing of addresses, versions or code', async () => {
  const failed = await edge.send(get('/x', 'Host: down.test'))
  assert.deepEqual(failed.statuses, [502])
  const others = [
    await edge.send(get('/none', 'Host: methods.test')),
    await edge.send(get('//')),
    await edge.send('nonsense\r\n\r\n'),
    await edge.send(get('/x', 'Host: private.test')),
  ]
  for (const { answers, raw } of [failed, ...others]) {
    const problem = JSON.parse(answers[0]!.body.toString()) as Record<string, unknown>
    assert.equal(problem['status'], answers[0]!.status)
    assert.equal(problem['requestId'], answers[0]!.headers.get('x-request-id')?.[0])
    assert.deepEqual(answers[0]!.headers.get('content-type'), ['application/problem+json'])
    assert.deepEqual(answers[0]!.headers.get('dispatch-error'), [problem['code']])
    const text = raw.toString('latin1')
    assert.doesNotMatch(
      text,
      /127\.0\.0\.1|ECONN|undici|fastify|node|\.ts\b|\bat \/|(?<!dispatch-)error: |\nserver:|x-powered-by|\nvia:/i,
    )
  }
})

edge.test(
  'L08 a request id is kept when it is well-formed and the only one, else replaced, and always there',
  async () => {
    const idOf = (sent: Sent) => {
      const [id, ...more] = sent.answers[0]!.headers.get('x-request-id') ?? []
      assert.deepEqual(more, [])
      return id!
    }
    const kept = await edge.send(withHeaders('X-Request-Id: my-id_1.2:3'))
    assert.equal(idOf(kept), 'my-id_1.2:3')
    assert.equal(only(kept).headers['x-request-id'], 'my-id_1.2:3')

    for (const lines of [
      [],
      ['X-Request-Id: '],
      ['X-Request-Id: a b'],
      [`X-Request-Id: ${'a'.repeat(129)}`],
      ['X-Request-Id: <script>'],
      ['X-Request-Id: one', 'X-Request-Id: two'],
      ['X-Request-Id: same', 'X-Request-Id: same'],
      ['X-Request-Id: -a'],
      ['X-Request-Id: \xe9'],
      ['X-Request-Id: a%0d%0ab'],
      ['Connection: x-request-id'],
    ]) {
      const sent = await edge.send(withHeaders(...lines))
      assert.deepEqual(sent.statuses, [200], lines.join())
      const id = idOf(sent)
      assert.match(id, /^[0-9a-f]{32}$/, lines.join())
      assert.equal(only(sent).headers['x-request-id'], id)
    }
    const huge = await edge.send(withHeaders(`X-Request-Id: ${'a'.repeat(1 << 20)}`))
    assertRefused(huge, [431])
    const broken = await edge.send(withHeaders('X-Request-Id: a\r\n\tb'))
    assertRefused(broken, [400])
    for (const sent of [broken, await edge.send(get('//'))]) assert.match(idOf(sent), /^[0-9a-f]{32}$/)
  },
)

edge.test('L09 a malformed traceparent begins a new trace', async () => {
  const good = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const continued = only(await edge.send(withHeaders(`traceparent: ${good}`, 'tracestate: a=1'))).headers
  assert.equal((continued['traceparent'] as string).slice(0, 35), good.slice(0, 35))
  assert.equal(continued['tracestate'], 'a=1')
  for (const bad of [
    '',
    'garbage',
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    good.toUpperCase(),
    `${good}-x`,
    good.replace('00-', 'ff-'),
    'x'.repeat(5000),
    '\xe9',
  ]) {
    const sent = await edge.send(withHeaders(`traceparent: ${bad}`, 'tracestate: a=1'))
    const { headers } = only(sent)
    assert.match(headers['traceparent'] as string, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/, bad)
    assert.ok(!(headers['traceparent'] as string).includes('0af7651916cd43dd8448eb211c80319c'), bad)
    assert.equal(headers['tracestate'], undefined, bad)
  }
  const twice = only(await edge.send(withHeaders(`traceparent: ${good}`, `traceparent: ${good}`))).headers
  assert.ok(!(twice['traceparent'] as string).includes(good.slice(3, 35)))
})

edge.test('L16 health, metrics and the API are not on the port of the functions', async () => {
  const paths = [
    '/metrics',
    '/healthz',
    '/readyz',
    '/v1/status',
    '/v1/config',
    '//metrics',
    '/%6detrics',
    '/%6Detrics',
    '/./metrics',
    '/metrics/',
    '/metrics?x',
    '/%2e/metrics',
    '/x/../metrics',
  ]
  const claims = [
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Host: 127.0.0.1:9090',
    'X-Forwarded-Port: 9090',
    'X-Forwarded-Prefix: /',
    'X-Original-URL: /metrics',
    'X-Rewrite-URL: /metrics',
  ]
  for (const path of paths) {
    for (const lines of [[], claims]) {
      const sent = await edge.send(message([`GET ${path} HTTP/1.1`, 'Host: methods.test', ...lines]))
      assertRefused(sent, [400, 401, 404], path)
      assert.ok(!sent.raw.includes('# HELP'))
    }
  }
})
