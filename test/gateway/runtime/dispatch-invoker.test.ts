import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { driver as http } from '../../../drivers/http.ts'
import { driver as knative } from '../../../drivers/knative.ts'
import { driver as openfaas } from '../../../drivers/openfaas.ts'
import { driver as openwhisk } from '../../../drivers/openwhisk.ts'
import { driver as riff } from '../../../drivers/riff.ts'
import type { Invoker } from '../../../gateway/contract/driver.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import { DispatchInvoker } from '../../../gateway/runtime/dispatch-invoker.ts'
import { type Asked, TestAttempt } from '../../conformance/driver/test-attempt.ts'
import * as hosts from '../../drivers/driver-hosts.ts'
import { KnativePlatform } from '../../drivers/knative-platform.ts'
import { OpenFaasPlatform } from '../../drivers/openfaas-platform.ts'
import { OpenWhiskPlatform } from '../../drivers/openwhisk-platform.ts'
import { RiffPlatform } from '../../drivers/riff-platform.ts'
import { RuntimeFunction } from './runtime-function.ts'

const FACTS = { organization: 'acme', functionName: 'orders', name: 'orders' }
const JSON_TYPE = ['content-type', 'application/json']

async function calling(t: TestContext) {
  const fn = new RuntimeFunction()
  const url = `http://127.0.0.1:${await fn.listen(t)}/`
  const log = new hosts.KeptLog()
  const invoker = new DispatchInvoker(http.invoker(hosts.httpOptions({ url }), hosts.invokerHost()), log)
  t.after(() => invoker.close())
  const ask = async (asked: Asked): Promise<TestAttempt> => {
    const attempt = await new TestAttempt(FACTS, asked).run(invoker).over()
    assert.deepEqual(attempt.offences, [])
    return attempt
  }
  return { fn, log, invoker, ask }
}

const post = (text: string, type = 'application/json'): Asked => ({
  method: 'POST',
  path: '/acme/orders?x=1',
  headers: ['content-type', type],
  body: Buffer.from(text),
})

test('a function gets payload and context by POST, and its payload is the answer', async (t) => {
  const { fn, ask } = await calling(t)
  fn.reply = { payload: { total: 3 } }
  const attempt = await ask({ ...post('{"id":1}'), method: 'PUT' })
  assert.deepEqual([attempt.status, attempt.text], [200, '{"total":3}'])
  assert.equal(attempt.answerHeaders.get('content-type'), 'application/json')
  const [request] = fn.requests
  assert.deepEqual(
    [request!.method, request!.url, request!.headers['content-type']],
    ['POST', '/', 'application/json'],
  )
  const [{ payload, context }] = fn.asked as [(typeof fn.asked)[number]]
  assert.deepEqual(payload, { id: 1 })
  assert.deepEqual([context.httpContext['method'], context.httpContext['uri']], ['PUT', '/acme/orders?x=1'])
  assert.deepEqual([context['secrets'], context['serviceBindings']], [{}, {}])
  const left = Date.parse(String(context['deadline'])) - Date.now()
  assert.ok(left > 5000 && left <= 10_000, `${left} ms`)
})

test('numbers keep every digit both ways', async (t) => {
  const { fn, ask } = await calling(t)
  fn.reply = '{"context":{},"payload":{"id":12345678901234567890,"x":1.0}}'
  const attempt = await ask(post('{"id":98765432109876543210,"y":[]}'))
  assert.equal(attempt.text, '{"id":12345678901234567890,"x":1.0}')
  assert.ok(fn.text.endsWith('"payload":{"id":98765432109876543210,"y":[]}}'), fn.text)
})

const PAYLOADS: readonly [string, Asked, unknown][] = [
  ['arguments', { path: '/?a=1&b=2&a=3&flag&e=' }, { a: ['1', '3'], b: '2', flag: true, e: '' }],
  ['no arguments', { method: 'HEAD', path: '/' }, {}],
  ['a form', post('a=1+2&a=3', 'application/x-www-form-urlencoded'), { a: ['1 2', '3'] }],
  ['a list', post('[1]'), [1]],
  ['a value', post('7', 'application/json; charset=utf-8'), 7],
  ['another type of JSON', post('{}', 'application/merge-patch+json'), {}],
  ['no type', { method: 'POST', path: '/', body: Buffer.from('text') }, 'text'],
  ['no body', { method: 'POST', path: '/' }, {}],
  ['odd names', { path: '/?__proto__=1&constructor=2' }, JSON.parse('{"__proto__":"1","constructor":"2"}')],
  ['a stream', { ...post(''), body: Readable.from([Buffer.from('{"a"'), Buffer.from(':1}')]) }, { a: 1 }],
]

for (const [name, asked, payload] of PAYLOADS) {
  test(`the payload of a request is made of its ${name}`, async (t) => {
    const { fn, ask } = await calling(t)
    const attempt = await ask(asked)
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.deepEqual(fn.asked[0]!.payload, payload)
    assert.equal(attempt.text, asked.method === 'HEAD' ? '' : '"done"')
  })
}

test('what is no payload is refused, and no function runs', async (t) => {
  const { fn, ask } = await calling(t)
  for (const asked of [post('{'), post('<x/>', 'application/xml'), post('', 'application/json; x')]) {
    const outcome = asked.body!.toString() === '' ? 'answered' : 'invalid-input'
    assert.equal((await ask(asked)).outcome, outcome)
  }
  assert.equal(
    (await ask({ ...post('{}'), headers: [...JSON_TYPE, 'content-encoding', 'gzip'] })).outcome,
    'invalid-input',
  )
  assert.equal((await ask({ ...post(''), body: Buffer.alloc(8 * 1024 * 1024 + 1) })).outcome, 'too-large')
  assert.equal(fn.asked.length, 1)
})

