import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { driver } from '../../../drivers/openfaas.ts'
import type { Operator } from '../../../gateway/contract/driver.ts'
import { openSilence } from '../../loopback.ts'
import { acmeFacts, acmeState } from '../deployment-facts.ts'
import { KeptLog, openFaasOptions, operatorHost } from '../driver-hosts.ts'
import { type AdministrationOptions, AdministrationServer } from './administration-server.ts'

const state = (name: string, replicas: number | null, limit: number | null = null, ready = true) =>
  acmeState(name, { ready, replicas, limit })

interface Parts {
  readonly platform?: AdministrationOptions
  readonly options?: Partial<Parameters<typeof openFaasOptions>[0]>
  readonly deployments?: readonly string[]
}

async function looking(
  t: TestContext,
  { platform = {}, options = {}, deployments = [] }: Parts,
): Promise<{ server: AdministrationServer; operator: Operator; log: KeptLog }> {
  const server = new AdministrationServer(platform)
  const url = await server.listen()
  const log = new KeptLog()
  const operator = driver.operator!(
    openFaasOptions({ url: `${url}/`, ...options }),
    operatorHost({ deployments: deployments.map(acmeFacts), log }),
  )!
  t.after(async () => {
    await operator.close()
    server.close()
  })
  await operator.open()
  return { server, operator, log }
}

test('the probe tells whether the gateway of the platform is healthy', async (t) => {
  const { server, operator } = await looking(t, {})
  assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  server.close()
  const probe = await operator.probe()
  assert.equal(probe.ready, false)
  assert.match(probe.detail, /^GET \/healthz failed: ECONNREFUSED$/)
})

test('the inventory tells what runs, what sleeps and what is gone, with one request', async (t) => {
  const { server, operator } = await looking(t, { deployments: ['runs', 'sleeps', 'runs'] })
  server.functions = [
    { name: 'runs', availableReplicas: 3, envVars: { max_inflight: '5' } },
    { name: 'sleeps', envVars: { max_inflight: '5' } },
    { name: 'of-somebody-else', availableReplicas: 1 },
  ]
  const runs = state('runs', 3, 15)
  assert.deepEqual(await operator.inventory!(), [runs, state('sleeps', 0, 5), runs])
  assert.deepEqual(server.asked, ['/system/functions'])
  await operator.update!([acmeFacts('runs'), acmeFacts('gone')])
  assert.deepEqual(await operator.inventory!(), [runs, state('gone', null, null, false)])
  assert.deepEqual(server.asked.slice(1), ['/system/functions', '/system/function/gone'])
})

test('namespaces are those of the configuration, or of the name', async (t) => {
  const listed = [
    { name: 'f', namespace: 'blue', availableReplicas: 1 },
    { name: 'f', availableReplicas: 2 },
  ]
  const plain = await looking(t, { deployments: ['f', 'f.blue'] })
  plain.server.functions = listed
  assert.deepEqual(await plain.operator.inventory!(), [state('f', 2), state('f.blue', 1)])
  const blue = await looking(t, { deployments: ['f'], options: { namespace: 'blue' } })
  blue.server.functions = listed
  assert.deepEqual(await blue.operator.inventory!(), [state('f', 1)])
})

test('where the list crashes the platform, functions are asked for one by one', async (t) => {
  const { server, operator } = await looking(t, { deployments: ['f', 'g'], platform: { listCrashes: true } })
  server.functions = [{ name: 'f', availableReplicas: 1 }]
  assert.deepEqual(await operator.inventory!(), [state('f', 1), state('g', null, null, false)])
})

test('a platform that tells administrators only is asked with the credential', async (t) => {
  const administrator = { user: 'admin', password: 'pässword' }
  const { server, operator } = await looking(t, {
    deployments: ['f'],
    platform: { administrator },
    options: { administrator },
  })
  server.functions = [{ name: 'f', availableReplicas: 1 }]
  assert.deepEqual(await operator.inventory!(), [state('f', 1)])
})

test('a platform that refuses the credential is a complaint that does not show it', async (t) => {
  const { operator } = await looking(t, {
    deployments: ['f'],
    platform: { administrator: { user: 'admin', password: 'right' } },
    options: { administrator: { user: 'admin', password: 'wrong' } },
  })
  await assert.rejects(operator.inventory!(), { message: 'the platform refuses the administrator' })
})

test('without a credential a platform that wants one is asked once, and left alone', async (t) => {
  const { server, operator, log } = await looking(t, {
    deployments: ['f'],
    platform: { administrator: { user: 'admin', password: 'right' } },
  })
  for (let i = 0; i < 3; i++) assert.deepEqual(await operator.inventory!(), [])
  assert.equal(server.asked.length, 1)
  assert.equal(log.entries.length, 1)
})

test('whatever a platform lists, the inventory holds only what can be true', async (t) => {
  const odd = [
    { name: 'f', availableReplicas: -1, envVars: { max_inflight: '1e9' } },
    { name: 'g', availableReplicas: '3', envVars: ['5'] },
    { name: 'h', availableReplicas: 1, envVars: { max_inflight: '0' } },
    { name: 7 },
    null,
    'text',
    ['f'],
  ]
  const deployments = ['f', 'g', 'h', '__proto__', 'constructor']
  const { operator } = await looking(t, { deployments, platform: { list: JSON.stringify(odd) } })
  assert.deepEqual(await operator.inventory!(), [
    state('f', null),
    state('g', null),
    state('h', 1),
    state('__proto__', null, null, false),
    state('constructor', null, null, false),
  ])
  for (const list of ['{}', 'not json', 'null']) {
    const { operator } = await looking(t, { deployments: ['f'], platform: { list } })
    assert.deepEqual(await operator.inventory!(), [state('f', null, null, false)], list)
  }
})

test('a list without end is cut off', async (t) => {
  const list = `[${'{"name":"x"},'.repeat(1_000_000)}{"name":"f"}]`
  const { operator, server } = await looking(t, { deployments: ['f'], platform: { list } })
  server.functions = [{ name: 'f', availableReplicas: 1 }]
  assert.deepEqual(await operator.inventory!(), [state('f', 1)])
})

test('a platform that is not there has no inventory', async (t) => {
  const { server, operator } = await looking(t, { deployments: ['f'] })
  server.close()
  await assert.rejects(operator.inventory!(), { message: 'the inventory failed: ECONNREFUSED' })
})

test('a platform that never answers is given up when nobody waits any more', async (t) => {
  const url = `http://127.0.0.1:${await openSilence(t)}`
  const { operator } = await looking(t, { deployments: ['f'], options: { url } })
  await assert.rejects(operator.inventory!(AbortSignal.timeout(50)), {
    message: 'the inventory failed: no answer in time',
  })
  assert.deepEqual(await operator.probe(AbortSignal.timeout(50)), {
    ready: false,
    detail: 'GET /healthz failed: no answer in time',
  })
})
