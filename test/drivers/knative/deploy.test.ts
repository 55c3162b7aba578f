import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsAt, itemsOf } from '../../../drivers/support/kubernetes/fields.ts'
import type { PlatformRefusal } from '../../../gateway/contract/lifecycle.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { SERVICES } from '../kubernetes/knative-controller.ts'
import type { StoredObject } from '../kubernetes/object-store.ts'
import { serviceObject } from '../kubernetes/service-object.ts'
import { refusal } from '../refusal.ts'
import { openKnative, orderOf } from './cluster-operator.ts'

const signal = () => AbortSignal.timeout(20_000)
const containerOf = (object: StoredObject) =>
  itemsOf(fieldsAt(object, 'spec', 'template', 'spec')['containers'])[0] as Record<string, unknown>
const scaleOf = (object: StoredObject) => {
  const annotations = fieldsAt(object, 'spec', 'template', 'metadata', 'annotations')
  return ['min', 'max'].map((bound) => annotations[`autoscaling.knative.dev/${bound}-scale`])
}

test('a function is created, changed and removed, and every step on the way is told', async (t) => {
  const { api, deploy, lifecycle } = await openKnative(t)
  const created = await deploy(
    orderOf('hello', 'registry/hello:1', {
      environment: { GREETING: 'hi', EMPTY: '' },
      labels: { team: 'blue' },
      memoryBytes: 268_435_456,
      cpuMillis: 250,
      gpus: 1,
      concurrency: 10,
      minReplicas: 1,
      maxReplicas: 5,
      timeoutMs: 1500,
    }),
  )
  assert.equal(created.result, 'created')
  assert.deepEqual(created.steps.at(-1), { ready: 1, wanted: 1, detail: 'hello-00001 serves' })
  assert.ok(created.steps.some(({ ready, wanted }) => ready === 0 && wanted === 1))
  const service = api.objects.get(SERVICES, 'hello')
  assert.deepEqual(service.metadata.labels, { team: 'blue' })
  assert.deepEqual(containerOf(service), {
    image: 'registry/hello:1',
    env: [
      { name: 'GREETING', value: 'hi' },
      { name: 'EMPTY', value: '' },
    ],
    resources: {
      requests: { memory: '268435456', cpu: '250m' },
      limits: { memory: '268435456', cpu: '250m', 'nvidia.com/gpu': '1' },
    },
  })
  const { containerConcurrency, timeoutSeconds } = fieldsAt(service, 'spec', 'template', 'spec')
  assert.deepEqual([containerConcurrency, timeoutSeconds, scaleOf(service)], [10, 2, ['1', '5']])
  assert.deepEqual(await lifecycle.list(signal()), [
    {
      name: 'hello',
      ready: true,
      replicas: 1,
      limit: 50,
      source: 'registry/hello:1',
      labels: { team: 'blue' },
    },
  ])

  const updated = await deploy(orderOf('hello', 'registry/hello:2'))
  assert.equal(updated.result, 'updated')
  assert.equal(updated.steps.at(-1)!.detail, 'hello-00002 serves')
  const second = api.objects.get(SERVICES, 'hello')
  assert.deepEqual(second.metadata.labels, {})
  assert.deepEqual(containerOf(second), {
    image: 'registry/hello:2',
    env: [],
    resources: { requests: {}, limits: {} },
  })
  assert.deepEqual(scaleOf(second), [undefined, undefined])

  await lifecycle.remove(acmeFacts('hello'), signal())
  assert.deepEqual(await lifecycle.list(signal()), [])
  await assert.rejects(
    lifecycle.remove(acmeFacts('hello'), signal()),
    refusal('not-found', /^services\.serving\.knative\.dev "hello" not found$/),
  )
})

test('an image that was replaced under its name is run by the same order', async (t) => {
  const { deploy } = await openKnative(t)
  const order = orderOf('hello', 'registry/hello:latest')
  await deploy(order)
  assert.equal((await deploy(order)).steps.at(-1)!.detail, 'hello-00002 serves')
})

test('what an order cannot say stays as others set it', async (t) => {
  const { api, deploy, controller } = await openKnative(t)
  const secret = { name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }
  const container = {
    name: 'main',
    image: 'old',
    ports: [{ name: 'h2c', containerPort: 9000 }],
    readinessProbe: { httpGet: { path: '/ready' } },
    env: [{ name: 'OLD', value: '1' }, secret, { name: 'BOTH', valueFrom: {} }],
    resources: { limits: { memory: '1Gi', 'ephemeral-storage': '1Gi' } },
  }
  const sidecar = { name: 'proxy', image: 'proxy' }
  const made = serviceObject('f', { labels: { app: 'theirs' } })
  const template = {
    metadata: { name: 'f-mine', annotations: { 'autoscaling.knative.dev/class': 'kpa' } },
    spec: { serviceAccountName: 'reader', containers: [container, sidecar], timeoutSeconds: 5 },
  }
  api.objects.create(SERVICES, { ...made, spec: { template } })
  controller.settle()
  const { result } = await deploy(
    orderOf('f', 'new', { environment: { BOTH: 'now' }, labels: { ours: 'a' } }),
  )
  assert.equal(result, 'updated')
  const after = api.objects.get(SERVICES, 'f')
  assert.deepEqual(after.metadata.labels, { app: 'theirs', ours: 'a' })
  const { spec, metadata } = fieldsAt(after, 'spec', 'template') as Record<string, Record<string, unknown>>
  assert.deepEqual(spec, {
    serviceAccountName: 'reader',
    containers: [
      {
        ...container,
        image: 'new',
        env: [{ name: 'BOTH', value: 'now' }, secret],
        resources: { requests: {}, limits: { 'ephemeral-storage': '1Gi' } },
      },
      sidecar,
    ],
  })
  assert.equal(metadata!['name'], undefined, 'a name is for one revision')
  assert.equal(fieldsAt(metadata, 'annotations')['autoscaling.knative.dev/class'], 'kpa')
})

