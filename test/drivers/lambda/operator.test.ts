import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startUpstream } from '../../e2e/upstream.ts'
import { acmeState } from '../deployment-facts.ts'
import { KEY } from '../lambda-platform.ts'
import { LambdaBackend, resulting } from './lambda-backend.ts'
import { environment, OWN, open } from './opened-operator.ts'

test('a backend without credentials is not ready, and says so', async (t) => {
  environment(t, { AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' })
  const { operator, announced, log } = await open(t, {})
  assert.deepEqual(announced, [])
  const { ready, detail } = await operator.probe()
  assert.deepEqual([ready, detail], [false, 'no credentials of AWS: CredentialsProviderError'])
  assert.equal(log.entries.length, 1)
  assert.deepEqual(await operator.inventory!(), [])
})

test('a probe needs no rights, but credentials that are known', async (t) => {
  const { endpoint, platform } = await LambdaBackend.open(t, {})
  const { operator } = await open(t, { endpoint, credentials: OWN })
  assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  platform.onlyInvoke = true
  assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  platform.key = { ...KEY, secretAccessKey: 'changed' }
  assert.match((await operator.probe()).detail, /answers 403 InvalidSignatureException/)
  platform.close()
  const gone = await operator.probe()
  assert.equal(gone.ready, false)
  assert.match(gone.detail, /GetAccountSettings failed/)
})

test('an emulator that does not know what a probe asks is there', async (t) => {
  const { url } = await startUpstream(
    t,
    (_request, response) => void response.writeHead(404).end('not found'),
  )
  const { operator } = await open(t, { endpoint: url, credentials: OWN })
  const detail = 'answers, and does not know GetAccountSettings'
  assert.deepEqual(await operator.probe(), { ready: true, detail })
})

test('a clock that is off is corrected for the control plane too', async (t) => {
  const { endpoint, platform } = await LambdaBackend.open(t, { f: resulting('1') })
  platform.skewMs = -7_200_000
  const { operator } = await open(t, { endpoint, credentials: OWN }, ['f'])
  assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  assert.equal((await operator.inventory!())[0]?.ready, true)
  const signed = await operator.api!.authorize(
    { method: 'GET', path: '/2015-03-31/functions/', headers: {}, body: null },
    AbortSignal.timeout(1000),
  )
  const theirs = new Date(Date.now() - 7_200_000).toISOString().replaceAll(/[-:]/g, '')
  assert.equal(signed['x-amz-date']!.slice(0, 11), theirs.slice(0, 11))
  platform.key = { ...KEY, accessKeyId: 'OTHER' }
  assert.match((await operator.probe()).detail, /answers 403/)
})

test('the inventory tells which functions are there and what they take', async (t) => {
  const { endpoint, platform } = await LambdaBackend.open(t, { free: resulting('1') })
  platform.deploy('few', { run: () => {}, reserved: 5 })
  platform.deploy('stopped', { run: () => {}, reserved: 0 })
  const names = ['free', 'few:live', 'stopped', 'gone']
  const { operator } = await open(t, { endpoint, credentials: OWN }, names)
  const state = (name: string, ready: boolean, limit: number | null) => acmeState(name, { ready, limit })
  const expected = [
    state('free', true, null),
    state('few:live', true, 5),
    state('stopped', false, null),
    state('gone', false, null),
  ]
  assert.deepEqual(await operator.inventory!(), expected)
  const { length } = platform.requests
  assert.deepEqual(await operator.inventory!(), expected)
  assert.equal(platform.requests.length, length, 'what is known is not asked again at once')
  platform.onlyInvoke = true
  const other = await open(t, { endpoint, credentials: OWN }, names)
  assert.deepEqual(await other.operator.inventory!(), [])
})
