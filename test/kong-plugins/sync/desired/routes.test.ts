import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RICH } from '../../configuration.ts'
import { desiredOf, ofKind } from '../configuration.ts'

test('a route is streamed both ways, keeps its path and host, and redirects plain HTTP', async () => {
  const [route] = ofKind(await desiredOf([{ path: '/a/:b', methods: ['GET'] }]), 'routes')
  const { name, service, ...fields } = route!.fields
  assert.deepEqual(fields, {
    protocols: ['https'],
    methods: ['GET', 'HEAD'],
    hosts: null,
    paths: ['~/a/[^/]+$'],
    headers: null,
    snis: null,
    https_redirect_status_code: 308,
    regex_priority: fields['regex_priority']!,
    strip_path: false,
    path_handling: 'v0',
    preserve_host: true,
    request_buffering: false,
    response_buffering: false,
  })
  assert.match(String(name), /^dispatch\.default\.a-b\.[0-9a-f]{8}$/)
  assert.ok(service)
})

test('ids are the same for the same owner, and others for another', async () => {
  const ids = async (owner: string) =>
    (await desiredOf([{ path: '/a' }, { path: '/b' }], { owner })).entities.map(({ id }) => id)
  assert.deepEqual(await ids('one'), await ids('one'))
  const other = new Set(await ids('two'))
  for (const id of await ids('one')) {
    assert.ok(!other.has(id))
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
})

test('other methods or hosts change a route of Kong, and make no other', async () => {
  const one = ofKind(await desiredOf([{ path: '/a', methods: ['GET'] }]), 'routes')[0]!
  const two = ofKind(await desiredOf([{ path: '/a', methods: ['POST'], hosts: ['a.test'] }]), 'routes')[0]!
  assert.equal(one.id, two.id)
  assert.notEqual(one.digest, two.digest)
})

test('routes at one path with methods of their own are each a route of Kong', async () => {
  const routes = ofKind(
    await desiredOf([
      { path: '/a', methods: ['POST'] },
      { path: '/a', methods: ['GET'] },
    ]),
    'routes',
  )
  assert.equal(new Set(routes.map(({ id }) => id)).size, 2)
  assert.deepEqual(
    routes.map(({ fields }) => fields['methods']),
    [['GET', 'HEAD'], ['POST']],
  )
})

test('domains are routes of their own, with the priority of their depth', async () => {
  const hosts = ['a.test', '*.test', '*.b.test', '*.c.test']
  const routes = ofKind(await desiredOf([{ path: '/a', hosts }]), 'routes')
  assert.deepEqual(
    routes.map(({ fields }) => fields['hosts']),
    [['a.test'], ['*.test'], ['*.b.test', '*.c.test']],
  )
  const priorities = routes.map(({ fields }) => Number(fields['regex_priority']))
  assert.ok(priorities[0]! < priorities[1]! && priorities[1]! < priorities[2]!)
})

test('a route that Kong must not know is not among them', async () => {
  const routes = ofKind(await desiredOf([{ path: '/a', kong: 'off' }, { path: '/b' }]), 'routes')
  assert.deepEqual(
    routes.map(({ fields }) => fields['paths']),
    [['~/b$']],
  )
})

test('what a route says of Kong wins over what the file says', async () => {
  const desired = await desiredOf(
    [{ path: '/a', kong: { protocols: ['http', 'https'], redirect: 426 } }, { path: '/b' }],
    { redirect: 301 },
  )
  assert.deepEqual(
    ofKind(desired, 'routes').map(({ fields }) => [
      fields['protocols'],
      fields['https_redirect_status_code'],
    ]),
    [
      [['http', 'https'], 426],
      [['https'], 301],
    ],
  )
})

test('plugins are given to Kong with the settings that they have here', async () => {
  const plugins = ofKind(await desiredOf([{ ...RICH, hosts: ['api.example.com'] }]), 'plugins')
  const settings = Object.fromEntries(plugins.map(({ fields }) => [fields['name'], fields['config']]))
  assert.deepEqual(settings, {
    'correlation-id': { header_name: 'x-request-id', generator: 'uuid', echo_downstream: true },
    cors: {
      origins: ['https://app.example.com'],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      headers: null,
      exposed_headers: null,
      credentials: false,
      max_age: 600,
      private_network: false,
      preflight_continue: false,
    },
    'ip-restriction': { allow: ['10.0.0.0/8'], deny: null, status: 403 },
    'request-size-limiting': {
      allowed_payload_size: 1_048_576,
      size_unit: 'bytes',
      require_content_length: false,
    },
    'rate-limiting': {
      minute: 10,
      limit_by: 'ip',
      policy: 'local',
      fault_tolerant: true,
      hide_client_headers: true,
    },
  })
})

test('a route with CORS takes OPTIONS in Kong, so that the gateway can answer preflights', async () => {
  const plugins = { cors: { origins: ['https://app.example.com'] } }
  const [route] = ofKind(await desiredOf([{ path: '/a', methods: ['POST'], plugins }]), 'routes')
  assert.deepEqual(route!.fields['methods'], ['POST', 'OPTIONS'])
})
