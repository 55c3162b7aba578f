import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LentLambdaApi } from '../../../drivers/lambda/lent-api.ts'
import { RequestSigner } from '../../../drivers/lambda/signer.ts'
import { startUpstream } from '../../e2e/upstream.ts'
import { AUTHORIZED, hostWith, lifecycleWith, openPort } from '../../gateway/management/support.ts'
import { CONNECTION } from '../driver-hosts.ts'
import { refusedSignature } from '../lambda-signature.ts'

const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG', sessionToken: 'token==' }

test('requests to the API of Lambda are signed by the gateway, body and query included', async (t) => {
  const refusals: (string | null)[] = []
  const upstream = await startUpstream(t, ({ method, target, rawHeaders, body }, response) => {
    refusals.push(refusedSignature({ method, target, rawHeaders, body }, KEY, 'eu-west-1', Date.now()))
    response.end(JSON.stringify({ target, size: body.length }))
  })
  const api = new LentLambdaApi(upstream.url, new RequestSigner('eu-west-1'), CONNECTION, () => KEY)
  const { ask } = await openPort(t, hostWith({ lifecycle: lifecycleWith({ api: () => api }) }))
  const base = '/v1/backends/cloud/api'
  const headers = { ...AUTHORIZED, 'x-amz-date': '20200101T000000Z', 'x-amz-security-token': 'theirs' }
  const listed = await ask(`${base}/2015-03-31/functions/?MaxItems=10&Marker=a%2Fb+c&Empty`, { headers })
  assert.equal(listed.status, 200)
  const arn = 'arn:aws:lambda:eu-west-1:1:function:f'
  const sent = await ask(`${base}/2015-03-31/functions/${encodeURIComponent(arn)}/code`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json', 'x-amz-tenant-id': 'acme' },
    body: JSON.stringify({ ZipFile: 'x'.repeat(2_000_000) }),
  })
  assert.equal(sent.status, 200)
  assert.equal((await ask(`${base}/2015-03-31/functions/f`, { method: 'DELETE', headers })).status, 200)
  assert.deepEqual(refusals, [null, null, null])
  assert.equal(upstream.seen[1]!.headers['x-amz-tenant-id'], 'acme')
})

test('without credentials of AWS nothing is asked, and the reason is told', async (t) => {
  const upstream = await startUpstream(t)
  const api = new LentLambdaApi(upstream.url, new RequestSigner('eu-west-1'), CONNECTION, () => {
    throw new Error('there are no credentials of AWS: not yet')
  })
  const { ask } = await openPort(t, hostWith({ lifecycle: lifecycleWith({ api: () => api }) }))
  const refused = await ask('/v1/backends/cloud/api/x', { headers: AUTHORIZED })
  assert.deepEqual(
    [refused.status, refused.json()['detail']],
    [502, 'there are no credentials of AWS: not yet'],
  )
  assert.equal(upstream.heads, 0)
})
