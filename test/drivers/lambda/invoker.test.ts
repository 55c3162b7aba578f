import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialSourceOf } from '../../../drivers/lambda/facts.ts'
import type { LambdaOptions } from '../../../drivers/lambda/options.ts'
import { driver } from '../../../drivers/lambda.ts'
import { TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { lambdaOptions } from '../driver-hosts.ts'
import { KEY } from '../lambda-platform.ts'
import { openInvoker } from '../open-driver.ts'
import { LambdaBackend, resulting } from './lambda-backend.ts'

test('a function is called by its name, with a qualifier, or by its ARN', async (t) => {
  const backend = await LambdaBackend.open(t, { f: resulting('"ok"') })
  const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:f:live'
  for (const name of ['f', 'f:live', 'f:$LATEST', 'f:7', '123456789012:function:f', arn]) {
    const attempt = await backend.ask(name, { path: '/' })
    assert.equal(attempt.outcome, 'answered', attempt.summary())
  }
  assert.equal(
    backend.platform.requests.at(-1),
    `POST /2015-03-31/functions/${encodeURIComponent(arn)}/invocations`,
  )
})

test('names that Lambda would not take, and functions of another region, are refused at load', async (t) => {
  const invoker = (await LambdaBackend.open(t, {})).invoker()
  for (const name of ['f', 'f:live', 'arn:aws:lambda:eu-central-1:123456789012:function:f'])
    invoker.check!(acmeFacts(name))
  for (const name of ['', 'a b', 'a/b', '..', 'f:a:b:c', 'f?Qualifier=1', 'ä', 'x'.repeat(65)]) {
    assert.throws(() => invoker.check!(acmeFacts(name)), /is not the name of a Lambda function/, name)
  }
  assert.throws(
    () => invoker.check!(acmeFacts('arn:aws:lambda:us-east-1:123456789012:function:f')),
    /in us-east-1, the backend in eu-central-1/,
  )
})

test('nothing of the caller but the event reaches the service', async (t) => {
  const backend = await LambdaBackend.open(t, { f: resulting('"ok"') })
  const theirs = ['x-amz-tenant-id', 'x-amz-invocation-type', 'x-amz-log-type', 'authorization', 'x-amz-date']
  const headers = theirs.flatMap((name) => [name, 'theirs'])
  assert.equal((await backend.ask('f', { path: '/', headers })).outcome, 'answered')
  for (const name of theirs) assert.notEqual(backend.platform.lastHeaders[name], 'theirs')
  assert.equal(backend.platform.lastHeaders['x-amz-log-type'], undefined)
})

test('the tenant is the organization, whatever a caller says', async (t) => {
  const backend = await LambdaBackend.open(t, {})
  let tenant: unknown
  const run = resulting('"ok"')
  backend.platform.deploy('f', {
    perTenant: true,
    run: (event, replies, headers) => {
      tenant = headers['x-amz-tenant-id']
      run(event, replies, headers)
    },
  })
  const asked = { path: '/', headers: ['x-amz-tenant-id', 'another'] }
  assert.equal((await backend.ask('f', asked)).outcome, 'denied')
  assert.equal((await backend.ask('f', asked, { tenantIsolation: true })).outcome, 'answered')
  assert.equal(tenant, 'default')
  const principal = { organization: 'acme' }
  const attempt = new TestAttempt(acmeFacts('f'), asked)
  Object.assign(attempt.call, { principal: { ...principal, subject: 's', issuer: 'i', scopes: [] } })
  await attempt.run(backend.invoker({ tenantIsolation: true })).over()
  assert.equal(tenant, 'acme')
})

test('the log of a call goes to the log of the gateway, when it is wanted', async (t) => {
  const backend = await LambdaBackend.open(t, {
    f: (_event, replies) => replies.result('"ok"'),
  })
  await backend.ask('f', { path: '/' })
  assert.equal(backend.log.entries.length, 0)
  for (const streaming of [false, true]) {
    await backend.ask('f', { path: '/', callId: 'id-1' }, { logTail: true, streaming })
    const fields = backend.log.entries.pop()!.fields as Record<string, unknown>
    assert.deepEqual([fields['id'], fields['function']], ['id-1', 'f'])
    assert.match(String(fields['tail']), /the last line/)
    assert.equal(typeof fields['requestId'], 'string')
  }
})

test('a clock that is off is corrected by what AWS says, and the call made again', async (t) => {
  const backend = await LambdaBackend.open(t, { f: resulting('"ok"') })
  backend.platform.skewMs = -3_600_000
  const invoker = backend.invoker()
  for (const expected of [2, 3]) {
    const attempt = await new TestAttempt(acmeFacts('f'), { path: '/' }).run(invoker).over()
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.equal(backend.platform.requests.length, expected)
    assert.deepEqual(attempt.offences, [])
  }
})

test('calls that were signed by the same wrong clock are all made again', async (t) => {
  const backend = await LambdaBackend.open(t, { f: resulting('"ok"') })
  backend.platform.skewMs = 3_600_000
  const invoker = backend.invoker()
  const attempts = Array.from({ length: 8 }, () =>
    new TestAttempt(acmeFacts('f'), { path: '/' }).run(invoker),
  )
  for (const attempt of attempts) assert.equal((await attempt.over()).outcome, 'answered', attempt.summary())
  assert.equal(backend.platform.requests.length, 16)
})

test('credentials that are refused, missing, expired or for other settings: denied, and told once', async (t) => {
  const backend = await LambdaBackend.open(t, { f: resulting('"ok"') })
  backend.platform.key = { ...KEY, accessKeyId: 'OTHER' }
  const refused = backend.invoker()
  for (const _ of [1, 2]) {
    const attempt = await new TestAttempt(acmeFacts('f'), { path: '/' }).run(refused).over()
    assert.equal(attempt.outcome, 'denied')
    assert.doesNotMatch(attempt.detail, /secret/)
  }
  assert.equal(backend.log.entries.length, 1)
  assert.equal(backend.platform.requests.length, 2)
  const options: LambdaOptions = lambdaOptions({ endpoint: backend.endpoint })
  const invoker = openInvoker(t, driver, options)
  const denied = async () => (await new TestAttempt(acmeFacts('f'), { path: '/' }).run(invoker).over()).detail
  assert.match(await denied(), /no credentials/)
  invoker.update!({ source: 'another', credentials: KEY, expiresAt: null })
  assert.match(await denied(), /no credentials/)
  invoker.update!({ source: credentialSourceOf(options), credentials: KEY, expiresAt: Date.now() - 1 })
  assert.match(await denied(), /expired/)
  assert.equal(backend.platform.requests.length, 2)
})
