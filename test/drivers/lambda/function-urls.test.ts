import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import type { LambdaOptions } from '../../../drivers/lambda/options.ts'
import { driver } from '../../../drivers/lambda.ts'
import type { Invoker } from '../../../gateway/contract/driver.ts'
import { createKitServer } from '../../conformance/driver/kit-function.ts'
import { type Asked, TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { listen, shut } from '../../loopback.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { lambdaOptions, operatorHost } from '../driver-hosts.ts'
import { lambdaInvoker } from '../lambda-conformance.ts'
import { LIMIT } from '../lambda-platform.ts'
import { LambdaUrlPlatform } from '../lambda-url-platform.ts'

async function open(t: TestContext, options: Partial<LambdaOptions> = {}) {
  const server = createKitServer()
  const port = await listen(server)
  const platform = new LambdaUrlPlatform()
  platform.deploy('kit', { port, auth: 'iam' })
  const invoker = lambdaInvoker({ endpoint: null, url: await platform.listen(), ...options })
  t.after(async () => {
    await invoker.close()
    platform.close()
    shut(server)
  })
  return { platform, invoker }
}

const ask = (invoker: Invoker, asked: Asked) => new TestAttempt(acmeFacts('kit'), asked).run(invoker).over()

test('paths and queries of every kind are signed as AWS reads them', async (t) => {
  const { invoker } = await open(t)
  const paths: [string, string?][] = [
    ['/echo'],
    ['/echo/'],
    ['/echo/a%20b/%C3%A9/x%2Fy'],
    ["/echo/(a)!'*~"],
    ['/echo?b=2&a=1&a=0&', '/echo?b=2&a=1&a=0'],
    ['/echo?x=%2f&y&z=a+b', '/echo?x=%2F&y=&z=a%20b'],
    ['/echo?%zz=%&a==1&&b=*', '/echo?%25zz=%25&a=%3D1&b=%2A'],
    ['/echo?\xe9=(1)', '/echo?%C3%A9=%281%29'],
    ['/echo?', '/echo'],
  ]
  for (const [path, expected = path] of paths) {
    const attempt = await ask(invoker, { path })
    assert.equal(attempt.outcome, 'answered', `${path} ${attempt.summary()}`)
    assert.equal((JSON.parse(attempt.text) as { target: string }).target, expected)
  }
})

test("a caller's fields of Amazon and credential do not reach a function that is asked for by signature", async (t) => {
  const { invoker, platform } = await open(t)
  const headers = [
    'x-amz-date',
    'theirs',
    'authorization',
    'Bearer theirs',
    'X-AMZ-FOO'.toLowerCase(),
    'theirs',
  ]
  const attempt = await ask(invoker, { path: '/echo', headers: [...headers, 'content-type', 'caf\xe9'] })
  assert.equal(attempt.outcome, 'answered', attempt.summary())
  assert.doesNotMatch(JSON.stringify(platform.lastHeaders), /theirs/)
})

test('no header of a caller spoils a signature', async (t) => {
  const { invoker } = await open(t)
  for (const types of [['a/b;  x=1'], ['a/b', 'c/d'], ['\tcaf\xe9'], ['content-type']]) {
    const headers = ['x-a', 'host', 'x-b', 'x-amz-date', ...types.flatMap((type) => ['content-type', type])]
    const attempt = await ask(invoker, { method: 'POST', path: '/digest', headers, body: Buffer.from('x') })
    assert.equal(attempt.outcome, 'answered', attempt.summary())
  }
})

test('a URL that asks for a signature refuses who has none: denied, not an answer of the function', async (t) => {
  const { invoker } = await open(t, { urlAuth: 'none' })
  const attempt = await ask(invoker, { path: '/echo' })
  assert.equal(attempt.outcome, 'denied')
  assert.match(attempt.detail, /AccessDeniedException/)
})

test('a body above the limit is refused before it is sent', async (t) => {
  for (const urlAuth of ['iam', 'none'] as const) {
    const { invoker, platform } = await open(t, { urlAuth })
    const bodies = [Buffer.alloc(LIMIT + 1), new PassThrough()]
    for (const body of bodies) {
      const attempt = await ask(invoker, { method: 'POST', path: '/digest', body, bodyLength: LIMIT + 1 })
      assert.equal(attempt.outcome, 'too-large')
    }
    assert.equal(platform.requests, 0)
  }
})

test('a name that cannot be in a host is refused at load', async (t) => {
  const { invoker } = await open(t)
  invoker.check!(acmeFacts('abc123'))
  for (const name of ['a.b', 'a/b', '@evil', 'a:1', ''])
    assert.throws(() => invoker.check!(acmeFacts(name)), /Function URL/)
})

test('without signatures there is nothing to look after', () => {
  const open = lambdaOptions({ endpoint: null, url: 'https://x.example.com', urlAuth: 'none' })
  assert.equal(driver.operator!(open, operatorHost()), null)
})
