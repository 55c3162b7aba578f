import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { assertRefused, Edge, message, targets } from './edge.ts'

/** CORS preflights on routes that take some methods only, with and without a credential. */
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const edge = new Edge({
  hosts: ['own.test'],
  config: () => ({
    identity: {
      issuers: [
        {
          issuer: 'https://idp.test',
          audiences: ['dispatch'],
          algorithms: ['RS256'],
          organization: 'default',
          keys: [
            {
              id: 'k',
              algorithm: 'RS256',
              publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
            },
          ],
        },
      ],
    },
    routes: [
      {
        path: '/reads',
        hosts: ['api.test'],
        methods: ['GET'],
        function: 'recorder',
        plugins: { cors: { origins: ['https://app.test'] } },
      },
      {
        path: '/reads',
        hosts: ['api.test'],
        methods: ['POST'],
        function: 'recorder',
        plugins: { cors: { origins: ['https://admin.test'] } },
      },
      { path: '/reads', hosts: ['api.test'], methods: ['PUT'], function: 'recorder' },
      {
        path: '/all',
        hosts: ['api.test'],
        function: 'recorder',
        plugins: { cors: { origins: ['https://app.test'] } },
      },
      {
        path: '/own/:x',
        hosts: ['api.test'],
        methods: ['GET'],
        function: 'recorder',
        plugins: { cors: { origins: ['https://app.test'] } },
      },
      {
        path: '/own/:y',
        hosts: ['api.test'],
        methods: ['OPTIONS'],
        function: 'recorder',
        auth: 'none',
      },
      {
        path: '/near',
        hosts: ['api.test'],
        methods: ['GET'],
        function: 'recorder',
        auth: 'none',
        plugins: { cors: { origins: ['*'] }, 'ip-restriction': { deny: ['127.0.0.0/8'] } },
      },
      { path: '/plain', hosts: ['api.test'], methods: ['GET'], function: 'recorder', auth: 'none' },
    ],
  }),
})

const token = jwt.sign({ sub: 'me' }, privateKey.export({ type: 'pkcs8', format: 'pem' }), {
  algorithm: 'RS256',
  keyid: 'k',
  issuer: 'https://idp.test',
  audience: 'dispatch',
  expiresIn: 300,
})

const CREDENTIALS = {
  none: [],
  valid: [`Authorization: Bearer ${token}`],
  broken: ['Authorization: Bearer x.y.z'],
}

function options(path: string, method: string | null, origin: string, ...lines: string[]): string {
  const asked = method === null ? [] : [`Access-Control-Request-Method: ${method}`]
  return message([`OPTIONS ${path} HTTP/1.1`, 'Host: api.test', `Origin: ${origin}`, ...asked, ...lines])
}

edge.test('E18 a preflight is answered without a credential and with any, and never invokes', async () => {
  for (const path of ['/reads', '/all']) {
    for (const [kind, lines] of Object.entries(CREDENTIALS)) {
      const sent = await edge.send(options(path, 'GET', 'https://app.test', ...lines))
      assert.deepEqual(sent.statuses, [204], `${path} ${kind}`)
      assert.deepEqual(sent.answers[0]!.headers.get('access-control-allow-origin'), ['https://app.test'])
      assert.deepEqual(targets(sent), [])
    }
  }
})

edge.test('E18 the call behind the preflight still needs its credential', async () => {
  const get = (...lines: string[]) =>
    edge.send(message(['GET /reads HTTP/1.1', 'Host: api.test', 'Origin: https://app.test', ...lines]))
  assertRefused(await get(), [401])
  const passed = await get(...CREDENTIALS.valid)
  assert.deepEqual(passed.statuses, [200])
  assert.deepEqual(passed.answers[0]!.headers.get('access-control-allow-origin'), ['https://app.test'])
})

edge.test('a preflight is answered by the route of the method to come', async () => {
  const allowed = async (method: string, origin: string) => {
    const sent = await edge.send(options('/reads', method, origin))
    assert.deepEqual(targets(sent), [])
    return [sent.statuses[0], sent.answers[0]!.headers.get('access-control-allow-origin')?.[0]]
  }
  assert.deepEqual(await allowed('GET', 'https://app.test'), [204, 'https://app.test'])
  assert.deepEqual(await allowed('POST', 'https://app.test'), [204, undefined])
  assert.deepEqual(await allowed('POST', 'https://admin.test'), [204, 'https://admin.test'])
  assert.deepEqual(await allowed('PUT', 'https://app.test'), [405, undefined])
  assert.deepEqual(await allowed('DELETE', 'https://app.test'), [405, undefined])
  assert.deepEqual(await allowed('OPTIONS', 'https://app.test'), [405, undefined])
  assert.deepEqual(await allowed('BREW', 'https://app.test'), [405, undefined])
})

edge.test('OPTIONS that is no preflight is not allowed where the route does not take it', async () => {
  for (const sent of [
    await edge.send(options('/reads', null, 'https://app.test')),
    await edge.send(
      message(['OPTIONS /reads HTTP/1.1', 'Host: api.test', 'Access-Control-Request-Method: GET']),
    ),
  ]) {
    assertRefused(sent, [405])
    assert.deepEqual(sent.answers[0]!.headers.get('allow'), ['GET, HEAD, POST, PUT'])
  }
  assertRefused(await edge.send(options('/plain', 'GET', 'https://app.test')), [405])
})

edge.test('a route that takes OPTIONS itself keeps it', async () => {
  const sent = await edge.send(options('/own/1', 'GET', 'https://app.test'))
  assert.deepEqual(sent.statuses, [200])
  assert.deepEqual(targets(sent), ['OPTIONS /own/1'])
})

edge.test('other prechecks hold for a preflight too', async () => {
  assertRefused(await edge.send(options('/near', 'GET', 'https://app.test')), [403])
})
