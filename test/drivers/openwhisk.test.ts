import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { driver } from '../../drivers/openwhisk.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import { type Asked, TestAttempt } from '../conformance/driver/test-attempt.ts'
import { serveBytes } from '../conformance/transport/servers.ts'
import { acmeFacts } from './deployment-facts.ts'
import { invokerHost, KeptLog, openWhiskOptions, operatorHost } from './driver-hosts.ts'
import { openInvoker } from './open-driver.ts'
import { type Action, type ActionOptions, OpenWhiskPlatform } from './openwhisk-platform.ts'
import { recording } from './recording-server.ts'

type Options = Parameters<typeof openWhiskOptions>[0]

const JSON_BODY = ['content-type', 'application/json']

async function platformWith(t: TestContext, action: Action, options?: ActionOptions) {
  const platform = new OpenWhiskPlatform()
  platform.deploy('f', action, options)
  t.after(() => platform.close())
  return { platform, url: await platform.listen() }
}

function invokerFor(t: TestContext, options: Options, log = new KeptLog()): Invoker {
  return openInvoker(t, driver, openWhiskOptions(options), invokerHost(log))
}

async function ask(t: TestContext, options: Options, asked: Asked, name = 'f'): Promise<TestAttempt> {
  const attempt = await new TestAttempt(acmeFacts(name), asked).run(invokerFor(t, options)).over()
  assert.deepEqual(attempt.offences, [])
  return attempt
}

test('an action gets the request as a web action does, and nothing of its platform from the caller', async (t) => {
  const { platform, url } = await platformWith(t, async () => ({ greeting: 'hi' }))
  const body = Buffer.from(' {"id": 12345678901234567890, "list": []} ')
  const attempt = await ask(t, { url }, { method: 'PUT', path: '/a%20b?x=1&x=2&y', headers: JSON_BODY, body })
  assert.deepEqual([attempt.status, attempt.text], [200, '{"greeting":"hi"}'])
  assert.equal(attempt.answerHeaders.get('content-type'), 'application/json')
  assert.match(attempt.answerHeaders.get('x-openwhisk-activation-id')!, /^[0-9a-f]{32}$/)
  const { __ow_headers, id: _, ...rest } = platform.parameters
  assert.ok(platform.text.includes('"id": 12345678901234567890,'), 'every digit')
  assert.deepEqual(rest, {
    x: '2',
    y: '',
    list: [],
    __ow_method: 'put',
    __ow_path: '/a%20b',
    __ow_query: 'x=1&x=2&y',
  })
  assert.equal((__ow_headers as Record<string, string>)['content-type'], 'application/json')
})

test('forms are fields, other bodies are text or base64', async (t) => {
  const { platform, url } = await platformWith(t, async () => ({}))
  const seen = async (type: string, body: Buffer) => {
    await ask(t, { url }, { method: 'POST', path: '/', headers: ['content-type', type], body })
    const { __ow_body, a } = platform.parameters
    return { __ow_body, a }
  }
  assert.deepEqual(await seen('application/x-www-form-urlencoded', Buffer.from('a=1+2')), {
    __ow_body: undefined,
    a: '1 2',
  })
  assert.deepEqual(await seen('text/plain', Buffer.from('héllo')), { __ow_body: 'héllo', a: undefined })
  assert.deepEqual(await seen('image/png', Buffer.from([0xff, 0])), { __ow_body: '/wA=', a: undefined })
  assert.deepEqual(await seen('application/json', Buffer.from('[1]')), { __ow_body: '[1]', a: undefined })
  assert.deepEqual(await seen('application/json', Buffer.from('{"__proto__":{"a":1}}')), {
    __ow_body: undefined,
    a: undefined,
  })
})

test('a caller cannot give what only the platform gives', async (t) => {
  const { platform, url } = await platformWith(t, async () => ({}))
  const body = Buffer.from('{"__ow_path":"/admin"}')
  for (const asked of [
    { path: '/?__ow_user=root' },
    { method: 'POST', path: '/', headers: JSON_BODY, body },
  ]) {
    assert.equal((await ask(t, { url }, asked)).outcome, 'invalid-input')
  }
  assert.deepEqual(platform.asked, [])
})

