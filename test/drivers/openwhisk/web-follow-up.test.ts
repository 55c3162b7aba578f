import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { driver } from '../../../drivers/openwhisk.ts'
import { TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { facts } from '../deployment-facts.ts'
import { invokerHost, KeptLog, openWhiskOptions } from '../driver-hosts.ts'
import { OpenWhiskPlatform } from '../openwhisk-platform.ts'

/** A web action that is over when it is told to be, after the platform has stopped waiting. */
async function slowAction(t: TestContext, apiKey: string | null = 'uuid:secret') {
  const platform = new OpenWhiskPlatform()
  const over = Promise.withResolvers<unknown>()
  platform.deploy('f', () => over.promise, { waitMs: 10 })
  const log = new KeptLog()
  const url = await platform.listen()
  const invoker = driver.invoker(
    openWhiskOptions({ url, call: 'web', namespace: 'guest', apiKey }),
    invokerHost(log),
  )
  invoker.check!(facts('f'))
  t.after(async () => {
    await invoker.close()
    platform.close()
  })
  const attempt = new TestAttempt(facts('f'), { method: 'POST', path: '/p', body: Buffer.from('b') }).run(
    invoker,
  )
  const looks = () => platform.asked.filter((asked) => asked.includes('/activations/')).length
  const looked = async () => {
    while (looks() === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { platform, attempt, over, log, looked, looks }
}

test('a web action that takes longer than the platform waits is followed up, its result answered as of a web action', async (t) => {
  const results: [unknown, number, string, string | null][] = [
    [
      { statusCode: 201, headers: { 'X-A': ['1', '2'] }, body: 'late' },
      201,
      'late',
      'text/html; charset=utf-8',
    ],
    [{ body: { a: 1 } }, 200, '{"a":1}', 'application/json'],
    [{ some: 'data' }, 204, '', null],
    [{ error: { statusCode: 418, body: 'teapot' } }, 418, 'teapot', 'text/html; charset=utf-8'],
  ]
  for (const [result, status, text, type] of results) {
    const { platform, attempt, over, looked } = await slowAction(t)
    platform.missingLooks = 1
    await looked()
    over.resolve(result)
    await attempt.over()
    assert.deepEqual([attempt.outcome, attempt.status, attempt.text], ['answered', status, text])
    assert.equal(attempt.answerHeaders.get('content-type'), type)
    assert.match(attempt.answerHeaders.get('x-openwhisk-activation-id')!, /^[0-9a-f]{32}$/)
    assert.equal(platform.asked.filter((asked) => asked.startsWith('POST')).length, 1, 'it ran once')
    assert.deepEqual(attempt.offences, [])
  }
})

test('a web action that fails after that has failed, one that gives no answer too', async (t) => {
  for (const end of [
    (over: PromiseWithResolvers<unknown>) => over.reject(new Error('boom')),
    (over: PromiseWithResolvers<unknown>) => over.resolve([1, 2]),
    (over: PromiseWithResolvers<unknown>) => over.resolve({ statusCode: 99, body: 'x' }),
  ]) {
    const { attempt, over, looked } = await slowAction(t)
    await looked()
    end(over)
    await attempt.over()
    assert.deepEqual([attempt.outcome, attempt.status], ['function-error', 0], attempt.summary())
  }
})

test('who leaves is followed no more, and the log has the activation', async (t) => {
  const { attempt, log, looked, looks, over } = await slowAction(t)
  await looked()
  attempt.abort()
  const before = looks()
  over.resolve({ body: 'late' })
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.equal(looks(), before)
  assert.deepEqual([attempt.outcome, attempt.offences], [null, []])
  assert.match(String((log.entries[0]!.fields as { activation: string }).activation), /^[0-9a-f]{32}$/)
})

test('without a key nobody may look: the call has taken too long', async (t) => {
  const { attempt, looks } = await slowAction(t, null)
  await attempt.over()
  assert.deepEqual([attempt.outcome, attempt.status, looks()], ['timeout', 0, 0])
})
