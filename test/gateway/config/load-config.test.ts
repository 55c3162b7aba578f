import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadConfig } from '../../../gateway/config/load-config.ts'
import { ConfigInvalid } from '../../../gateway/config/mistakes.ts'
import { DEFAULT_LANE } from '../../../gateway/contract/lane.ts'
import { DEFAULT_TRANSPORT } from '../../../gateway/contract/transport.ts'
import { load, mistakesIn, mistakesInFile, registry, said, WHOLE } from './sample.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatch-config-'))
})
after(() => rm(folder, { recursive: true }))

async function file(name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

/** What a backend and a function are that say nothing of placement. */
const PLAIN_BACKEND = {
  zone: null,
  offers: { gpu: null, arch: [], memory: null, labels: {} },
  concurrency: null,
  functionConcurrency: 'adaptive',
  burst: false,
  price: { call: 0, second: 0, gbSecond: 0 },
  drain: false,
  probe: { every: 10_000, timeout: 5000 },
}
const PLAIN_FUNCTION = {
  contract: 'http',
  memory: 128 * 2 ** 20,
  needs: { gpu: null, arch: null, memory: null, labels: {} },
  prefers: { gpu: null, arch: null, memory: null, labels: {} },
  residency: null,
  locality: 'nearest',
  coldStart: 'wait',
  hedge: null,
  burst: null,
  waiting: { most: 100, time: null },
}

test('an empty map is a configuration with every default', async () => {
  const { config, warnings } = await load('{}')
  assert.deepEqual(config.gateway, {
    http: { host: '127.0.0.1', port: 8080 },
    https: null,
    management: { address: { host: '127.0.0.1', port: 9090 }, token: null },
    threads: null,
    transport: DEFAULT_TRANSPORT,
    trustedProxies: [],
    hosts: [],
    lanes: { http: DEFAULT_LANE, https: DEFAULT_LANE },
    limits: { uri: 8192, headers: 16_384, headerCount: 128, body: null, replay: 65_536, connections: 10_000 },
    timeouts: { head: 10_000, body: 60_000, keepAlive: 72_000 },
    websocket: { message: 1_048_576, idle: 300_000, lifetime: 7_200_000, ping: null },
    drain: { delay: 0, grace: 30_000 },
    heartbeat: { timeout: 5000 },
    accessLog: { enabled: true, sample: 1 },
    logLevel: 'info',
    requestId: { trust: true },
    serverTiming: 'on-request',
    metrics: { routes: 1000 },
  })
  assert.deepEqual(config.identity, {
    realm: 'dispatch',
    cache: { tokens: 10_000 },
    issuers: [],
    apiKeys: { header: 'x-api-key', keys: [] },
    kong: null,
    development: null,
  })
  assert.deepEqual(
    [config.backends, config.functions, config.routes, config.plugins, config.drivers],
    [[], [], [], [], []],
  )
  assert.deepEqual(config.placement, { zone: null, distances: [], explain: [] })
  assert.deepEqual(config.organizations, [{ name: 'default', burst: { budget: null } }])
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ['there are no routes: every call gets 404'],
  )
})