test('a body over 1 MB is refused before anything is sent, in memory or streamed', async (t) => {
  const { platform, url } = await platformWith(t, async () => ({}))
  const large = Buffer.alloc(1024 * 1024 + 1)
  for (const body of [large, Readable.from([large]), Buffer.alloc(1024 * 1024)]) {
    assert.equal((await ask(t, { url }, { method: 'POST', path: '/', body })).outcome, 'too-large')
  }
  assert.deepEqual(platform.asked, [])
})

test('a call that takes longer than the platform waits is followed up until its record is there', async (t) => {
  let done = (_: unknown): void => {}
  const result = new Promise((resolve) => {
    done = resolve
  })
  const { platform, url } = await platformWith(t, () => result, { waitMs: 10 })
  platform.missingLooks = 1
  const attempt = new TestAttempt(acmeFacts('f'), { path: '/' }).run(invokerFor(t, { url }))
  while (platform.asked.length < 2) await new Promise((resolve) => setImmediate(resolve))
  done({ statusCode: 201, body: 'late' })
  await attempt.over()
  assert.deepEqual([attempt.outcome, attempt.status, attempt.text], ['answered', 201, 'late'])
  assert.deepEqual(
    [...new Set(platform.asked.map((each) => each.split(/\/(?=[^/]*$)/)[0]))],
    ['POST /api/v1/namespaces/_/actions', 'GET /api/v1/namespaces/_/activations'],
  )
})

test('an activation that nobody waits for any more is named in the log', async (t) => {
  const { platform, url } = await platformWith(t, () => new Promise(() => {}), { waitMs: 1 })
  const log = new KeptLog()
  const attempt = new TestAttempt(acmeFacts('f'), { path: '/' }).run(invokerFor(t, { url }, log))
  while (platform.asked.length < 2) await new Promise((resolve) => setImmediate(resolve))
  attempt.abort()
  assert.equal(attempt.outcome, null)
  const [entry] = log.entries
  assert.match(String((entry!.fields as { activation: string }).activation), /^[0-9a-f]{32}$/)
})

const record = (status: string, result: unknown, annotations: object[] = []) =>
  JSON.stringify({ activationId: 'a1', response: { status, result }, annotations })
const ID = 'x-openwhisk-activation-id: a1\r\n'

const SAID: readonly [number, string, string, Outcome][] = [
  [400, '', '{"error":"Request defines parameters that are not allowed"}', 'invalid-input'],
  [401, '', '{"error":"The supplied authentication is invalid"}', 'denied'],
  [403, '', '{"error":"The supplied authentication is not authorized"}', 'denied'],
  [404, '', '{"error":"The requested resource does not exist."}', 'not-found'],
  [409, '', '{"error":"Resource by this name exists but is not in this collection."}', 'not-found'],
  [413, '', 'too large', 'too-large'],
  [429, '', '{"error":"Too many requests in the last minute (count: 2, allowed: 1)."}', 'rate-limited'],
  [429, '', '{"error":"Too many concurrent requests in flight (count: 2, allowed: 1)."}', 'overloaded'],
  [503, '', '{"error":"System is overloaded, try again later."}', 'overloaded'],
  [502, '', '<html>a proxy in front</html>', 'reset'],
  [502, ID, record('application error', { error: 'no' }), 'function-error'],
  [502, ID, record('action developer error', { error: 'boom' }), 'function-error'],
  [502, ID, record('action developer error', {}, [{ key: 'timeout', value: true }]), 'timeout'],
  [
    502,
    ID,
    record('action developer error', { error: 'The action exceeded its time limits of 9 milliseconds.' }),
    'timeout',
  ],
  [
    500,
    ID,
    record('whisk internal error', { error: 'Failed to provision resources to run the action.' }),
    'reset',
  ],
  [200, ID, record('success', { statusCode: 99 }), 'function-error'],
  [200, ID, record('success', { headers: { 'x y': '1' }, body: 'x' }), 'function-error'],
  [200, ID, record('success', { headers: { x: 'a\r\nb' }, body: 'x' }), 'function-error'],
  [200, ID, 'no json', 'malformed'],
  [202, '', '{"activationId":"../../actions/x"}', 'malformed'],
]

for (const [status, fields, body, outcome] of SAID) {
  test(`${status} with ${body.slice(0, 60)}: ${outcome}`, async (t) => {
    const bytes = `HTTP/1.1 ${status} Said\r\ncontent-length: ${body.length}\r\n${fields}\r\n${body}`
    const attempt = await ask(t, { url: await serveBytes(t, bytes) }, { path: '/' })
    assert.equal(attempt.outcome, outcome, attempt.summary())
    assert.equal(attempt.status, 0)
  })
}

