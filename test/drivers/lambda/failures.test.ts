import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { OUTCOMES } from '../../../gateway/contract/outcome.ts'
import { TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { listen } from '../../loopback.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { LIMIT } from '../lambda-platform.ts'
import { LambdaBackend, resulting } from './lambda-backend.ts'

/** A server that gives one answer, as it was recorded. */
async function answering(
  t: TestContext,
  status: number,
  headers: Record<string, string>,
  body: string,
): Promise<TestAttempt> {
  const server = http.createServer((request, response) => {
    request.resume()
    response.writeHead(status, headers).end(body)
  })
  t.after(() => server.close())
  const endpoint = `http://127.0.0.1:${await listen(server)}`
  const backend = await LambdaBackend.open(t, {})
  return backend.ask('f', { path: '/' }, { endpoint })
}

test('every refusal of the service has its outcome', async (t) => {
  const user = (name: string, message = 'm') => [
    { 'x-amzn-errortype': name },
    JSON.stringify({ Type: 'User', message }),
  ]
  const throttled = (Reason: string) => [
    { 'x-amzn-errortype': 'TooManyRequestsException' },
    JSON.stringify({ Reason, Type: 'User', message: 'Rate Exceeded.' }),
  ]
  const recorded: [number, ...unknown[]][] = [
    [404, ...user('ResourceNotFoundException'), 'not-found'],
    [429, ...user('TooManyRequestsException'), 'overloaded'],
    [429, ...throttled('ReservedFunctionConcurrentInvocationLimitExceeded'), 'overloaded'],
    [429, ...throttled('ConcurrentInvocationLimitExceeded'), 'overloaded'],
    [429, ...throttled('ConcurrentSnapshotCreateLimitExceeded'), 'overloaded'],
    [429, ...throttled('FunctionInvocationRateLimitExceeded'), 'rate-limited'],
    [429, ...throttled('ReservedFunctionInvocationRateLimitExceeded'), 'rate-limited'],
    [429, ...throttled('CallerRateLimitExceeded'), 'rate-limited'],
    [400, ...user('ThrottlingException', 'Rate exceeded'), 'rate-limited'],
    [413, ...user('RequestTooLargeException'), 'too-large'],
    [400, ...user('InvalidParameterValueException'), 'denied'],
    [403, ...user('InvalidSignatureException:http://internal.amazon.com/coral/'), 'denied'],
    [403, ...user('UnrecognizedClientException'), 'denied'],
    [403, ...user('AccessDeniedException'), 'denied'],
    [403, ...user('EFSMountFailureException'), 'not-ready'],
    [409, ...user('ResourceConflictException'), 'not-ready'],
    [502, ...user('ENILimitReachedException'), 'not-ready'],
    [502, ...user('KMSAccessDeniedException'), 'not-ready'],
    [410, ...user('EFSIOException'), 'reset'],
    [500, { 'x-amzn-errortype': 'ServiceException' }, '{"Type":"Service","Message":"Internal"}', 'reset'],
    [502, { 'content-type': 'text/html' }, '<html>bad gateway</html>', 'reset'],
    [503, {}, '', 'reset'],
    [301, { location: 'http://169.254.169.254/' }, '', 'reset'],
    [
      400,
      {},
      '{"__type":"com.amazonaws#InvalidRequestContentException","message":"Could not parse"}',
      'invalid-input',
    ],
  ]
  for (const [status, headers, body, outcome] of recorded) {
    const attempt = await answering(t, status, headers as Record<string, string>, body as string)
    assert.equal(attempt.outcome, outcome, attempt.summary())
    assert.equal(attempt.status, 0)
    assert.deepEqual(attempt.offences, [])
  }
})

test('a call that is throttled was not executed, and the operator learns why', async (t) => {
  const backend = await LambdaBackend.open(t, {})
  backend.platform.deploy('busy', { run: () => {}, reserved: 0 })
  const attempt = await backend.ask('busy', { method: 'POST', path: '/' })
  assert.equal(attempt.outcome, 'overloaded')
  assert.equal(OUTCOMES[attempt.outcome].executed, 'no')
  assert.match(attempt.detail, /ReservedFunctionConcurrentInvocationLimitExceeded/)
  assert.match(attempt.detail, /Retry-After 1/)
  assert.equal(attempt.retryAfterMs, 1000)
})

test('how long Lambda asks to be left alone goes on with the refusal, where it is a number', async (t) => {
  for (const [said, ms] of [
    ['7', 7000],
    ['soon', 0],
    ['-1', 0],
    ['99999999999', 0],
  ] as const) {
    const attempt = await answering(t, 429, { 'retry-after': said }, '{"Reason":"CallerRateLimitExceeded"}')
    assert.deepEqual([attempt.outcome, attempt.retryAfterMs], ['rate-limited', ms])
  }
})

test('a function that fails is told from one that answers, though both are 200', async (t) => {
  const backend = await LambdaBackend.open(t, {
    throws: (_event, replies) =>
      replies.fail({ errorMessage: 'Handler fails', errorType: 'TypeError', stackTrace: ['secret.js:1'] }),
  })
  backend.platform.deploy('slow', { run: () => {}, timeoutMs: 20 })
  const thrown = await backend.ask('throws', { path: '/' })
  assert.equal(thrown.outcome, 'function-error')
  assert.equal(thrown.detail, 'Unhandled: TypeError Handler fails')
  assert.equal((await backend.ask('slow', { path: '/' })).outcome, 'timeout')
  for (const options of [{ payload: 'raw' }, { streaming: true }] as const) {
    assert.equal((await backend.ask('throws', { path: '/' }, options)).outcome, 'function-error')
    assert.equal((await backend.ask('slow', { path: '/' }, options)).outcome, 'timeout')
  }
})

test('a body above the limit is refused before anything is sent, what base64 adds counted', async (t) => {
  const backend = await LambdaBackend.open(t, { f: resulting('"ok"') })
  const fits = Math.floor(((LIMIT - 2000) / 4) * 3)
  const bodies: [Buffer | PassThrough, number | undefined, string][] = [
    [Buffer.alloc(fits), undefined, 'answered'],
    [Buffer.alloc(fits + 3000), undefined, 'too-large'],
    [Buffer.alloc(LIMIT + 1), undefined, 'too-large'],
    [new PassThrough(), LIMIT + 1, 'too-large'],
    [new PassThrough().end(Buffer.alloc(LIMIT + 1)), undefined, 'too-large'],
  ]
  for (const [body, bodyLength, outcome] of bodies) {
    const length = bodyLength === undefined ? {} : { bodyLength }
    const attempt = await backend.ask('f', { method: 'POST', path: '/', body, ...length })
    assert.equal(attempt.outcome, outcome, attempt.summary())
  }
  assert.equal(backend.platform.requests.length, 1)
})

test('a result of 6 MiB passes whole, also what base64 makes of bytes', async (t) => {
  const most = LIMIT - 100
  const text = 'x'.repeat(most)
  const whole = await answering(t, 200, {}, JSON.stringify({ statusCode: 200, body: text }))
  assert.deepEqual([whole.outcome, whole.received], ['answered', most])
  const bytes = Buffer.alloc(Math.floor(most / 4) * 3, 0xff)
  const body = { statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true }
  const binary = await answering(t, 200, {}, JSON.stringify(body))
  assert.deepEqual([binary.outcome, binary.bytes.equals(bytes)], ['answered', true])
})

test('an answer above the limit is cut off', async (t) => {
  const attempt = await answering(t, 200, {}, JSON.stringify('x'.repeat(LIMIT + 8192)))
  assert.equal(attempt.outcome, 'malformed', attempt.summary())
  assert.equal(attempt.received, 0)
})

test('nothing of a result that is cut is passed on', async (t) => {
  const backend = await LambdaBackend.open(t, {
    cut: (_event, { response }) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{"statusCode":200,', () => response.destroy())
    },
  })
  const attempt = await backend.ask('cut', { path: '/' })
  assert.deepEqual([attempt.outcome, attempt.status], ['reset', 0])
})

test('who leaves cuts the request to the service', async (t) => {
  const left = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const backend = await LambdaBackend.open(t, {
    hang: (_event, { response }) => {
      response.on('close', () => left.resolve())
      started.resolve()
    },
  })
  const attempt = new TestAttempt(acmeFacts('hang'), { path: '/' }).run(backend.invoker())
  await started.promise
  attempt.abort()
  await left.promise
  assert.deepEqual(attempt.offences, [])
})

test('who leaves during an upload has never reached the service', async (t) => {
  const backend = await LambdaBackend.open(t, { f: resulting('"ok"') })
  const body = new PassThrough()
  const attempt = new TestAttempt(acmeFacts('f'), { method: 'POST', path: '/', body }).run(backend.invoker())
  body.write('half')
  attempt.abort()
  await once(body, 'close')
  const broken = new PassThrough()
  const other = new TestAttempt(acmeFacts('f'), { method: 'POST', path: '/', body: broken }).run(
    backend.invoker(),
  )
  broken.write('half')
  broken.destroy()
  assert.equal((await other.over()).outcome, 'aborted')
  assert.deepEqual(backend.platform.requests, [])
  assert.deepEqual([...attempt.offences, ...other.offences], [])
})