test('a whole configuration is complete, converted and in one shape', async () => {
  const { config, warnings } = await load(WHOLE)
  assert.deepEqual(warnings, [])
  assert.equal(config.file, `${import.meta.dirname}/dispatch.yaml`)
  assert.equal(config.directory, import.meta.dirname)
  assert.deepEqual(config.gateway.https, {
    address: { host: '::1', port: 8443 },
    certificate: null,
    key: null,
    clientCertificate: null,
  })
  assert.deepEqual(config.gateway.trustedProxies, ['10.0.0.0/8'])
  assert.equal(config.gateway.limits.body, 10_485_760)
  assert.deepEqual(config.identity.issuers[0], {
    issuer: 'https://idp.example.com',
    audiences: ['dispatch'],
    algorithms: ['RS256', 'ES256'],
    profile: 'jwt',
    skew: 30_000,
    maxLifetime: 86_400_000,
    keys: [],
    jwks: {
      url: 'https://idp.example.com/jwks',
      refresh: 300_000,
      cooldown: 30_000,
      staleLimit: 86_400_000,
      timeout: 3000,
      maxSize: 262_144,
      ca: null,
    },
    organization: 'default',
    organizations: null,
    claims: { subject: 'sub', roles: 'roles', scopes: 'scope', groups: 'groups' },
  })
  assert.deepEqual(config.identity.apiKeys.keys, [
    {
      name: 'ci',
      hash: `sha256:${'ab'.repeat(32)}`,
      organization: 'acme',
      scopes: ['invoke'],
      roles: [],
      expires: null,
    },
  ])
  assert.deepEqual(config.backends, [
    {
      name: 'home',
      driver: 'plain',
      organizations: null,
      options: {
        url: 'http://127.0.0.1:9000',
        connectTimeout: 3000,
        credential: null,
        labels: { zone: 'a' },
      },
      ...PLAIN_BACKEND,
    },
    {
      name: 'away',
      driver: 'plain',
      organizations: ['acme'],
      zone: 'eu-central-1/b',
      offers: {
        gpu: { model: 'a100', count: 2 },
        arch: ['amd64'],
        memory: 16 * 2 ** 30,
        labels: { tier: 'gold' },
      },
      concurrency: 100,
      functionConcurrency: 10,
      burst: true,
      price: { call: 0.0000002, second: 0, gbSecond: 0.0000166667 },
      drain: false,
      probe: { every: 30_000, timeout: 5000 },
      options: { url: 'https://away.example.com', connectTimeout: 500, credential: null, labels: {} },
    },
  ])
  assert.deepEqual(config.functions, [
    {
      organization: 'default',
      name: 'hello',
      deployments: [{ backend: 'home', name: 'hello', concurrency: 'adaptive', memory: 128 * 2 ** 20 }],
      timeout: 20_000,
      idempotent: false,
      ...PLAIN_FUNCTION,
    },
    {
      organization: 'acme',
      name: 'thumb',
      deployments: [
        { backend: 'away', name: 'thumbs', concurrency: 10, memory: 512 * 2 ** 20 },
        { backend: 'home', name: 'thumb', concurrency: 'adaptive', memory: 128 * 2 ** 20 },
      ],
      timeout: 5000,
      idempotent: true,
      ...PLAIN_FUNCTION,
      prefers: { gpu: { model: null, count: 1 }, arch: null, memory: null, labels: { tier: 'gold' } },
      hedge: { after: 200, extraLoad: 5 },
      burst: { above: 0.7, budget: { concurrency: 50, rate: null, money: 5 } },
    },
  ])
  assert.deepEqual(config.placement, {
    zone: 'eu-west-1/a',
    distances: [{ between: ['eu-west-1', 'eu-central-1'], distance: 20 }],
    explain: ['admin'],
  })
  assert.deepEqual(config.organizations, [
    { name: 'default', burst: { budget: null } },
    { name: 'acme', burst: { budget: { concurrency: null, rate: 100, money: null } } },
  ])
})