const RESULTS: readonly [unknown, number, string, string | null][] = [
  [{ big: 'x' }, 200, '{"big":"x"}', 'application/json'],
  [[1, 2], 200, '[1,2]', 'application/json'],
  [{ statusCode: 204 }, 204, '', null],
  [{ headers: { 'X-A': '1', 'Content-Type': 'text/plain' } }, 204, '', null],
  [{ body: 'text' }, 200, 'text', 'text/html; charset=utf-8'],
  [{ body: { a: 1 } }, 200, '{"a":1}', 'application/json'],
  [{ body: 'aGk=', headers: { 'content-type': 'image/png' } }, 200, 'hi', 'image/png'],
  [{ body: '{"a":1}', headers: { 'content-type': 'application/json' } }, 200, '{"a":1}', 'application/json'],
  [{ error: { statusCode: 418, body: 'teapot' } }, 418, 'teapot', 'text/html; charset=utf-8'],
]

for (const [result, status, text, type] of RESULTS) {
  test(`the result ${JSON.stringify(result)} is an answer with ${status}`, async (t) => {
    const { url } = await platformWith(t, async () => result)
    const attempt = await ask(t, { url }, { path: '/' })
    assert.deepEqual([attempt.outcome, attempt.status, attempt.text], ['answered', status, text])
    assert.equal(attempt.answerHeaders.get('content-type'), type)
  })
}

