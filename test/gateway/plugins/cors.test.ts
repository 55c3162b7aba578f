import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderList } from '../../../gateway/contract/headers.ts'
import { Reply } from '../../../gateway/contract/rejection.ts'
import { plugin } from '../../../gateway/plugins/cors.ts'
import { plainCall } from './call.ts'
import { pluginHost } from './host.ts'

const APP = 'https://app.example.com'
const METHODS: ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE')[] = ['GET', 'POST']

const DEFAULTS = {
  origins: [APP],
  methods: METHODS,
  headers: null as string[] | null,
  exposedHeaders: [] as string[],
  credentials: false,
  maxAge: 600_000,
  privateNetwork: false,
}

const cors = (given: Partial<typeof DEFAULTS> = {}) => plugin.create({ ...DEFAULTS, ...given }, pluginHost())

/** Answers a preflight; null when the function would be asked. */
function preflight(given: Partial<typeof DEFAULTS>, origin: string | null, ...more: string[]) {
  const own = origin === null ? [] : ['Origin', origin]
  const rawHeaders = [...own, 'Access-Control-Request-Method', 'POST', ...more]
  const reply = cors(given).precheck!(plainCall({ method: 'OPTIONS', rawHeaders }))
  if (reply === undefined) return null
  assert.ok(reply instanceof Reply)
  assert.equal(reply.status, 204)
  assert.equal(reply.body, '')
  return Object.fromEntries(
    Array.from({ length: reply.headers.length / 2 }, (_, i) => [
      reply.headers[2 * i],
      reply.headers[2 * i + 1],
    ]),
  )
}

/** Headers of an answer to an actual request, by name; several of a name as a list. */
function filtered(given: Partial<typeof DEFAULTS>, origin: string | null, ...answer: string[]) {
  const headers = new HeaderList(answer)
  const rawHeaders = origin === null ? [] : ['origin', origin]
  cors(given).headerFilter!(plainCall({ rawHeaders }), 200, headers)
  const names = [...new Set(headers.flat.filter((_, i) => i % 2 === 0))]
  return Object.fromEntries(names.map((name) => [name, headers.all(name).join(' | ')]))
}

test('a preflight of an allowed origin is granted without asking the function', () => {
  assert.deepEqual(preflight({ headers: ['authorization', 'x-trace'] }, APP), {
    vary: 'Origin',
    'access-control-allow-methods': 'GET, POST',
    'access-control-max-age': '600',
    'access-control-allow-headers': 'authorization, x-trace',
    'access-control-allow-origin': APP,
  })
})

test('a preflight of another origin is answered without a grant', () => {
  assert.deepEqual(preflight({ headers: [] }, 'https://evil.example.net'), { vary: 'Origin' })
})

test("OPTIONS without origin or requested method is the function's, and so is every other method", () => {
  const policy = cors()
  const asks = (method: string, ...rawHeaders: string[]) =>
    policy.precheck!(plainCall({ method, rawHeaders }))
  assert.equal(asks('OPTIONS', 'origin', APP), undefined)
  assert.equal(asks('OPTIONS', 'access-control-request-method', 'GET'), undefined)
  assert.equal(asks('GET', 'origin', APP, 'access-control-request-method', 'GET'), undefined)
})

test('without a list, the headers that the browser asks for are granted', () => {
  const granted = preflight({}, APP, 'Access-Control-Request-Headers', 'authorization,x-anything')
  assert.equal(granted?.['access-control-allow-headers'], 'authorization,x-anything')
  assert.equal(granted?.vary, 'Origin, Access-Control-Request-Headers')
  assert.equal(preflight({}, APP)?.['access-control-allow-headers'], undefined)
})

test('what is no list of header names is not given back', () => {
  for (const asked of [
    'a b',
    'a,,b',
    'a\r\nx: y',
    'ä',
    '',
    `a${','.repeat(1_000_000)}`,
    'x'.repeat(5000),
    '<script>',
  ]) {
    const granted = preflight({}, APP, 'Access-Control-Request-Headers', asked)
    assert.equal(granted?.['access-control-allow-headers'], undefined, asked.slice(0, 20))
    assert.equal(granted?.['access-control-allow-origin'], APP)
  }
})

