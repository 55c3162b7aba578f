import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { driver } from '../../../drivers/riff.ts'
import type { Operator } from '../../../gateway/contract/driver.ts'
import type { DeployOrder, DeployProgress, Lifecycle } from '../../../gateway/contract/lifecycle.ts'
import { acmeFacts, acmeState } from '../deployment-facts.ts'
import { operatorHost, riffOptions } from '../driver-hosts.ts'
import { orderOf } from '../knative/cluster-operator.ts'
import { type Cluster, openCluster } from '../kubernetes/cluster.ts'
import { PodLog } from '../kubernetes/pod-log.ts'
import { DEPLOYMENTS, FUNCTIONS, RiffController, TOPICS } from '../kubernetes/riff-controller.ts'
import { openOperator } from '../open-driver.ts'

const PODS = { group: '', version: 'v1', namespace: 'default', plural: 'pods' }
const signal = () => AbortSignal.timeout(20_000)

const riffObject = (kind: string, name: string, spec: object = {}) => ({
  apiVersion: 'projectriff.io/v1alpha1',
  kind,
  metadata: { name },
  spec,
})

interface Riff extends Cluster {
  readonly operator: Operator
  readonly lifecycle: Required<Omit<Lifecycle, 'scale' | 'listedAs'>>
  readonly controller: RiffController
  deploy(order: DeployOrder): Promise<{ result: string; steps: DeployProgress[] }>
}

async function openRiff(
  t: TestContext,
  deployments: readonly string[] = [],
  options: Partial<Parameters<typeof riffOptions>[0]> = {},
  groups = ['projectriff.io', 'apps'],
): Promise<Riff> {
  const cluster = await openCluster(t, groups)
  const kubernetes = { kubeconfig: cluster.kubeconfig, context: null, inCluster: false }
  const host = operatorHost({ deployments: deployments.map(acmeFacts) })
  const complete = riffOptions({ url: 'http://127.0.0.1:1/', kubernetes, ...options })
  const operator = await openOperator(t, driver, complete, host)
  const lifecycle = operator.lifecycle as Riff['lifecycle']
  const controller = new RiffController(cluster.api)
  const deploy = async (order: DeployOrder) => {
    controller.run()
    const steps: DeployProgress[] = []
    return { result: await lifecycle.deploy(order, (step) => steps.push(step), signal()), steps }
  }
  return { ...cluster, operator, lifecycle, controller, deploy }
}

const state = (name: string, ready: boolean, replicas: number | null) => acmeState(name, { ready, replicas })

test('a topic is there when a function reads it, asleep when that has no pods', async (t) => {
  const names = ['greet', 'sleeps', 'unread', 'gone']
  const { api, operator, controller } = await openRiff(t, names)
  for (const name of ['greet', 'sleeps', 'unread']) api.objects.create(TOPICS, riffObject('Topic', name))
  const container = { image: 'i' }
  api.objects.create(FUNCTIONS, riffObject('Function', 'greeter', { input: 'greet', container }))
  api.objects.create(FUNCTIONS, riffObject('Function', 'sleeps', { input: 'sleeps', container }))
  api.objects.create(FUNCTIONS, riffObject('Function', 'orphan', { input: 'gone', container }))
  controller.step()
  controller.scale('greeter', 2)
  assert.deepEqual(await operator.inventory!(), [
    state('greet', true, 2),
    state('sleeps', true, 0),
    state('unread', false, null),
    state('gone', false, null),
  ])
})

test('a message that nobody waits for needs only its topic', async (t) => {
  const { api, operator } = await openRiff(t, ['unread', 'gone'], { exchange: 'messages' })
  api.objects.create(TOPICS, riffObject('Topic', 'unread'))
  assert.deepEqual(await operator.inventory!(), [state('unread', true, null), state('gone', false, null)])
})

test('a function is created with its topic, changed and removed', async (t) => {
  const { api, deploy, lifecycle, controller } = await openRiff(t)
  const order = { environment: { A: '1' }, labels: { team: 'blue' }, memoryBytes: 1000, maxReplicas: 3 }
  const created = await deploy(orderOf('greet', 'greeter:1', order))
  assert.equal(created.result, 'created')
  assert.deepEqual(created.steps.at(-1), { ready: 0, wanted: 0, detail: 'it starts with the first message' })
  const made = api.objects.get(FUNCTIONS, 'greet')
  const [, mark] = (made.spec as { container: { env: object[] } }).container.env
  assert.deepEqual(made.spec, {
    protocol: 'http',
    input: 'greet',
    maxReplicas: 3,
    container: {
      image: 'greeter:1',
      env: [{ name: 'A', value: '1' }, mark],
      resources: { requests: { memory: '1000' }, limits: { memory: '1000' } },
    },
  })
  controller.scale('greet', 2)
  assert.deepEqual(await lifecycle.list(signal()), [
    { name: 'greet', ready: true, replicas: 2, limit: null, source: 'greeter:1', labels: { team: 'blue' } },
  ])
  const [before] = api.objects.all(DEPLOYMENTS)
  const updated = await deploy(orderOf('greet', 'greeter:1'))
  assert.notDeepEqual(api.objects.all(DEPLOYMENTS)[0]!.spec, before!.spec, 'also the same image is run anew')
  assert.equal(updated.result, 'updated')
  assert.deepEqual(updated.steps.at(-1), { ready: 2, wanted: 2, detail: 'its pods are ready' })
  await lifecycle.remove(acmeFacts('greet'), signal())
  assert.deepEqual([api.objects.all(FUNCTIONS), api.objects.all(TOPICS)], [[], []])
  await assert.rejects(lifecycle.remove(acmeFacts('greet'), signal()), {
    kind: 'not-found',
    message: 'no function reads the topic greet',
  })
})

