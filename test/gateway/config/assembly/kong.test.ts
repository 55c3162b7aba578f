import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createAuthority,
  createServerCertificate,
  type KeyAndCertificate,
} from '../../../../gateway/development/certificate-authority.ts'
import { load, messagesIn } from '../sample.ts'

const now = Date.now()
const authority = await createAuthority(now)

async function pairFor(...hosts: string[]): Promise<KeyAndCertificate> {
  return createServerCertificate(authority, hosts, now)
}

const BASE = {
  backends: { b: { driver: 'plain', url: 'http://b' } },
  functions: { f: { deployments: ['b'] } },
}

const textOf = (part: object): string => JSON.stringify({ ...BASE, ...part })

function loadKong(kong: object, part: object = {}, environment: Record<string, string> = {}) {
  return load(textOf({ kong, ...part }), { environment })
}

async function mistakesOf(kong: object, part: object = {}, environment: Record<string, string> = {}) {
  const messages = await messagesIn(textOf({ kong, ...part }), { environment })
  return messages.map((message) => message.replace(/^\d+ /, ''))
}

test('without `kong` there is none, and what routes say of it is told to be of no use', async () => {
  const { config, warnings } = await load(
    textOf({ routes: [{ path: '/a', function: 'f', auth: 'none', kong: { redirect: 426 } }] }),
  )
  assert.equal(config.kong, null)
  assert.equal(config.routes[0]!.kong, null)
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ['this has no effect: there is no Kong'],
  )
})

test('an empty `kong` has defaults, and the own listener for a target', async () => {
  const { config } = await loadKong({}, { gateway: { http: '10.0.0.1:8080' } })
  const { owner, mode, targets, every, admin, deletions } = config.kong!
  assert.deepEqual(
    { owner, mode, targets, every, url: admin.url, deletions },
    {
      owner: 'dispatch',
      mode: 'admin',
      targets: [{ host: '10.0.0.1', port: 8080 }],
      every: 30_000,
      url: 'http://127.0.0.1:8001/',
      deletions: { always: 10, share: 0.2 },
    },
  )
})

test('where Kong cannot know the address of the gateway it has to be said', async () => {
  assert.deepEqual(await mistakesOf({}, { gateway: { http: ':8080' } }), [
    'kong: nobody says where Kong reaches the gateway, which listens on all addresses',
  ])
  assert.deepEqual(await mistakesOf({}, { gateway: { http: '127.0.0.1:0' } }), [
    'kong: nobody says where Kong reaches the gateway',
  ])
  assert.deepEqual(await mistakesOf({ targets: [':8080', 'a:0', 'a:1', 'a:1'] }), [
    'kong.targets[0]: the address names no host',
    'kong.targets[1]: nobody can be reached on port 0',
    'kong.targets[3]: the target stands twice',
  ])
})

test('secrets of the Admin API are references', async () => {
  const headers = { 'kong-admin-token': { env: 'TOKEN' } }
  const { config } = await loadKong({ admin: { headers } }, {}, { TOKEN: 'secret' })
  assert.deepEqual(config.kong!.admin.headers, { 'kong-admin-token': 'secret' })
  const [mistake] = await mistakesOf({ admin: { headers: { 'kong-admin-token': 'secret' } } })
  assert.match(mistake!, /a secret is written into the configuration/)
})

test('secrets do not go to other machines without TLS unnoticed, and certificates not at all', async () => {
  const admin = { url: 'http://kong.example.com:8001', headers: { token: { env: 'TOKEN' } } }
  const { warnings } = await loadKong({ admin }, {}, { TOKEN: 'secret' })
  assert.ok(warnings.some(({ message }) => /without TLS/.test(message)))
  const { certificate } = authority
  assert.deepEqual(await mistakesOf({ admin: { url: 'http://kong:8001', ca: certificate } }), [
    'kong.admin.url: the Admin API is spoken to without TLS, and there are certificates for it',
  ])
})

