import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registry } from '../../../../gateway/built-in.ts'
import { parseConfig } from '../../../../gateway/config/load-config.ts'
import { load, messagesIn, mistakesIn } from '../sample.ts'

const BASE = `
backends: { home: { driver: plain, url: "http://127.0.0.1" } }
functions: { f: { deployments: [home] }, g: { deployments: [home] } }
`
/** The same with a backend for one organization only, which must then be there. */
const CLOSED = BASE.replace(
  '} }\n',
  '}, closed: { driver: plain, url: "http://127.0.0.1", organizations: [acme] } }\n',
)

const withRoutes = (...routes: string[]) =>
  `${BASE}routes:\n${routes.map((route) => `  - { function: f, auth: none, ${route} }\n`).join('')}`

/** With the drivers of the project. */
const loadAll = (text: string) => parseConfig(text, '/dispatch.yaml', registry)

const conflict = /has a route already, in line (\d+)$/

test('two routes for the same host, path and method conflict, whatever their parameters are called', async () => {
  const pairs: [string, string][] = [
    ['path: /a', 'path: /a'],
    ['path: /a/:x', 'path: /a/:y'],
    ['path: /a/:x/*', 'path: /a/:y/*'],
    ['path: /a, methods: [GET, POST]', 'path: /a, methods: [POST, PUT]'],
    ['path: /a, methods: [GET]', 'path: /a, methods: [HEAD]'],
    ['path: /a, hosts: [a.example.com, b.example.com]', 'path: /a, hosts: [B.example.com]'],
    ['path: /a, hosts: ["*.example.com"]', 'path: /a, hosts: ["*.EXAMPLE.com"]'],
  ]
  for (const [one, other] of pairs) {
    const mistakes = await mistakesIn(withRoutes(one, other))
    assert.equal(mistakes.length, 1, `${one} ${other}`)
    assert.equal(mistakes[0]!.path, 'routes[1].path')
    assert.equal(conflict.exec(mistakes[0]!.message)![1], '5')
  }
})

test('routes that no request can match both of live side by side', async () => {
  const { config } = await load(
    withRoutes(
      'path: /a',
      'path: /A',
      'path: /a/',
      'path: /a/b',
      'path: /a/:x',
      'path: /a/*',
      'path: /a, hosts: [a.example.com]',
      'path: /a, hosts: ["*.example.com"]',
      'path: /m, methods: [POST]',
      'path: /m, methods: [GET]',
    ),
  )
  assert.equal(new Set(config.routes.map(({ name }) => name)).size, 10)
})

test('routes of different organizations conflict as well', async () => {
  const organizations =
    'organizations: { acme: { functions: { h: { deployments: [home] } }, routes: [{ path: /a/:y, function: h, auth: none }] } }'
  const messages = await messagesIn(`${withRoutes('path: /a/:x')}${organizations}\n`)
  assert.deepEqual(messages, [
    '6 organizations.acme.routes[0].path: GET "/a/:y" of any host has a route already, in line 5',
  ])
})

test('a route finds its function in its own organization only', async () => {
  const text =
    `${BASE}routes: [{ path: /a, function: helo, auth: none }, { path: /b, function: h, auth: none }]
organizations:
  acme: { functions: { h: { deployments: [home] } }, routes: [{ path: /c, function: g, auth: none }] }
`.replace('g: {', 'hello: {')
  assert.deepEqual(await messagesIn(text), [
    '4 routes[0].function: the organization "default" has no function "helo" → hello',
    '4 routes[1].function: the organization "default" has no function "h"; "acme" has one',
    '6 organizations.acme.routes[0].function: the organization "acme" has no function "g"',
  ])
})

test('a function with a mistake is still known to its routes', async () => {
  const text = `${BASE}organizations: { acme: { functions: { h: { deployments: [], timeout: 5 } }, routes: [{ path: /a, function: h, auth: none }] } }\n`
  assert.deepEqual(
    (await mistakesIn(text)).map(({ path }) => path),
    ['organizations.acme.functions.h.deployments', 'organizations.acme.functions.h.timeout'],
  )
})

test('a rewrite uses what the path has', async () => {
  const { config } = await load(
    withRoutes('path: /a/:x/*, rewrite: /b/*', 'path: /b/:y, rewrite: /:y/c', 'path: /c, rewrite: /'),
  )
  assert.deepEqual(
    config.routes.map(({ rewrite }) => rewrite),
    ['/b/*', '/:y/c', '/'],
  )
  const messages = await messagesIn(
    withRoutes('path: /a/:name, rewrite: /:nmae', 'path: /b/:x, rewrite: /*', 'path: /c, rewrite: c'),
  )
  assert.deepEqual(messages, [
    '5 routes[0].rewrite: :nmae is not in the path "/a/:name" → :name',
    '6 routes[1].rewrite: * is not in the path "/b/:x"',
    '7 routes[2].rewrite: "c" does not begin with a slash → /c',
  ])
})

