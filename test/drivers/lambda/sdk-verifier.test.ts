import assert from 'node:assert/strict'
import http, { type IncomingMessage } from 'node:http'
import { type TestContext, test } from 'node:test'
import { SignatureV4 } from '@smithy/signature-v4'
import { credentialSourceOf } from '../../../drivers/lambda/facts.ts'
import type { LambdaOptions } from '../../../drivers/lambda/options.ts'
import { driver } from '../../../drivers/lambda.ts'
import { TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { listen, shut } from '../../loopback.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { invokerHost, lambdaOptions } from '../driver-hosts.ts'
import { invokeComplete, payloadChunk } from '../lambda-frames.ts'
import { Sha256 } from './sdk-sha256.ts'

const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/key+', sessionToken: 'token=/+' }
const REGION = 'eu-central-1'

/** Signs what came as the SDK would, with the names and the time that were signed: the same signature, or none of AWS's. */
async function isSigned({ method, url, headers }: IncomingMessage, body: Buffer): Promise<boolean> {
  const authorization = headers.authorization ?? ''
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? []
  const written = headers['x-amz-date'] as string
  const date = new Date(written.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  const [path = '', search = ''] = url!.split('?')
  const signed = Object.fromEntries(names.map((name) => [name, headers[name] as string]))
  const { 'x-amz-date': _, 'x-amz-security-token': __, 'x-amz-content-sha256': ___, ...given } = signed
  const signer = new SignatureV4({
    service: 'lambda',
    region: REGION,
    credentials: KEY,
    sha256: Sha256,
  })
  const query: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(search)) query[name] = [...(query[name] ?? []), value]
  const request = {
    method: method!,
    protocol: 'http:',
    hostname: headers.host!,
    path,
    query,
    headers: given,
    body,
  }
  const { headers: expected } = await signer.sign(request, { signingDate: date })
  return expected['authorization'] === authorization
}

/** A server that answers nothing but what the SDK could have sent. */
async function open(t: TestContext, options: Partial<LambdaOptions>, answer: Buffer | string) {
  const refused: string[] = []
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (await isSigned(request, Buffer.concat(chunks))) response.writeHead(200).end(answer)
    else {
      refused.push(request.url!)
      response.writeHead(403, { 'x-amzn-errortype': 'InvalidSignatureException' }).end('{}')
    }
  })
  const url = `http://127.0.0.1:${await listen(server)}`
  const where =
    options.url === undefined ? { endpoint: url } : { endpoint: null, url: `${url}${options.url}` }
  const complete = lambdaOptions({ ...options, ...where })
  const invoker = driver.invoker(complete, invokerHost())
  invoker.update!({ source: credentialSourceOf(complete), credentials: KEY, expiresAt: null })
  t.after(async () => {
    await invoker.close()
    shut(server)
  })
  return { invoker, refused }
}

test('every kind of invocation carries a signature that the AWS SDK makes of the same request', async (t) => {
  const arn = `arn:aws:lambda:${REGION}:123456789012:function:hello:live`
  const kinds: [Partial<LambdaOptions>, string, Buffer | string, string][] = [
    [{}, 'hello', '{"statusCode":200,"body":"ok"}', 'ok'],
    [{ payload: 'v1' }, arn, '{"statusCode":200,"body":"ok"}', 'ok'],
    [{ payload: 'raw', logTail: true }, 'hello:$LATEST', '"ok"', '"ok"'],
    [{ tenantIsolation: true }, 'hello', '{"statusCode":200,"body":"ok"}', 'ok'],
    [{ streaming: true }, arn, Buffer.concat([payloadChunk('ok'), invokeComplete()]), 'ok'],
    [{ url: '/base' }, 'hello', 'ok', 'ok'],
  ]
  for (const [options, name, answer, text] of kinds) {
    const { invoker, refused } = await open(t, options, answer)
    for (const asked of [
      { path: '/a%20b/c?x=1&y=%C3%A9&x=0&z' },
      {
        method: 'POST',
        path: '/',
        headers: ['content-type', 'application/json'],
        body: Buffer.from('{"é":1}'),
      },
      { method: 'PUT', path: '/~x/(1)', headers: ['x-amz-meta-own', 'a  b'], body: Buffer.alloc(3000, 0xff) },
    ]) {
      if (options.payload === 'raw' && asked.body?.[0] === 0xff) continue
      const attempt = await new TestAttempt(acmeFacts(name), asked).run(invoker).over()
      assert.deepEqual(
        [attempt.outcome, attempt.text],
        ['answered', text],
        `${name} ${asked.path}: ${attempt.detail}`,
      )
    }
    assert.deepEqual(refused, [])
  }
})
