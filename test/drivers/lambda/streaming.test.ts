import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { frame, invokeComplete, payloadChunk } from '../lambda-frames.ts'
import { type LambdaFunction, LambdaPlatform } from '../lambda-platform.ts'
import { LambdaBackend } from './lambda-backend.ts'

const STREAM = { 'content-type': 'application/vnd.amazon.eventstream' }
const HEAD = {
  statusCode: 201,
  headers: { 'content-type': 'text/event-stream', 'x-a': '1' },
  cookies: ['a=1'],
}

/** A function whose runtime makes Lambda send these bytes. */
const sending =
  (...bytes: Buffer[]): LambdaFunction['run'] =>
  (_event, { response }) =>
    response.writeHead(200, STREAM).end(Buffer.concat(bytes))

test('the head of a streamed answer and each piece are passed on as they come', async (t) => {
  const go = Promise.withResolvers<void>()
  const backend = await LambdaBackend.open(t, {
    drip: async (_event, replies) => {
      replies.head(HEAD)
      await go.promise
      replies.write('one')
      replies.write('two')
      replies.end()
    },
  })
  const attempt = new TestAttempt(acmeFacts('drip'), { path: '/' }).run(backend.invoker({ streaming: true }))
  await attempt.until(({ status }) => status !== 0, 'the head')
  assert.equal(attempt.status, 201)
  assert.deepEqual(attempt.answerHeaders.all('set-cookie'), ['a=1'])
  assert.equal(attempt.answerHeaders.get('content-type'), 'text/event-stream')
  assert.equal(attempt.received, 0)
  go.resolve()
  await attempt.over()
  assert.deepEqual([attempt.outcome, attempt.text], ['answered', 'onetwo'])
  assert.deepEqual(backend.platform.requests, [
    'POST /2021-11-15/functions/drip/response-streaming-invocations',
  ])
})

test('a stream is read the same however its bytes are cut', async (t) => {
  const head = Buffer.from(`${JSON.stringify({ ...HEAD, headers: { 'x-a': '"}\\' } })}${'\0'.repeat(8)}`)
  const bytes = Buffer.concat([
    payloadChunk(head.subarray(0, 5)),
    frame({ ':message-type': 'event', ':event-type': 'SomethingNew' }, 'skipped'),
    payloadChunk(head.subarray(5, head.length - 3)),
    payloadChunk(Buffer.concat([head.subarray(head.length - 3), Buffer.from('{"body')])),
    payloadChunk('":1}'),
    invokeComplete(),
  ])
  for (const size of [1, 7, 64, bytes.length]) {
    const backend = await LambdaBackend.open(t, {
      f: async (_event, { response }) => {
        response.writeHead(200, STREAM)
        for (let at = 0; at < bytes.length; at += size) {
          if (!response.write(bytes.subarray(at, at + size))) await once(response, 'drain')
        }
        response.end()
      },
    })
    const attempt = await backend.ask('f', { path: '/' }, { streaming: true })
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.deepEqual([attempt.status, attempt.text], [201, '{"body":1}'])
    assert.equal(attempt.answerHeaders.get('x-a'), '"}\\')
    assert.deepEqual(attempt.offences, [])
  }
})

test('a stream without a head is a body from its first byte on', async (t) => {
  const bodies = [
    'text',
    '',
    '{"a":1}',
    '{"a":1}\n{"b":2}\n',
    '{"a":',
    '{"a":1}\0\0\0',
    '[1]\0\0\0\0\0\0\0\0',
  ]
  for (const body of bodies) {
    const backend = await LambdaBackend.open(t, { f: sending(payloadChunk(body), invokeComplete()) })
    const attempt = await backend.ask('f', { path: '/' }, { streaming: true })
    assert.deepEqual([attempt.outcome, attempt.status, attempt.text], ['answered', 200, body])
    assert.equal(attempt.answerHeaders.get('content-type'), 'application/octet-stream')
  }
  const head = `${JSON.stringify(HEAD)}${'\0'.repeat(8)}`
  const backend = await LambdaBackend.open(t, { f: sending(payloadChunk(head), invokeComplete()) })
  const raw = await backend.ask('f', { path: '/' }, { streaming: true, payload: 'raw' })
  assert.deepEqual([raw.status, raw.text], [200, head])
})