const error = (type: string, message = 'said') => ({
  context: { error: { type, message, stacktrace: ['at x'] } },
})

test('an InputError is 400 with what the function says, and no other deployment is asked', async (t) => {
  const { fn, ask } = await calling(t)
  fn.reply = error('InputError', 'id is missing')
  const attempt = await ask(post('{}'))
  assert.deepEqual([attempt.outcome, attempt.status], ['answered', 400])
  assert.equal(attempt.answerHeaders.get('content-type'), 'application/problem+json')
  const { code, component, detail } = JSON.parse(attempt.text) as Record<string, unknown>
  assert.deepEqual([code, component, detail], ['GW_INPUT_INVALID', 'function', 'id is missing'])
  assert.ok(!attempt.text.includes('at x'))
})

const FAILURES: readonly [string, object | string, Outcome][] = [
  ['FunctionError', error('FunctionError'), 'function-error'],
  ['SystemError', error('SystemError'), 'function-error'],
  ['an error of no type', { context: { error: 'boom' } }, 'function-error'],
  ['a time-out', error('FunctionError', 'Function execution exceeded the timeout'), 'timeout'],
  [
    'a time-out before it began',
    error('FunctionError', 'Did not invoke, already exceeded timeout'),
    'timeout',
  ],
  ['no JSON', 'Internal Server Error', 'function-error'],
  ['no context', '{"payload":1}', 'function-error'],
  ['another document', '[1]', 'function-error'],
]

for (const [name, reply, outcome] of FAILURES) {
  test(`a reply with ${name} is no answer: ${outcome}`, async (t) => {
    const { fn, ask } = await calling(t)
    fn.reply = reply
    const attempt = await ask(post('{}'))
    assert.equal(attempt.outcome, outcome, attempt.summary())
    assert.equal(attempt.status, 0)
  })
}

test('the output of a function goes to the log, bounded', async (t) => {
  const { fn, log, ask } = await calling(t)
  const stdout = Array.from({ length: 500 }, () => 'x'.repeat(5000))
  fn.reply = { context: { logs: { stdout, stderr: ['oops', 7] } }, payload: null }
  assert.equal((await ask(post('{}'))).text, 'null')
  const fields = log.entries[0]!.fields as Record<string, string[]>
  assert.deepEqual([fields['organization'], fields['function'], fields['id']], ['acme', 'orders', 'call-1'])
  assert.equal(fields['stdout']!.length, 100)
  assert.equal(fields['stdout']![0]!.length, 1000)
  assert.deepEqual(fields['stderr'], ['oops'])
})

test('the context shows no credential, and no header passes for what the gateway says', async (t) => {
  const { fn, ask } = await calling(t)
  const secret = ['authorization', 'Bearer hunter2', 'cookie', 'hunter2', 'x-api-key', 'hunter2']
  await ask({ path: '/', headers: [...secret, 'method', 'DELETE', 'uri', '/admin', 'user-agent', 'curl'] })
  const { httpContext } = fn.asked[0]!.context
  assert.ok(!JSON.stringify(httpContext).includes('hunter2'))
  assert.deepEqual(
    [httpContext['method'], httpContext['uri'], httpContext['user-agent']],
    ['GET', '/', 'curl'],
  )
})

test('who leaves stops the call, also during the upload', async (t) => {
  const { fn, invoker } = await calling(t)
  const body = new PassThrough()
  const attempt = new TestAttempt(FACTS, { ...post(''), body }).run(invoker)
  body.write('{')
  attempt.abort()
  assert.ok(body.destroyed)
  assert.equal(fn.requests.length, 0)
  const broken = new PassThrough()
  const other = new TestAttempt(FACTS, { ...post(''), body: broken }).run(invoker)
  broken.destroy(new Error('the client broke off'))
  assert.equal((await other.over()).outcome, 'aborted')
})

test('it works by way of every platform that speaks HTTP', async (t) => {
  const fn = new RuntimeFunction()
  const port = await fn.listen(t)
  const [faas, kn, whisk, topics] = [
    new OpenFaasPlatform(),
    new KnativePlatform(),
    new OpenWhiskPlatform(),
    new RiffPlatform(),
  ]
  faas.deploy('orders', port, {})
  kn.deploy('orders.default.example.com', port)
  topics.deploy('orders', port)
  whisk.deploy('orders', async ({ context, payload }) => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: JSON.stringify({ context, payload }),
    })
    return await answer.json()
  })
  const host = hosts.invokerHost()
  const invokers: Invoker[] = [
    openfaas.invoker(hosts.openFaasOptions({ url: await faas.listen() }), host),
    knative.invoker(
      hosts.knativeOptions({ url: 'http://{name}.{namespace}.example.com', ingress: await kn.listen() }),
      host,
    ),
    openwhisk.invoker(hosts.openWhiskOptions({ url: await whisk.listen() }), host),
    riff.invoker(hosts.riffOptions({ url: await topics.listen() }), host),
  ]
  t.after(async () => {
    await Promise.all(invokers.map((invoker) => invoker.close()))
    for (const platform of [faas, kn, whisk, topics]) platform.close()
  })
  for (const invoker of invokers) {
    const attempt = new TestAttempt(FACTS, post('{"id":1}')).run(
      new DispatchInvoker(invoker, new hosts.KeptLog()),
    )
    await attempt.over()
    assert.deepEqual([attempt.outcome, attempt.text], ['answered', '"done"'], attempt.summary())
    assert.deepEqual(fn.asked.at(-1)!.payload, { id: 1 })
  }
})