test('methods are capital, known and each there once', async () => {
  const messages = await messagesIn(
    withRoutes(
      'path: /a, methods: [get]',
      'path: /b, methods: [CONNECT]',
      'path: /c, methods: [GET, GET]',
      'path: /d, methods: []',
      'path: /e, methods: POST',
    ),
  )
  assert.deepEqual(messages, [
    '5 routes[0].methods[0]: "get" cannot stand here → GET',
    '6 routes[1].methods[0]: "CONNECT" cannot stand here',
    '7 routes[2].methods[1]: "GET" stands in the list twice',
    '8 routes[3].methods: the list is empty',
    '9 routes[4].methods: "POST" cannot stand here → [POST]',
  ])
})

test('names of backends, functions and organizations are DNS labels', async () => {
  const messages = await messagesIn(`
backends: { My_Backend: { driver: plain, url: "http://x" } }
functions: { -a: {}, "Ünï": {}, ${'a'.repeat(64)}: {}, "": {} }
organizations: { "a.b": {}, default: {} }
`)
  assert.deepEqual(messages, [
    '2 backends.My_Backend: "My_Backend" cannot be a name here → my-backend',
    '3 functions.-a: "-a" cannot be a name here → a',
    '3 functions["Ünï"]: "Ünï" cannot be a name here → uni',
    `3 functions.${'a'.repeat(64)}: "${'a'.repeat(57)}..." cannot be a name here`,
    '3 functions[""]: "" cannot be a name here',
    '4 organizations["a.b"]: "a.b" cannot be a name here → a-b',
    '4 organizations.default: the organization "default" cannot stand here',
  ])
})

test('a function has deployments, each once, on backends that are there and admit its organization', async () => {
  const messages = await messagesIn(`${CLOSED}
organizations:
  acme:
    functions:
      a: {}
      b: { deployments: [home, closed, hone, { backend: home, name: b }, { backend: home, name: c }, 7, {}] }
  other: { functions: { c: { deployments: [closed] } } }
`)
  assert.deepEqual(messages, [
    '8 organizations.acme.functions.a.deployments: "deployments" is missing',
    '9 organizations.acme.functions.b.deployments[2]: there is no backend "hone" → home',
    '9 organizations.acme.functions.b.deployments[3]: the deployment "b" on "home" stands in the list twice',
    '9 organizations.acme.functions.b.deployments[5]: the number 7 cannot stand here → "7"',
    '9 organizations.acme.functions.b.deployments[6].backend: "backend" is missing',
    '10 organizations.other.functions.c.deployments[0]: the backend "closed" does not admit the organization "other"',
  ])
})

test('one deployment for two organizations is a warning', async () => {
  const { warnings } = await load(
    `${withRoutes('path: /a')}organizations: { acme: { functions: { f: { deployments: [home] } } } }\n`,
  )
  assert.deepEqual(
    warnings.map(({ line, message }) => `${line} ${message}`),
    ['6 "f" on "home" serves the organization "default" too (line 3)'],
  )
})

test('a route that allows WebSockets takes GET, and every backend of its function can open them', async () => {
  const config = (driver: string, route: string) => `
backends: { home: ${driver}, other: { driver: http, url: "http://127.0.0.1" } }
functions: { f: { deployments: [other, home] }, g: { deployments: [other] } }
routes: [{ path: /a, auth: none, upgrade: websocket, ${route} }]
`
  const http = '{ driver: http, url: "http://127.0.0.1" }'
  const { config: loaded } = await loadAll(config(http, 'function: f'))
  assert.equal(loaded.routes[0]!.upgrade, 'websocket')
  const cases: [string, RegExp][] = [
    [config(http, 'function: f, methods: [POST]'), /asked for with GET/],
    [
      config('{ driver: openfaas, url: "http://127.0.0.1" }', 'function: f'),
      /its function on the backend home cannot/,
    ],
    [config(http, 'function: f').replace('upgrade: websocket', 'upgrade: h2c'), /h2c/],
    [
      config(http, 'function: g').replace('[other] }', '[other], contract: dispatch }'),
      /its function on the backend other cannot/,
    ],
  ]
  for (const [text, message] of cases) {
    await assert.rejects(loadAll(text), (error: Error) => {
      assert.match(`${error.message} ${JSON.stringify(error)}`, message)
      return true
    })
  }
  const upgradeUrl = 'upgradeUrl: "http://{name}.fn:8080"'
  await loadAll(config(`{ driver: openfaas, url: "http://127.0.0.1", ${upgradeUrl} }`, 'function: f'))
  await loadAll(config('{ driver: openfaas, url: "http://127.0.0.1" }', 'function: g'))
})
