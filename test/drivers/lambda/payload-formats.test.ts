import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LambdaFunction } from '../lambda-platform.ts'
import { LambdaBackend, resulting } from './lambda-backend.ts'

const ECHO: LambdaFunction['run'] = (event, replies) =>
  replies.result(JSON.stringify({ statusCode: 200, body: event.toString() }))

const HEADERS = [
  ['x-a', '1'],
  ['x-a', '2'],
  ['cookie', 'a=1; b=2'],
  ['cookie', 'c=3'],
  ['user-agent', 'kit/1'],
].flat()

test('an event of format 2.0 has the request as an HTTP API writes it', async (t) => {
  const backend = await LambdaBackend.open(t, { echo: ECHO })
  const attempt = await backend.ask('echo', {
    method: 'POST',
    path: '/a%2Fb/c?x=1&x=2&y=a+b%20c&z',
    headers: [...HEADERS, 'content-type', 'application/json; charset=utf-8'],
    body: Buffer.from('{"é":1}'),
    callId: 'id-1',
  })
  const { requestContext, ...event } = JSON.parse(attempt.text)
  assert.deepEqual(event, {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/a%2Fb/c',
    rawQueryString: 'x=1&x=2&y=a+b%20c&z',
    cookies: ['a=1', 'b=2', 'c=3'],
    headers: {
      host: 'api.example.com',
      'x-forwarded-for': '192.0.2.7',
      'x-a': '1,2',
      'user-agent': 'kit/1',
      'content-type': 'application/json; charset=utf-8',
      'content-length': '8',
    },
    queryStringParameters: { x: '1,2', y: 'a b c', z: '' },
    body: '{"é":1}',
    isBase64Encoded: false,
  })
  const { time, timeEpoch, ...context } = requestContext
  assert.match(time, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/)
  assert.equal(typeof timeEpoch, 'number')
  assert.deepEqual(context, {
    accountId: 'anonymous',
    apiId: 'echo',
    domainName: 'api.example.com',
    domainPrefix: 'api',
    http: {
      method: 'POST',
      path: '/a%2Fb/c',
      protocol: 'HTTP/1.1',
      sourceIp: '192.0.2.7',
      userAgent: 'kit/1',
    },
    requestId: 'id-1',
    routeKey: '$default',
    stage: '$default',
  })
})

test('an event of format 1.0 has several values beside the last one', async (t) => {
  const backend = await LambdaBackend.open(t, { echo: ECHO })
  const asked = { method: 'PUT', path: '/p?x=1&x=2', headers: HEADERS, body: Buffer.from([0xff]) }
  const event = JSON.parse((await backend.ask('echo', asked, { payload: 'v1' })).text)
  assert.equal(event.version, '1.0')
  assert.equal(event.httpMethod, 'PUT')
  assert.equal(event.path, '/p')
  assert.equal(event.headers['x-a'], '2')
  assert.deepEqual(event.multiValueHeaders['x-a'], ['1', '2'])
  assert.deepEqual(event.multiValueHeaders['content-length'], ['1'])
  assert.deepEqual(event.queryStringParameters, { x: '2' })
  assert.deepEqual(event.multiValueQueryStringParameters, { x: ['1', '2'] })
  assert.deepEqual([event.body, event.isBase64Encoded], ['/w==', true])
  assert.equal(event.requestContext.identity.sourceIp, '192.0.2.7')
  const bare = JSON.parse((await backend.ask('echo', { path: '/p' }, { payload: 'v1' })).text)
  assert.deepEqual([bare.body, bare.queryStringParameters], [null, null])
})

test('a body goes as text only when it says that it is text, and is', async (t) => {
  const backend = await LambdaBackend.open(t, { echo: ECHO })
  const encodedFor = async (headers: string[], body: Buffer): Promise<boolean> =>
    JSON.parse((await backend.ask('echo', { method: 'POST', path: '/', headers, body })).text).isBase64Encoded
  const text = Buffer.from('text')
  for (const type of [
    'text/plain',
    'application/json',
    'application/xml',
    'application/a+json',
    'TEXT/CSV; a=b',
  ])
    assert.equal(await encodedFor(['content-type', type], text), false, type)
  for (const type of ['image/png', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])
    assert.equal(await encodedFor(['content-type', type], text), true, type)
  assert.equal(await encodedFor([], text), true)
  assert.equal(await encodedFor(['content-type', 'text/plain'], Buffer.from([0xc3])), true, 'no valid UTF-8')
  assert.equal(await encodedFor(['content-type', 'text/plain', 'content-encoding', 'gzip'], text), true)
})