test('a stream that is not whole never ends as if it were', async (t) => {
  const late = invokeComplete({
    ErrorCode: 'Unhandled',
    ErrorDetails: '{"errorType":"Error","errorMessage":"late"}',
  })
  const early = Buffer.from(payloadChunk('hel'))
  const wrong = Buffer.from(early)
  wrong.writeUInt8(wrong[wrong.length - 1]! ^ 1, wrong.length - 1)
  const huge = Buffer.from(early)
  huge.writeUInt32BE(0x7fffffff, 0)
  const exception = (name: string) =>
    frame({ ':message-type': 'exception', ':exception-type': name }, '{"message":"boom"}')
  const cases: [Buffer[], string, string][] = [
    [[early, late], 'function-error', 'hel'],
    [[late], 'function-error', ''],
    [[early, exception('ServiceException')], 'reset', 'hel'],
    [[exception('TooManyRequestsException')], 'overloaded', ''],
    [[early], 'reset', 'hel'],
    [[], 'reset', ''],
    [[early, early.subarray(0, 20)], 'reset', 'hel'],
    [[early, wrong], 'malformed', 'hel'],
    [[early, huge], 'malformed', 'hel'],
    [[early, Buffer.from('<html>bad gateway</html>')], 'malformed', 'hel'],
    [[payloadChunk(`{"statusCode":99}${'\0'.repeat(8)}`)], 'function-error', ''],
  ]
  for (const [bytes, outcome, text] of cases) {
    const backend = await LambdaBackend.open(t, { f: sending(...bytes) })
    const attempt = await backend.ask('f', { path: '/' }, { streaming: true })
    assert.equal(attempt.outcome, outcome, attempt.summary())
    assert.equal(attempt.text, text)
    assert.deepEqual(attempt.offences, [])
  }
})

test('no answer has a body for HEAD, 204 and 304', async (t) => {
  const head = (statusCode: number) => payloadChunk(`{"statusCode":${statusCode}}${'\0'.repeat(8)}body`)
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    const backend = await LambdaBackend.open(t, { f: sending(head(status), invokeComplete()) })
    const attempt = await backend.ask('f', { method, path: '/' }, { streaming: true })
    assert.deepEqual([attempt.outcome, attempt.status, attempt.received], ['answered', status, 0])
  }
})

test('the stand-in streams to the AWS SDK what it streams to the driver', async (t) => {
  const { InvokeWithResponseStreamCommand, LambdaClient } = await import('@aws-sdk/client-lambda')
  const platform = new LambdaPlatform()
  t.after(() => platform.close())
  platform.deploy('f', {
    run: (_event, replies) => {
      replies.write('hel')
      replies.write('lo')
      replies.end()
    },
  })
  const client = new LambdaClient({
    region: 'eu-central-1',
    endpoint: await platform.listen(),
    credentials: { accessKeyId: platform.key.accessKeyId, secretAccessKey: platform.key.secretAccessKey },
    maxAttempts: 1,
  })
  t.after(() => client.destroy())
  const { EventStream: events } = await client.send(
    new InvokeWithResponseStreamCommand({ FunctionName: 'f' }),
  )
  const seen: string[] = []
  for await (const { PayloadChunk, InvokeComplete } of events!) {
    if (PayloadChunk !== undefined) seen.push(Buffer.from(PayloadChunk.Payload!).toString())
    if (InvokeComplete !== undefined) seen.push('complete')
  }
  assert.deepEqual(seen, ['hel', 'lo', 'complete'])
})
