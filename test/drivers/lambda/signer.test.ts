import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SignatureV4 } from '@smithy/signature-v4'
import { type AwsCredentials, RequestSigner } from '../../../drivers/lambda/signer.ts'
import { refusedSignature } from '../lambda-signature.ts'
import { Sha256 } from './sdk-sha256.ts'

const NOW = Date.parse('2026-11-22T09:51:48Z')
const KEY: AwsCredentials = { accessKeyId: 'AKID', secretAccessKey: 'SECRET', sessionToken: 'TOKEN' }

interface Sample {
  readonly path: string
  readonly query?: readonly (readonly [string, string])[]
  readonly headers?: readonly string[]
  readonly body?: string
  readonly method?: string
}

const SAMPLES: readonly Sample[] = [
  { path: '/2015-03-31/functions/ok/invocations', body: '{"a":1}' },
  { path: '/2015-03-31/functions/ok/invocations', query: [['Qualifier', 'live']], body: '{"a":1}' },
  {
    path: '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aok%3Alive/invocations',
  },
  { path: '/2015-03-31/functions/ok%3A%24LATEST/invocations', body: 'é\u0000' },
  { path: '/', method: 'GET' },
  {
    path: "/a%20b/%C3%A9/c-d_e.f~g/(x)!'*",
    query: [
      ['b', '2'],
      ['a', 'x y/+&='],
      ['é', ''],
      ['a-b', '*'],
    ],
    method: 'PUT',
  },
  { path: '/x', headers: ['x-amz-tenant-id', 'a  tenant ', 'x-amz-log-type', 'Tail', 'x-other', 'unsigned'] },
]

function fieldsOf({ headers = [] }: Sample): string[] {
  return ['host', 'h.example.com', 'content-type', 'application/octet-stream', ...headers]
}

async function byTheSdk(sample: Sample, key: AwsCredentials): Promise<string> {
  const { accessKeyId, secretAccessKey, sessionToken } = key
  const signer = new SignatureV4({
    service: 'lambda',
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== null && { sessionToken }) },
    sha256: Sha256,
  })
  const fields = fieldsOf(sample)
  const headers: Record<string, string> = {}
  for (let i = 0; i < fields.length; i += 2) headers[fields[i]!] = fields[i + 1]!
  const signed = await signer.sign(
    {
      method: sample.method ?? 'POST',
      protocol: 'https:',
      hostname: 'h.example.com',
      path: sample.path,
      query: Object.fromEntries(sample.query ?? []),
      headers,
      body: sample.body === undefined ? undefined : Buffer.from(sample.body),
    },
    { signingDate: new Date(NOW), unsignableHeaders: new Set(['x-other']) },
  )
  return signed.headers['authorization']!
}

function byOurs(sample: Sample, key: AwsCredentials): string[] {
  const headers = fieldsOf(sample)
  const query = (sample.query ?? []).map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
  new RequestSigner('us-east-1').sign(
    {
      method: sample.method ?? 'POST',
      path: sample.path,
      query,
      headers,
      body: sample.body === undefined ? null : Buffer.from(sample.body),
    },
    key,
    NOW,
  )
  return headers
}

test('signatures are those of the AWS SDK, with and without a session', async () => {
  for (const key of [KEY, { ...KEY, sessionToken: null }]) {
    for (const sample of SAMPLES) {
      assert.equal(byOurs(sample, key).at(-1), await byTheSdk(sample, key), JSON.stringify(sample))
    }
  }
})

test('signatures hold before a verifier that knows neither', () => {
  for (const sample of SAMPLES) {
    const query = (sample.query ?? []).map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
    const request = {
      method: sample.method ?? 'POST',
      target: query === '' ? sample.path : `${sample.path}?${query}`,
      rawHeaders: byOurs(sample, KEY),
      body: Buffer.from(sample.body ?? ''),
    }
    assert.equal(refusedSignature(request, KEY, 'us-east-1', NOW), null, JSON.stringify(sample))
    const changed = { ...request, body: Buffer.from('other') }
    assert.notEqual(refusedSignature(changed, KEY, 'us-east-1', NOW), null)
    assert.notEqual(refusedSignature({ ...request, target: '/other' }, KEY, 'us-east-1', NOW), null)
  }
})

test('the verifier accepts what the AWS SDK was recorded to send', () => {
  const sdk = {
    method: 'POST',
    target: '/2015-03-31/functions/ok/invocations?Qualifier=live',
    rawHeaders: [
      ['x-amz-invocation-type', 'RequestResponse'],
      ['x-amz-log-type', 'Tail'],
      ['x-amz-client-context', 'eyJjdXN0b20iOnt9fQ=='],
      ['x-amz-tenant-id', 'tenant-1'],
      ['content-type', 'application/octet-stream'],
      ['content-length', '7'],
      ['x-amz-user-agent', 'aws-sdk-js/3.1161.0'],
      ['host', '127.0.0.1:28701'],
      ['amz-sdk-invocation-id', 'eda0f3af-1f33-4fed-afb7-ebc1624ba21f'],
      ['amz-sdk-request', 'attempt=1; max=2'],
      ['x-amz-date', '20261122T095148Z'],
      ['x-amz-security-token', 'TOKEN'],
      ['x-amz-content-sha256', '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862'],
      [
        'authorization',
        'AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/lambda/aws4_request, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-client-context;x-amz-content-sha256;x-amz-date;x-amz-invocation-type;x-amz-log-type;x-amz-security-token;x-amz-tenant-id;x-amz-user-agent, Signature=210989e6cedaa5147c766259bff972fcad3585b739b29f2a21f12df42f2d30de',
      ],
    ].flat(),
    body: Buffer.from('{"a":1}'),
  }
  assert.equal(refusedSignature(sdk, KEY, 'us-east-1', NOW), null)
})

test('a key is derived anew when the day or the credentials change', () => {
  const signer = new RequestSigner('us-east-1')
  const authorize = (key: AwsCredentials, now: number) => {
    const headers = ['host', 'h']
    signer.sign({ method: 'GET', path: '/', query: '', headers, body: null }, key, now)
    return refusedSignature(
      { method: 'GET', target: '/', rawHeaders: headers, body: Buffer.alloc(0) },
      key,
      'us-east-1',
      now + signer.skewMs,
    )
  }
  const other = { ...KEY, secretAccessKey: 'OTHER' }
  assert.equal(authorize(KEY, NOW), null)
  assert.equal(authorize(other, NOW), null)
  assert.equal(authorize(other, NOW + 86_400_000), null)
  signer.skewMs = 7_200_000
  assert.equal(authorize(KEY, NOW), null)
})