test('a result of format 2.0 without a statusCode is the body', async (t) => {
  const results: [string, string][] = [
    ['"hello"', 'hello'],
    ['{"hello":"world"}', '{"hello":"world"}'],
    ['3', '3'],
    ['true', 'true'],
    ['[1, 2]', '[1, 2]'],
    ['null', 'null'],
  ]
  for (const [result, body] of results) {
    const backend = await LambdaBackend.open(t, { f: resulting(result) })
    const attempt = await backend.ask('f', { path: '/' })
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.deepEqual([attempt.status, attempt.text], [200, body])
    assert.deepEqual(attempt.answerHeaders.all('content-type'), ['application/json'])
  }
})

test('a result with a statusCode is taken at its word', async (t) => {
  const result = {
    statusCode: '201',
    headers: { 'Content-Type': 'text/plain', 'x-n': 1, 'x-b': true, 'X-Both': 'lost', connection: 'close' },
    multiValueHeaders: { 'x-both': ['1', '2'] },
    cookies: ['a=1; HttpOnly', 'b=2'],
    body: Buffer.from([0, 255]).toString('base64'),
    isBase64Encoded: true,
  }
  const backend = await LambdaBackend.open(t, { f: resulting(JSON.stringify(result)) })
  for (const payload of ['v1', 'v2'] as const) {
    const { status, bytes, answerHeaders } = await backend.ask('f', { path: '/' }, { payload })
    assert.equal(status, 201)
    assert.deepEqual([...bytes], [0, 255])
    assert.deepEqual(answerHeaders.all('x-both'), ['1', '2'])
    assert.deepEqual(answerHeaders.all('set-cookie'), ['a=1; HttpOnly', 'b=2'])
    assert.deepEqual([answerHeaders.get('x-n'), answerHeaders.get('x-b')], ['1', 'true'])
    assert.deepEqual([answerHeaders.get('content-length'), answerHeaders.get('connection')], ['2', null])
    assert.deepEqual(answerHeaders.all('content-type'), ['text/plain'])
  }
})

test('a result that is no answer is a failure of the function', async (t) => {
  const broken: [string, 'v1' | 'v2'][] = [
    ['{"hello":"world"}', 'v1'],
    ['"text"', 'v1'],
    ['{not json', 'v2'],
    ['{"statusCode":99}', 'v2'],
    ['{"statusCode":"two hundred"}', 'v2'],
    ['{"statusCode":200,"body":{}}', 'v2'],
    ['{"statusCode":200,"headers":[]}', 'v2'],
    ['{"statusCode":200,"headers":{"x":{}}}', 'v2'],
    ['{"statusCode":200,"headers":{"a b":"1"}}', 'v2'],
    ['{"statusCode":200,"headers":{"a":"1\\r\\nx: 1"}}', 'v2'],
    ['{"statusCode":200,"multiValueHeaders":{"x":"1"}}', 'v1'],
    ['{"statusCode":200,"cookies":"a=1"}', 'v2'],
  ]
  for (const [result, payload] of broken) {
    const backend = await LambdaBackend.open(t, { f: resulting(result) })
    const attempt = await backend.ask('f', { path: '/' }, { payload })
    assert.equal(attempt.outcome, 'function-error', result)
    assert.equal(attempt.status, 0)
  }
})

test('raw: the body is the event, the result the body', async (t) => {
  const backend = await LambdaBackend.open(t, { same: (event, replies) => replies.result(event.toString()) })
  const body = Buffer.from('{"statusCode": 500}')
  const attempt = await backend.ask('same', { method: 'POST', path: '/', body }, { payload: 'raw' })
  assert.deepEqual([attempt.status, attempt.text], [200, '{"statusCode": 500}'])
  assert.equal(attempt.answerHeaders.get('content-type'), 'application/json')
  const refused = await backend.ask(
    'same',
    { method: 'POST', path: '/', body: Buffer.from('{') },
    { payload: 'raw' },
  )
  assert.equal(refused.outcome, 'invalid-input', refused.summary())
})