test('a private network is granted only when configured and asked for', () => {
  const asking = ['Access-Control-Request-Private-Network', 'true']
  assert.equal(
    preflight({ privateNetwork: true }, APP, ...asking)?.['access-control-allow-private-network'],
    'true',
  )
  assert.equal(preflight({ privateNetwork: true }, APP)?.['access-control-allow-private-network'], undefined)
  assert.equal(preflight({}, APP, ...asking)?.['access-control-allow-private-network'], undefined)
})

test('answers to an allowed origin say so, and depend on the origin', () => {
  assert.deepEqual(filtered({ exposedHeaders: ['x-total', 'etag'] }, APP), {
    vary: 'Origin',
    'access-control-allow-origin': APP,
    'access-control-expose-headers': 'x-total, etag',
  })
})

test('answers to other origins and to none depend on the origin too, so that caches keep them apart', () => {
  assert.deepEqual(filtered({}, 'https://evil.example.net'), { vary: 'Origin' })
  assert.deepEqual(filtered({}, null), { vary: 'Origin' })
})

test('Vary of the function is kept, and not repeated', () => {
  assert.equal(filtered({}, APP, 'vary', 'Accept-Encoding').vary, 'Accept-Encoding | Origin')
  for (const vary of ['origin', 'Accept, ORIGIN', '*', 'Accept ,Origin , Cookie']) {
    assert.equal(filtered({}, APP, 'vary', vary).vary, vary)
  }
  assert.equal(filtered({}, APP, 'vary', 'X-Origin').vary, 'X-Origin | Origin')
})

test('what the function says about CORS is replaced', () => {
  const said = [
    'access-control-allow-origin',
    '*',
    'x-kept',
    '1',
    'access-control-allow-credentials',
    'true',
    'access-control-allow-origin',
    'https://b.example',
  ]
  assert.deepEqual(filtered({}, APP, ...said), {
    'x-kept': '1',
    vary: 'Origin',
    'access-control-allow-origin': APP,
  })
  assert.deepEqual(filtered({}, 'https://evil.example.net', ...said), { 'x-kept': '1', vary: 'Origin' })
})

test('the answer to a preflight is not touched again', () => {
  const policy = cors()
  const call = plainCall({
    method: 'OPTIONS',
    rawHeaders: ['origin', APP, 'access-control-request-method', 'GET'],
  })
  const reply = policy.precheck!(call)
  assert.ok(reply instanceof Reply)
  const headers = new HeaderList([...reply.headers])
  policy.headerFilter!(call, 204, headers)
  assert.deepEqual(headers.flat, reply.headers)
})

test('credentials are granted to listed origins only', () => {
  const given = { credentials: true, origins: [APP] }
  assert.equal(preflight(given, APP)?.['access-control-allow-credentials'], 'true')
  assert.equal(filtered(given, APP)['access-control-allow-credentials'], 'true')
  assert.equal(filtered(given, 'https://evil.example.net')['access-control-allow-credentials'], undefined)
  assert.equal(filtered({}, APP)['access-control-allow-credentials'], undefined)
})

test('`*` lets every origin in, also null, and needs no Vary', () => {
  assert.deepEqual(filtered({ origins: ['*'] }, 'null'), { 'access-control-allow-origin': '*' })
  assert.deepEqual(filtered({ origins: ['*'] }, null), { 'access-control-allow-origin': '*' })
  const granted = preflight({ origins: ['*'], headers: ['x-a'] }, 'https://any.example')
  assert.equal(granted?.['access-control-allow-origin'], '*')
  assert.equal(granted?.vary, undefined)
})

test('`*` together with credentials is refused at load, wherever it stands', () => {
  assert.throws(() => cors({ credentials: true, origins: ['*'] }), /^Error: origins: .*credentials/)
  assert.throws(() => cors({ credentials: true, headers: ['*'] }), /^Error: headers: /)
  assert.throws(() => cors({ credentials: true, exposedHeaders: ['*'] }), /^Error: exposedHeaders: /)
  assert.throws(() => cors({ origins: ['*', APP] }), /leave out the others/)
})