test('numbers come back with every digit', async (t) => {
  const body =
    '{"activationId":"a1","response":{"status":"success","result":{"id":12345678901234567890,"x":1.0}}}'
  const url = await serveBytes(t, `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  assert.equal((await ask(t, { url }, { path: '/' })).text, '{"id":12345678901234567890,"x":1.0}')
})

test('a web action is called at its address with the secret of the platform, never with that of the caller', async (t) => {
  const { server, url } = await recording(t)
  const options: Options = { url, call: 'web', namespace: 'guest', webSecret: 'ours' }
  const headers = ['authorization', 'Bearer theirs', 'x-require-whisk-auth', 'theirs', 'x-kept', '1']
  await ask(t, options, { method: 'PATCH', path: '/p?q=1', headers })
  await ask(t, options, { path: '/' }, 'my package/f')
  const [first, second] = server.requests
  assert.deepEqual([first!.method, first!.target], ['PATCH', '/api/v1/web/guest/default/f.http/p?q=1'])
  const sent = new Map(first!.headers)
  assert.deepEqual(
    [sent.get('authorization'), sent.get('x-require-whisk-auth'), sent.get('x-kept')],
    [undefined, 'ours', '1'],
  )
  assert.equal(second!.target, '/api/v1/web/guest/my%20package/f.http')
})

const WEB_FAILED = '{"error":"There was an error processing your request.","code":"t"}'
const WEB_SAID: readonly [number, string, string, Outcome][] = [
  [404, '', '{"error":"The requested resource does not exist."}', 'not-found'],
  [401, '', '{"error":"Authentication is possible but has failed"}', 'denied'],
  [429, '', '{"error":"Too many requests in the last minute (count: 2, allowed: 1)."}', 'rate-limited'],
  [429, '', '{"error":"Too many concurrent requests in flight (count: 2, allowed: 1)."}', 'overloaded'],
  [503, '', '{"error":"System is overloaded, try again later."}', 'overloaded'],
  [400, ID, WEB_FAILED, 'function-error'],
  [400, ID, `{"error":"Response is not valid 'message/http'.","code":"t"}`, 'function-error'],
  [202, ID, '{"error":"Response not yet ready.","code":"t"}', 'timeout'],
  [404, ID, 'mine', 'answered'],
  [400, ID, '{"error":"mine"}', 'answered'],
  [400, ID, 'There was an error processing your request.', 'answered'],
  [400, ID, `{"said":${WEB_FAILED}}`, 'answered'],
  [200, ID, 'fine', 'answered'],
]

for (const [status, fields, body, outcome] of WEB_SAID) {
  test(`a web action that answers ${status} with ${fields}${body}: ${outcome}`, async (t) => {
    const cors = 'access-control-allow-origin: *\r\naccess-control-allow-methods: GET\r\n'
    const bytes = `HTTP/1.1 ${status} Said\r\ncontent-length: ${body.length}\r\n${cors}${fields}\r\n${body}`
    const attempt = await ask(
      t,
      { url: await serveBytes(t, bytes), call: 'web', namespace: 'guest', apiKey: null },
      { path: '/' },
    )
    assert.equal(attempt.outcome, outcome, attempt.summary())
    assert.equal(attempt.status, outcome === 'answered' ? status : 0)
    assert.equal(attempt.answerHeaders.get('access-control-allow-origin'), null)
  })
}

const TIMED_OUT = '{"error":"Response not yet ready.","code":"t"}'
const JSON_OF = `${ID}content-type: application/json\r\nx-request-id: `
const HEAD_SAID: readonly [number, string, number, Outcome][] = [
  [400, `${JSON_OF}t\r\n`, WEB_FAILED.length, 'function-error'],
  [400, `${JSON_OF}transaction\r\n`, WEB_FAILED.length + 10, 'function-error'],
  [202, `${JSON_OF}t\r\n`, TIMED_OUT.length, 'timeout'],
  [400, `${JSON_OF}t\r\n`, WEB_FAILED.length + 1, 'answered'],
  [400, `${ID}content-type: text/html\r\nx-request-id: t\r\n`, WEB_FAILED.length, 'answered'],
  [400, `${ID}content-type: application/json\r\n`, WEB_FAILED.length, 'answered'],
  [200, `${JSON_OF}t\r\n`, WEB_FAILED.length, 'answered'],
]

for (const [status, fields, length, outcome] of HEAD_SAID) {
  test(`a web action that answers HEAD with ${status}, ${fields.trim()} and a length of ${length}: ${outcome}`, async (t) => {
    const bytes = `HTTP/1.1 ${status} Said\r\ncontent-length: ${length}\r\n${fields}\r\n`
    const attempt = await ask(
      t,
      { url: await serveBytes(t, bytes), call: 'web', namespace: 'guest', apiKey: null },
      { method: 'HEAD', path: '/' },
    )
    assert.equal(attempt.outcome, outcome, attempt.summary())
  })
}

test('options and names that cannot work are refused without a secret in the sentence', (t) => {
  const url = 'https://whisk.example.com/'
  const refused: [Options, string, RegExp][] = [
    [{ url, apiKey: null }, 'f', /set `apiKey`/],
    [{ url, apiKey: 'hunter2' }, 'f', /NAME:SECRET/],
    [{ url, webSecret: 'hunter2' }, 'f', /for `call: web`/],
    [{ url, call: 'web' }, 'f', /need the name of their `namespace`/],
    [{ url, call: 'web', namespace: 'guest', webSecret: 'hunter2\n' }, 'f', /no header can carry/],
    ...['../x', 'a/b/c', '/a', 'a/', '', 'a ', '.', 'a?b'].map((name): [Options, string, RegExp] => [
      { url },
      name,
      /is no action of OpenWhisk/,
    ]),
  ]
  for (const [options, name, message] of refused) {
    assert.throws(
      () => invokerFor(t, options).check!(acmeFacts(name)),
      (error: Error) => message.test(error.message) && !error.message.includes('hunter2'),
      name,
    )
  }
  for (const name of ['f', 'my package/f', '_x@y.z']) invokerFor(t, { url }).check!(acmeFacts(name))
})

test('the platform is asked with the key whether it is there, and which actions exist', async (t) => {
  const { url } = await platformWith(t, async () => ({}))
  const deployments = [acmeFacts('f'), acmeFacts('gone')]
  const host = operatorHost({ deployments })
  const operator = driver.operator!(openWhiskOptions({ url }), host)!
  const denied = driver.operator!(openWhiskOptions({ url, apiKey: 'a:b' }), host)!
  t.after(() => Promise.all([operator.close(), denied.close()]))
  assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  assert.equal((await denied.probe()).ready, false)
  await assert.rejects(denied.inventory!(), /answers 401/)
  const state = { organization: 'acme', replicas: null, limit: null }
  assert.deepEqual(await operator.inventory!(), [
    { ...state, name: 'f', ready: true },
    { ...state, name: 'gone', ready: false },
  ])
})
