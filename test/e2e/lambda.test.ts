import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { KEY, type LambdaFunction, LambdaPlatform, LIMIT } from '../drivers/lambda-platform.ts'
import { startTestGateway } from './gateway.ts'

async function start(t: TestContext, run: LambdaFunction['run'], backend: object = {}): Promise<string> {
  const platform = new LambdaPlatform()
  t.after(() => platform.close())
  platform.deploy('resize', { run })
  process.env['TEST_LAMBDA_SECRET'] = KEY.secretAccessKey
  const { url } = await startTestGateway(t, {
    backends: {
      cloud: {
        driver: 'lambda',
        region: 'eu-central-1',
        endpoint: await platform.listen(),
        credentials: { accessKeyId: KEY.accessKeyId, secretAccessKey: { env: 'TEST_LAMBDA_SECRET' } },
        ...backend,
      },
    },
    functions: {
      resize: { deployments: [{ backend: 'cloud', name: 'resize:live' }] },
      missing: { deployments: ['cloud'] },
    },
    routes: [
      { path: '/resize/*', function: 'resize', auth: 'none' },
      { path: '/missing', function: 'missing', auth: 'none' },
    ],
  })
  return url
}

test('a Lambda function is called through the gateway with the credentials of the operator', async (t) => {
  const url = await start(t, (event, replies) => {
    const { rawPath, body, isBase64Encoded } = JSON.parse(event.toString())
    const text = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString()
    replies.result(JSON.stringify({ statusCode: 201, cookies: ['a=1', 'b=2'], body: `${rawPath} ${text}` }))
  })
  const answer = await fetch(`${url}/resize/x`, {
    method: 'POST',
    body: 'png',
    signal: AbortSignal.timeout(9000),
  })
  assert.equal(answer.status, 201)
  assert.equal(await answer.text(), '/resize/x png')
  assert.deepEqual(answer.headers.getSetCookie(), ['a=1', 'b=2'])
  const missing = await fetch(`${url}/missing`)
  assert.equal(missing.headers.get('dispatch-error'), 'GW_FUNCTION_NOT_FOUND')
  await missing.text()
  const large = await fetch(`${url}/resize/x`, { method: 'POST', body: Buffer.alloc(LIMIT) })
  assert.deepEqual([large.status, large.headers.get('dispatch-error')], [413, 'GW_BODY_TOO_LARGE'])
  await large.text()
})

test('the first byte of a stream arrives while the function goes on, and a late failure is no clean end', async (t) => {
  const go = Promise.withResolvers<void>()
  const url = await start(
    t,
    async (_event, replies) => {
      replies.head({ statusCode: 200, headers: { 'content-type': 'text/event-stream' } })
      replies.write('data: 1\n\n')
      await go.promise
      replies.fail({ errorType: 'Error', errorMessage: 'late' })
    },
    { streaming: true },
  )
  const answer = await fetch(`${url}/resize/x`, { signal: AbortSignal.timeout(9000) })
  const reader = answer.body!.getReader()
  assert.equal(Buffer.from((await reader.read()).value!).toString(), 'data: 1\n\n')
  go.resolve()
  await assert.rejects(reader.read())
})