test('routes inherit plugins and auth, the nearest wins, and policies run in the order of the registry', async () => {
  const { config } = await load(WHOLE)
  const [hello, open, thumb, shared] = config.routes
  const second = {
    plugin: 'second',
    options: { limit: 2048, window: 1000, names: [], mode: 'soft' },
    scope: 'default',
  }
  assert.deepEqual(hello, {
    organization: 'default',
    name: 'GET,HEAD,POST api.example.com,*.example.org/hello/:name',
    path: '/hello/:name',
    hosts: ['api.example.com', '*.example.org'],
    methods: ['GET', 'HEAD', 'POST'],
    functionName: 'hello',
    rewrite: '/:name',
    upgrade: 'none',
    auth: {
      scopes: [],
      roles: [],
      organizations: ['default'],
      issuers: null,
      apiKeys: true,
      forwardCredential: false,
    },
    plugins: [
      { plugin: 'first', options: { limit: 1024, window: 1000, names: [], mode: 'soft' }, scope: 'route' },
      second,
    ],
    retries: { attempts: 3 },
    kong: null,
  })
  assert.deepEqual([open!.name, open!.auth, open!.plugins], ['ANY /public/*', null, []])
  assert.deepEqual(thumb!.auth, {
    scopes: ['invoke'],
    roles: [],
    organizations: ['acme'],
    issuers: null,
    apiKeys: true,
    forwardCredential: false,
  })
  assert.deepEqual(
    thumb!.plugins.map(({ plugin, scope }) => `${plugin} ${scope}`),
    ['first organization', 'second default'],
  )
  assert.deepEqual(
    [shared!.auth!.organizations, shared!.auth!.scopes, shared!.retries.attempts],
    [['acme', 'default'], [], 1],
  )
})

test('routes that inherit a policy share its options', async () => {
  const { config } = await load(WHOLE)
  const options = config.routes
    .flatMap(({ plugins }) => plugins.filter(({ scope }) => scope === 'default'))
    .map((policy) => policy.options)
  assert.equal(options.length, 3)
  assert.equal(new Set(options).size, 1)
})

test('a configuration is frozen to its last leaf and can be posted to a thread', async () => {
  const { config } = await load(WHOLE)
  const loose: unknown[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Object.isFrozen(value)) loose.push(value)
    for (const inside of Object.values(value)) visit(inside)
  }
  visit(config)
  assert.deepEqual(loose, [])
  assert.deepEqual(structuredClone(config), config)
  assert.deepEqual(JSON.parse(JSON.stringify(config)), config)
})

test('the same configuration is read from a file, as YAML and as JSON', async () => {
  const fromYaml = await loadConfig(await file('a.yaml', `\ufeff${WHOLE}`), registry)
  const { parse } = await import('yaml')
  const fromJson = await loadConfig(await file('a.json', JSON.stringify(parse(WHOLE))), registry)
  assert.deepEqual({ ...fromJson.config, file: '' }, { ...fromYaml.config, file: '' })
  assert.equal(fromYaml.config.directory, folder)
})

test('a file that cannot be read is a mistake that says why', async () => {
  const cases: [string, RegExp][] = [
    [join(folder, 'missing.yaml'), /^there is no such file$/],
    [join(folder, 'missing', 'dispatch.yaml'), /^there is no such file$/],
    [folder, /^this is a folder$/],
    [await file('latin.yaml', Buffer.from('a: \xe4', 'latin1')), /not text in UTF-8/],
    [await file('utf16.yaml', Buffer.from('gateway: {}', 'utf16le')), /not text in UTF-8/],
    [await file('large.yaml', Buffer.alloc(10 * 1024 * 1024 + 1, '#')), /larger than 10 MiB/],
  ]
  for (const [path, message] of cases) {
    const mistakes = await mistakesInFile(path)
    assert.equal(mistakes.length, 1)
    assert.match(mistakes[0]!.message, message)
    assert.deepEqual([mistakes[0]!.file, mistakes[0]!.line, mistakes[0]!.column], [path, 1, 1])
  }
})