test('a revision that fails ends the deployment with the reason of the platform', async (t) => {
  const { deploy, controller } = await openKnative(t)
  const cases: [string, string, string][] = [
    [
      'ContainerMissing',
      'Unable to fetch image "nope": failed to resolve image to digest: not found',
      'ContainerMissing: Unable to fetch image "nope": failed to resolve image to digest: not found',
    ],
    [
      'ExitCode1',
      'Container failed with: panic\n\tat main',
      'ExitCode1: Container failed with: panic at main',
    ],
    ['ImagePullBackOff', 'Back-off pulling image "x"', 'ImagePullBackOff: Back-off pulling image "x"'],
  ]
  await Promise.all(
    cases.map(async ([reason, message, said], i) => {
      controller.fates.set(`bad-${i}`, { failure: { reason, message }, replicas: 0 })
      await assert.rejects(deploy(orderOf(`f${i}`, `bad-${i}`)), (error: PlatformRefusal) => {
        assert.deepEqual([error.kind, error.message], ['failed', said])
        return true
      })
    }),
  )
})

test('a service whose calls somebody sent to a revision is not said to be deployed', async (t) => {
  const { api, deploy, controller } = await openKnative(t)
  const traffic = [{ revisionName: 'f-00001', percent: 100 }]
  api.objects.create(SERVICES, serviceObject('f', { traffic }))
  controller.settle()
  await assert.rejects(
    deploy(orderOf('f', 'new')),
    refusal('failed', /^f-00002 is ready, but the calls of f go to f-00001: its `spec\.traffic` says so$/),
  )
})

test('what the platform cannot run is refused before it is asked', async (t) => {
  const { api, lifecycle } = await openKnative(t)
  const refuses = async (order: Parameters<typeof lifecycle.deploy>[0], message: RegExp) => {
    const deploying = lifecycle.deploy(order, () => {}, signal())
    await assert.rejects(deploying, refusal('unsupported', message))
  }
  await refuses(orderOf('f', '', { image: null, folder: '/code' }), /container images, not folders/)
  await refuses(orderOf('f', 'i', { runtime: 'nodejs' }), /a runtime/)
  await refuses(orderOf('f@next', 'i'), /f@next is a tag/)
  for (const asked of [
    lifecycle.remove(acmeFacts('f@next'), signal()),
    lifecycle.scale(acmeFacts('f@next'), 1, signal()),
  ]) {
    await assert.rejects(asked, refusal('unsupported', /is a tag/))
  }
  assert.deepEqual(api.asked, [])
})

test('what the API refuses is told in its words', async (t) => {
  const { api, lifecycle } = await openKnative(t)
  const labelled = orderOf('f', 'i', { labels: { team: 'not good!' } })
  await assert.rejects(
    lifecycle.deploy(labelled, () => {}, signal()),
    refusal('invalid', /metadata\.labels: Invalid value: "not good!"/),
  )
  api.denied.add('dispatch')
  await assert.rejects(lifecycle.list(signal()), refusal('denied', /cannot list resource "services"/))
})

test('a deployment that nobody waits for any more goes on by itself', async (t) => {
  const { api, lifecycle } = await openKnative(t)
  const left = new AbortController()
  const deploying = lifecycle.deploy(orderOf('f', 'i'), () => left.abort(), left.signal)
  await assert.rejects(deploying, { name: 'AbortError' })
  assert.equal(api.objects.all(SERVICES).length, 1)
})

test('an API that is away for a moment does not end a deployment', async (t) => {
  const { api, deploy, controller } = await openKnative(t)
  let gone = 0
  api.cut = (request) => request.method === 'GET' && api.objects.all(SERVICES).length > 0 && gone++ < 3
  const { result, steps } = await deploy(orderOf('f', 'i'))
  assert.equal(result, 'created')
  assert.ok(steps.some(({ detail }) => detail.startsWith('the API of Kubernetes cannot be reached')))
  controller.settle()
})

test('scaling sets the least number of replicas, and raises the greatest only where it would contradict', async (t) => {
  const { api, lifecycle, controller } = await openKnative(t)
  const annotations = { 'autoscaling.knative.dev/maxScale': '3', 'autoscaling.knative.dev/target': '7' }
  api.objects.create(SERVICES, serviceObject('f', { annotations }))
  api.objects.create(SERVICES, serviceObject('open'))
  controller.settle()
  const scaled = async (name: string, replicas: number) => {
    await lifecycle.scale(acmeFacts(name), replicas, signal())
    return scaleOf(api.objects.get(SERVICES, name))
  }
  assert.deepEqual(await scaled('f', 2), ['2', '3'])
  assert.deepEqual(await scaled('f', 5), ['5', '5'])
  assert.deepEqual(await scaled('f', 0), ['0', '5'])
  assert.deepEqual(await scaled('open', 4), ['4', undefined])
  const kept = fieldsAt(api.objects.get(SERVICES, 'f'), 'spec', 'template', 'metadata', 'annotations')
  assert.equal(kept['autoscaling.knative.dev/target'], '7')
  await assert.rejects(lifecycle.scale(acmeFacts('x'), 1, signal()), refusal('not-found', /no service x/))
})
