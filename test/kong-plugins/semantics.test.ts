import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Dispatcher, request } from 'undici'
import { createAuthority } from '../../gateway/development/certificate-authority.ts'
import { type Fields, valueAt } from './stand-in/field.ts'
import { StandIn } from './stand-in/kong.ts'

/** Also asked of a real Kong with a database when its Admin API is named there; nothing stays in it. */
const REAL = process.env['KONG_ADMIN_URL']

const id = (n: number) => `7b1d0000-0000-4000-8000-${String(n).padStart(12, '0')}`
const [UPSTREAM, SERVICE, ROUTE, PLUGIN, AUTHORITY, TARGET] = [1, 2, 3, 4, 5, 6].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
]

describe(`what sync builds on in ${REAL ? 'a real Kong' : 'the stand-in'}`, () => {
  let standIn: StandIn | null = null
  let url: string
  before(async () => {
    standIn = REAL ? null : await StandIn.open()
    url = REAL ?? standIn!.url
  })
  after(async () => {
    for (const path of [
      `/plugins/${PLUGIN}`,
      `/routes/${ROUTE}`,
      `/services/${SERVICE}`,
      `/upstreams/${UPSTREAM}`,
      `/ca_certificates/${AUTHORITY}`,
    ])
      await ask('DELETE', path)
    await standIn?.close()
  })

  async function ask(method: Dispatcher.HttpMethod, path: string, body?: object) {
    const response = await request(url + path, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    })
    const text = await response.body.text()
    const answer = text === '' ? {} : (JSON.parse(text) as Fields)
    return { status: response.statusCode, at: (path: string) => valueAt(answer, path) }
  }

  const upstream = (more: object) => ask('PUT', `/upstreams/${UPSTREAM}`, { name: 'semantics.test', ...more })
  const route = (more: object) =>
    ask('PUT', `/routes/${ROUTE}`, { name: 'semantics-test', paths: ['/semantics-test'], ...more })

  test('an upstream that hashes by nothing is round-robin, whatever it says', async () => {
    assert.equal((await upstream({ algorithm: 'consistent-hashing' })).at('algorithm'), 'round-robin')
    assert.equal((await upstream({ algorithm: 'latency', hash_on: 'none' })).at('algorithm'), 'latency')
    assert.equal((await upstream({ hash_on: 'ip' })).at('algorithm'), 'consistent-hashing')
  })

  test('an upstream falls back on nothing when it hashes by nothing', async () => {
    const { status, at } = await upstream({ hash_fallback: 'ip' })
    assert.equal(status, 400)
    assert.equal(at('fields.hash_fallback'), 'expected one of: none')
  })

  test('health checks are never null', async () => {
    assert.equal((await upstream({ healthchecks: null })).at('fields.healthchecks'), 'required field missing')
    const { at } = await upstream({ healthchecks: { active: { http_path: 'x' } } })
    assert.equal(
      at('message'),
      'schema violation (healthchecks.active: {\n  http_path = "should start with: /"\n})',
    )
  })

  test('targets get a port, and addresses of IPv6 all their digits', async () => {
    await upstream({})
    const written = async (target: string) =>
      (await ask('POST', `/upstreams/${UPSTREAM}/targets`, { target })).at('target')
    assert.equal(await written('gateway.example'), 'gateway.example:8000')
    assert.equal(await written('[2001:DB8::1]:80'), '[2001:0db8:0000:0000:0000:0000:0000:0001]:80')
    assert.equal(await written('::1'), '[0000:0000:0000:0000:0000:0000:0000:0001]:8000')
    const again = await ask('POST', `/upstreams/${UPSTREAM}/targets`, { target: '[0:0::1]:8000' })
    assert.equal(again.status, 409)
  })

  test('targets come newest first, with their number as offset', async () => {
    await ask('DELETE', `/upstreams/${UPSTREAM}`)
    await upstream({})
    for (const n of [1, 2, 3])
      await ask('POST', `/upstreams/${UPSTREAM}/targets`, {
        id: n === 1 ? TARGET : id(100 - n),
        target: `10.0.0.${n}:80`,
        created_at: 1_700_000_000 + n,
      })
    const first = await ask('GET', `/upstreams/${UPSTREAM}/targets?size=2`)
    const names = ({ at }: typeof first) => (at('data') as Fields[]).map(({ target }) => target)
    assert.deepEqual(names(first), ['10.0.0.3:80', '10.0.0.2:80'])
    assert.equal(first.at('offset'), '2')
    assert.deepEqual(names(await ask('GET', String(first.at('next')))), ['10.0.0.1:80'])
  })

  test('protocols of different families do not go together', async () => {
    const { at } = await route({ protocols: ['http', 'grpc'] })
    assert.equal(
      at('fields.protocols'),
      "these sets are mutually exclusive: ('http', 'https'), ('grpc', 'grpcs')",
    )
    assert.equal((await route({ protocols: [] })).at('fields.protocols'), 'unknown type: nil')
  })

  test('a route for gRPC strips nothing', async () => {
    assert.equal((await route({ protocols: ['grpc'] })).at('strip_path'), false)
    const { at } = await route({ protocols: ['grpc'], strip_path: true })
    assert.equal(at('fields.strip_path'), "cannot set 'strip_path' when 'protocols' is 'grpc' or 'grpcs'")
  })

  test('a plugin has a protocol in common with its route', async () => {
    await route({ protocols: ['https'] })
    const cors = { name: 'cors', route: { id: ROUTE } }
    const { at } = await ask('PUT', `/plugins/${PLUGIN}`, { ...cors, protocols: ['http'] })
    assert.equal(at('fields.protocols'), "must match the associated route's protocols")
    assert.equal((await ask('PUT', `/plugins/${PLUGIN}`, cors)).status, 200)
  })

  test('acl takes one list, jwt no expiry that nobody looks at, rate-limiting no redis that is null', async () => {
    const refused = (name: string, config: object) =>
      ask('PUT', `/plugins/${PLUGIN}`, { name, route: { id: ROUTE }, config })
    assert.deepEqual((await refused('acl', { allow: ['a'], deny: ['b'] })).at('fields.@entity'), [
      "exactly one of these fields must be non-empty: 'config.allow', 'config.deny'",
    ])
    const jwt = await refused('jwt', { maximum_expiration: 60, claims_to_verify: ['nbf'] })
    assert.equal(jwt.at('code'), 2)
    const limited = await refused('rate-limiting', { minute: 1, redis: null })
    assert.equal(limited.at('fields.config.redis'), 'required field missing')
  })

  test('an authority that a service names is not deleted', async () => {
    const { certificate } = await createAuthority(Date.now())
    await ask('PUT', `/ca_certificates/${AUTHORITY}`, { cert: certificate })
    const service = { name: 'semantics-test', host: 'semantics.test', protocol: 'https' }
    await ask('PUT', `/services/${SERVICE}`, { ...service, ca_certificates: [AUTHORITY] })
    const { status, at } = await ask('DELETE', `/ca_certificates/${AUTHORITY}`)
    assert.equal(status, 400)
    assert.equal(at('code'), 19)
    await ask('PUT', `/services/${SERVICE}`, service)
    assert.equal((await ask('DELETE', `/ca_certificates/${AUTHORITY}`)).status, 204)
  })

  test('no entity gets another id', async () => {
    const { status, at } = await ask('PATCH', `/services/${SERVICE}`, { id: id(9) })
    assert.equal(status, 404)
    assert.equal(at('message'), `could not find the entity with primary key '{id="${SERVICE}"}'`)
  })
})