test('every mistake of a file is told at once, at its place', async () => {
  const mistakes = await mistakesIn(`
gateway: { http: 8080, timeouts: { haed: 10s } }
backends: { home: { driver: plian, url: x } }
functions:
  hello: { deployments: [hme] }
  empty: { deployments: [] }
routes:
  - { path: hello, function: helo, auth: none }
  - { path: /b/:id, function: hello, auth: none, rewrite: /:name, plugins: { frist: {} } }
  - { path: /b/:x, function: hello, auth: none }
`)
  assert.deepEqual(mistakes.map(said), [
    '2 gateway.http: "8080" is not an address | off or "host:port", "[::1]:port", or ":port" for every address of the machine | 127.0.0.1:8080',
    '2 gateway.timeouts.haed: unknown key "haed" | one of head, body, keepAlive | head',
    '3 backends.home.driver: there is no driver "plian" | plain | plain',
    '5 functions.hello.deployments[0]: there is no backend "hme" | one of home | home',
    '6 functions.empty.deployments: the list is empty | at least 1 item',
    '8 routes[0].path: "hello" does not begin with a slash | a path such as /orders/:id or /files/* | /hello',
    '8 routes[0].function: the organization "default" has no function "helo" | one of hello, empty | hello',
    '9 routes[1].rewrite: :name is not in the path "/b/:id" | parameters among :id',
    '9 routes[1].plugins.frist: there is no plugin "frist" | one of first, second | first',
    '10 routes[2].path: GET "/b/:x" of any host has a route already, in line 9 | another host, path or method; HEAD comes with GET, and names of parameters do not count',
  ])
})

test('warnings do not keep a configuration from being used, and come with its mistakes too', async () => {
  const { warnings } = await load('{ gateway: { timeouts: { keepAlive: 30s } }, routes: [] }')
  assert.match(warnings[0]!.message, /Kong/)
  assert.equal(warnings[0]!.level, 'warning')
  const error = await load('{ gateway: { timeouts: { keepAlive: 30s }, x: 1 } }').catch(
    (caught: unknown) => caught,
  )
  assert.ok(error instanceof ConfigInvalid)
  assert.deepEqual([error.mistakes.length, error.warnings.length], [1, 1])
})

test('names that JavaScript gives a meaning are names like any other', async () => {
  const names = ['constructor', 'tostring', 'valueof', 'prototype']
  const functions = names.map((name) => `  ${name}: { deployments: [home] }`).join('\n')
  const routes = names.map((name) => `  - { path: /${name}, function: ${name}, auth: none }`).join('\n')
  const { config } = await load(
    `backends: { home: { driver: plain, url: "http://x" } }\nfunctions:\n${functions}\nroutes:\n${routes}\n`,
  )
  assert.deepEqual(
    config.functions.map(({ name }) => name),
    names,
  )
  const mistakes = await mistakesIn('gateway: { constructor: 1, toString: 2, __proto__: { http: off } }')
  assert.deepEqual(
    mistakes.map(({ path }) => path),
    ['gateway.constructor', 'gateway.toString', 'gateway'],
  )
})

test('a later stage refuses a part of the configuration with its line', async () => {
  const loaded = await load(WHOLE)
  const refusal = loaded.refusal(loaded.config.functions[1]!.deployments[0]!, 'not today')
  assert.deepEqual(refusal.mistakes.map(said), [
    '50 organizations.acme.functions.thumb.deployments[0]: not today',
  ])
  assert.match(
    loaded.refusal(loaded.config.routes[0]!.plugins[0]!, 'no').mistakes[0]!.path,
    /^routes\[0\]\.plugins\.first$/,
  )
})

test('policies and deployments that refuse their options are mistakes at their lines', async () => {
  const mistakes = await mistakesIn(`
backends: { home: { driver: plain, url: "http://127.0.0.1" } }
functions:
  a: { deployments: [{ backend: home, name: forbidden }] }
defaults: { plugins: { second: { mode: hard } } }
routes:
  - { path: /a, function: a, auth: none }
  - { path: /b, function: a, auth: none, plugins: { first: { mode: hard } } }
`)
  assert.deepEqual(mistakes.map(said), [
    '4 functions.a.deployments[0]: the platform has no such function',
    '5 defaults.plugins.second: hard is too hard',
    '8 routes[1].plugins.first: hard is too hard',
  ])
})
