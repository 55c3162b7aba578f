import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { call } from './call.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { askManagement, until } from './observe.ts'
import { startUpstream } from './upstream.ts'

const KEYS = { admin: 'k'.repeat(40), user: 'u'.repeat(40) }

interface Field {
  readonly decision: string
  readonly at: string | null
  readonly attempts: number
  readonly reason: string
  readonly tiers: { place: string; load: number; candidates: { at: string; not?: string[] }[] }[]
  readonly excluded: { at: string; reasons: string[] }[]
}

async function start(t: TestContext): Promise<TestGateway & { readonly held: (() => void)[] }> {
  const held: (() => void)[] = []
  const upstream = await startUpstream(t, ({ target }, response) => {
    if (target.includes('hold')) held.push(() => void response.end('held'))
    else response.setHeader('dispatch-explain', 'forged').end('hello')
  })
  const stuck = await startUpstream(t, () => {})
  const gateway = await startTestGateway(t, {
    identity: {
      apiKeys: {
        keys: [
          { name: 'a', hash: `sha256:${hash('sha256', KEYS.admin)}`, roles: ['ops'] },
          { name: 'u', hash: `sha256:${hash('sha256', KEYS.user)}`, roles: ['opsx', 'reader'] },
        ],
      },
    },
    placement: { zone: 'eu-west-1/a', explain: ['ops', 'lead'] },
    backends: {
      home: { driver: 'http', url: upstream.url, zone: 'eu-west-1/a', concurrency: 1 },
      broken: { driver: 'http', url: 'http://127.0.0.1:1', zone: 'eu-west-1/a' },
      stuck: { driver: 'http', url: stuck.url, zone: 'eu-west-1/a' },
      small: { driver: 'http', url: upstream.url, offers: { memory: '64MiB' } },
    },
    functions: {
      f: { deployments: ['home', 'small'], needs: {}, waiting: { most: 0 } },
      far: { deployments: ['broken', 'small'] },
      slow: { deployments: ['stuck', 'small'], hedge: { after: '50ms', extraLoad: 100 } },
      alone: { deployments: ['home'], waiting: { most: 0 } },
    },
    routes: [
      { path: '/f/*', function: 'f' },
      { path: '/far/*', function: 'far' },
      { path: '/alone/*', function: 'alone' },
      { path: '/slow/*', function: 'slow' },
      { path: '/open/*', function: 'f', auth: 'none' },
    ],
  })
  return { ...gateway, held }
}

async function ask({ port }: TestGateway, path: string, key: string | null, explain = '1') {
  const headers = [`Dispatch-Explain: ${explain}`, ...(key === null ? [] : [`X-API-Key: ${key}`])]
  return call(port, 'GET', path, { headers })
}

test('a caller with the role is told how this very call was placed, nobody else learns a thing', async (t) => {
  const gateway = await start(t)
  const told = await ask(gateway, '/f/x', KEYS.admin)
  assert.equal(told.status, 200)
  const [value] = told.headers.get('dispatch-explain')!
  const field = JSON.parse(value!) as Field
  assert.deepEqual([field.decision, field.at, field.attempts], ['placed', 'home/f', 1])
  assert.equal(field.reason, 'Goes to home, in the same zone.')
  assert.deepEqual(
    field.tiers.map(({ place, load }) => [place, load]),
    [
      ['same zone', 100],
      ['elsewhere', 0],
    ],
  )
  for (const [path, key, explain] of [
    ['/f/x', KEYS.user, '1'],
    ['/open/x', null, '1'],
    ['/open/x', KEYS.admin, '1'],
    ['/f/x', null, '1'],
    ['/f/x', KEYS.admin, '0'],
    ['/f/x', KEYS.admin, 'true'],
  ] as const) {
    const { headers } = await ask(gateway, path, key, explain)
    assert.equal(headers.get('dispatch-explain'), undefined, `${path} ${explain}`)
  }
})

test('the answer to somebody who may not know is the same as without asking', async (t) => {
  const gateway = await start(t)
  const names = async (lines: string[]) => {
    const { status, headers } = await call(gateway.port, 'GET', '/f/x', {
      headers: [`X-API-Key: ${KEYS.user}`, ...lines],
    })
    return [status, ...headers.keys()]
  }
  assert.deepEqual(await names(['Dispatch-Explain: 1']), await names([]))
})

test('a call that failed over is explained by its last attempt', async (t) => {
  const gateway = await start(t)
  const { headers, status } = await ask(gateway, '/far/x', KEYS.admin)
  assert.equal(status, 200)
  const field = JSON.parse(headers.get('dispatch-explain')![0]!) as Field
  assert.deepEqual([field.decision, field.at, field.attempts], ['placed', 'small/far', 2])
  assert.deepEqual(field.tiers[0]!.candidates[0]!.not, ['was just tried'])
})

test('a call that a hedge answered is explained by that', async (t) => {
  const gateway = await start(t)
  const { headers, status } = await ask(gateway, '/slow/x', KEYS.admin)
  assert.equal(status, 200)
  const field = JSON.parse(headers.get('dispatch-explain')![0]!) as Field
  assert.deepEqual([field.decision, field.at, field.attempts], ['placed', 'small/slow', 2])
})

test('a refusal for want of room is explained too', async (t) => {
  const gateway = await start(t)
  const held = call(gateway.port, 'GET', '/alone/hold', { headers: [`X-API-Key: ${KEYS.admin}`] })
  await until(() => gateway.held.length === 1, 'a call is held')
  const seen = await ask(gateway, '/alone/x', KEYS.admin)
  assert.equal(seen.status, 503)
  const field = JSON.parse(seen.headers.get('dispatch-explain')![0]!) as Field
  assert.deepEqual([field.decision, field.at], ['busy', null])
  assert.equal(field.reason, 'Refused with 503, as there is no room: home its backend is full.')
  assert.deepEqual(field.tiers[0]!.candidates[0]!.not, ['its backend is full'])
  gateway.held[0]!()
  assert.equal((await held).status, 200)
})

test('operators are told over the management port, and see what the threads see', async (t) => {
  const gateway = await start(t)
  const explain = async (path: string) => {
    const response = await askManagement(gateway, `/v1/organizations/default/functions/${path}`)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const held = call(gateway.port, 'GET', '/alone/hold', { headers: [`X-API-Key: ${KEYS.admin}`] })
  await until(() => gateway.held.length === 1, 'a call is held')
  const answer = await explain('alone/placement')
  assert.equal(answer.body['decision'], 'busy')
  gateway.held[0]!()
  await held
  const named = await explain('f/placement?as=acme&role=ops')
  assert.deepEqual(named.body['routes'], [
    { route: 'ANY /f/*', refusal: 'the route is not for the organization of the caller' },
    { route: 'ANY /open/*', refusal: null },
  ])
  const hinted = await explain('f/placement?hint=zone%3D%22us-east-1%22')
  assert.equal(hinted.body['decision'], 'nobody')
  const unknown = await explain('alnoe/placement')
  assert.equal(unknown.status, 404)
  assert.match(String(unknown.body['detail']), /no function alnoe .*; alone may be meant/)
})