test('a function that others made of the same topic is the one that is changed; its topic stays', async (t) => {
  const { api, deploy, lifecycle } = await openRiff(t)
  api.objects.create(TOPICS, riffObject('Topic', 'greet', { partitions: 3 }))
  const spec = { protocol: 'grpc', input: 'greet', windowing: { size: 2 }, container: { image: 'a' } }
  api.objects.create(FUNCTIONS, riffObject('Function', 'greeter', spec))
  assert.equal((await deploy(orderOf('greet', 'b'))).result, 'updated')
  const { protocol, windowing } = api.objects.get(FUNCTIONS, 'greeter').spec as Record<string, unknown>
  assert.deepEqual([protocol, windowing], ['grpc', { size: 2 }])
  await lifecycle.remove(acmeFacts('greet'), signal())
  assert.equal(api.objects.all(TOPICS).length, 1)
})

test('pods that do not come up end the deployment with what they say', async (t) => {
  const { api, deploy, lifecycle, controller } = await openRiff(t)
  await deploy(orderOf('greet', 'a'))
  controller.scale('greet', 1)
  const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "nope"' }
  const pod = { metadata: { name: 'greet-1', labels: { function: 'greet' } }, spec: {} }
  const placed = api.objects.create(PODS, pod)
  const status = { containerStatuses: [{ name: 'main', state: { waiting } }] }
  api.objects.replace(PODS, 'greet-1', { ...placed, status }, true)
  const stuck = () => controller.status('greet', { replicas: 2, updatedReplicas: 1, readyReplicas: 1 })
  api.answered = () => {
    controller.step()
    stuck()
  }
  const order = orderOf('greet', 'nope')
  const progress: DeployProgress[] = []
  const deploying = lifecycle.deploy(order, (step) => progress.push(step), signal())
  await assert.rejects(deploying, {
    kind: 'failed',
    message: 'ImagePullBackOff: Back-off pulling image "nope"',
  })
  assert.ok(progress.some(({ detail }) => detail.startsWith('ImagePullBackOff')))
})

test('what riff has no way to do is refused with what that is', async (t) => {
  const { api, operator, lifecycle } = await openRiff(t)
  assert.equal(operator.lifecycle!.scale, undefined)
  const refused: [DeployOrder, RegExp][] = [
    [orderOf('f', 'i', { minReplicas: 1 }), /riff 0\.0 cannot give a function a least number of replicas/],
    [orderOf('f', 'i', { concurrency: 1, timeoutMs: 1 }), /a concurrency, nor a time-out/],
    [orderOf('f', '', { image: null, folder: '/code' }), /container images, not folders/],
  ]
  for (const [order, message] of refused) {
    await assert.rejects(
      lifecycle.deploy(order, () => {}, signal()),
      { kind: 'unsupported', message },
    )
  }
  assert.deepEqual(api.asked, [])
  for (const name of ['a', 'b']) {
    api.objects.create(
      FUNCTIONS,
      riffObject('Function', name, { input: 'shared', container: { image: 'i' } }),
    )
  }
  await assert.rejects(lifecycle.remove(acmeFacts('shared'), signal()), {
    kind: 'unsupported',
    message: 'several functions read the topic shared: a, b',
  })
})

test('the logs are those of the function, not of what feeds it', async (t) => {
  const { api, deploy, lifecycle } = await openRiff(t)
  await deploy(orderOf('greet', 'a'))
  const containers = [{ name: 'sidecar' }, { name: 'main' }]
  const pod = { metadata: { name: 'greet-1', labels: { function: 'greet' } }, spec: { containers } }
  api.objects.create(PODS, pod)
  const log = new PodLog()
  api.logs.set('greet-1', log)
  log.write('2026-11-22T10:00:01.000000000Z', 'hello')
  const texts: string[] = []
  const wanted = { follow: false, tail: null, sinceMs: null }
  for await (const { text } of lifecycle.logs(acmeFacts('greet'), wanted, signal())) texts.push(text)
  assert.deepEqual(texts, ['hello'])
  assert.match(log.queries[0]!, /^container=main&/)
})

test('a cluster without riff is told from one without the topic', async (t) => {
  const { operator } = await openRiff(t, ['f'], {}, ['apps'])
  await assert.rejects(operator.inventory!(), /the cluster has no riff 0\.0/)
})