test('certificates come with their keys, and each name has one', async () => {
  const one = await pairFor('a.test', '*.b.test')
  const other = await pairFor('a.test')
  const environment = { ONE: one.key, OTHER: other.key }
  const given = { certificate: one.certificate, key: { env: 'ONE' } }
  const { config } = await loadKong({ certificates: [given] }, {}, environment)
  assert.deepEqual(config.kong!.certificates[0]!.hosts, ['a.test', '*.b.test'])
  const clash = { certificate: other.certificate, key: { env: 'OTHER' } }
  const wrong = { certificate: other.certificate, key: { env: 'ONE' } }
  const alone = { certificate: other.certificate }
  assert.deepEqual(await mistakesOf({ certificates: [given, clash, wrong, alone, {}] }, {}, environment), [
    'kong.certificates[1]: "a.test" has a certificate already, in line 1',
    'kong.certificates[2]: the certificate and its key cannot be used: it is the key of another certificate',
    'kong.certificates[3].certificate: `certificate` is given without `key`',
    'kong.certificates[4]: there is no certificate, neither here nor in `gateway.https`',
  ])
})

test('Kong can be given the certificate of the gateway, and that of a route for its hosts', async () => {
  const [gateway, route] = [await pairFor('a.test'), await pairFor('c.test')]
  const environment = { ONE: gateway.key, TWO: route.key }
  const https = { certificate: gateway.certificate, key: { env: 'ONE' } }
  const certificate = { certificate: route.certificate, key: { env: 'TWO' } }
  const routes = [{ path: '/a', function: 'f', auth: 'none', hosts: ['c.test'], kong: { certificate } }]
  const { config } = await loadKong({ certificates: [{}] }, { gateway: { https }, routes }, environment)
  assert.deepEqual(
    config.kong!.certificates.map(({ hosts, key }) => [hosts, key]),
    [
      [['a.test'], gateway.key],
      [['c.test'], route.key],
    ],
  )
  const nowhere = [{ ...routes[0], hosts: [] }]
  assert.match(
    (await mistakesOf({}, { routes: nowhere }, environment))[0]!,
    /shown for the `hosts` of the route, which names none/,
  )
})

test('a route gives Kong plugins that it has', async () => {
  const routes = [{ path: '/a', function: 'f', auth: 'none', kong: { plugins: ['cors'] } }]
  assert.match(
    (await mistakesOf({}, { routes }))[0]!,
    /Kong cannot be given the plugin "cors", which the route does not have/,
  )
})

test('the path where Kong asks the gateway is one path, and no route has it', async () => {
  assert.match((await mistakesOf({ health: { path: '/up/:x' } }))[0]!, /"\/up\/:x" is not one path/)
  const routes = [{ path: '/.dispatch/ready', function: 'f', auth: 'none' }]
  assert.match((await mistakesOf({}, { routes }))[0]!, /tells Kong whether it takes calls/)
})

test('what is nearly right is suggested', async () => {
  assert.deepEqual(await messagesIn(textOf({ kong: { onwer: 'a' } })), [
    '1 kong.onwer: unknown key "onwer" → owner',
  ])
  const { ConfigInvalid } = await import('../../../../gateway/config/mistakes.ts')
  await assert.rejects(load(textOf({ kong: { mode: 'db-less' } })), (error) => {
    assert.ok(error instanceof ConfigInvalid)
    assert.equal(error.mistakes[0]!.suggestion, 'dbless')
    return true
  })
})

test('assertions do not outlive what the gateway takes, and their secret may stay in a vault', async () => {
  const identity = { kong: { keys: [{ id: 'k1', secret: { env: 'KEY' } }], maxLifetime: '5s' } }
  const environment = { KEY: 'k'.repeat(32) }
  const trusting = { identity, gateway: { trustedProxies: ['10.0.0.0/8'] } }
  assert.match(
    (await mistakesOf({}, { identity }, environment))[0]!,
    /longer than `identity.kong.maxLifetime`/,
  )
  const assertion = { lifetime: '5s', secret: '{vault://env/dispatch-key}', zone: '{vault://env/zone}' }
  const { config } = await loadKong({ assertion }, trusting, environment)
  assert.deepEqual(config.kong!.assertion, { ...assertion, lifetime: 5000 })
  const { config: zoned } = await loadKong(
    { assertion: { lifetime: '5s', zone: 'eu-1/a' } },
    trusting,
    environment,
  )
  assert.equal(zoned.kong!.assertion.zone, 'eu-1/a')
  assert.match((await mistakesOf({ assertion: { zone: 'EU 1' } }))[0]!, /kong.assertion.zone: "EU 1"/)
})
