import assert from 'node:assert/strict'
import { test } from 'node:test'
import { driver } from '../../../drivers/knative.ts'
import type { KubernetesOptions } from '../../../drivers/support/kubernetes/options.ts'
import { acmeFacts, acmeState } from '../deployment-facts.ts'
import { invokerHost, knativeOptions } from '../driver-hosts.ts'
import { SERVICES } from '../kubernetes/knative-controller.ts'
import { serviceObject } from '../kubernetes/service-object.ts'
import { openKnative } from './cluster-operator.ts'

const MAX_SCALE = { 'autoscaling.knative.dev/max-scale': '4' }

const state = (name: string, ready: boolean, replicas: number | null, limit: number | null = null) =>
  acmeState(name, { ready, replicas, limit })

test('the inventory tells what runs, what sleeps, what starts and what is gone, with two requests', async (t) => {
  const names = ['runs', 'sleeps', 'starts', 'gone', 'runs']
  const { api, operator, controller } = await openKnative(t, names)
  for (const name of ['runs', 'sleeps']) api.objects.create(SERVICES, serviceObject(name))
  controller.settle()
  controller.scale('runs-00001', 3)
  controller.scale('sleeps-00001', 0)
  api.objects.create(SERVICES, serviceObject('starts'))
  controller.step()
  assert.deepEqual(await operator.inventory!(), [
    state('runs', true, 3),
    state('sleeps', true, 0),
    state('starts', false, null),
    state('gone', false, null),
    state('runs', true, 3),
  ])
  assert.equal(api.asked.length, 2)
  await operator.update!([acmeFacts('sleeps')])
  assert.deepEqual(await operator.inventory!(), [state('sleeps', true, 0)])
})

test('the limit is that of all replicas that may run, also while none does; without either bound there is none', async (t) => {
  const names = ['bounded', 'concurrent', 'scaled']
  const { api, operator, controller } = await openKnative(t, names)
  api.objects.create(SERVICES, serviceObject('bounded', { annotations: MAX_SCALE, containerConcurrency: 10 }))
  api.objects.create(SERVICES, serviceObject('concurrent', { containerConcurrency: 10 }))
  api.objects.create(SERVICES, serviceObject('scaled', { annotations: MAX_SCALE, containerConcurrency: 0 }))
  controller.settle()
  controller.scale('bounded-00001', 0)
  assert.deepEqual(await operator.inventory!(), [
    state('bounded', true, 0, 40),
    state('concurrent', true, 1),
    state('scaled', true, 1),
  ])
})

test('a service whose new revision fails serves on with the one before', async (t) => {
  const { api, operator, controller, lifecycle } = await openKnative(t, ['f', 'never'])
  controller.fates.set('bad', { failure: { reason: 'ExitCode1', message: 'it broke' }, replicas: 0 })
  api.objects.create(SERVICES, serviceObject('f'))
  api.objects.create(SERVICES, serviceObject('never', { image: 'bad' }))
  controller.settle()
  const { metadata } = api.objects.get(SERVICES, 'f')
  api.objects.replace(SERVICES, 'f', { ...serviceObject('f', { image: 'bad' }), metadata }, false)
  controller.settle()
  assert.deepEqual(await operator.inventory!(), [state('f', true, 1), state('never', false, null)])
  const [f] = await lifecycle.list(AbortSignal.timeout(5000))
  assert.deepEqual([f!.ready, f!.source], [true, 'bad'])
  assert.deepEqual(
    ['f', 'f@next'].map((name) => lifecycle.listedAs(acmeFacts(name))),
    ['f', 'f'],
  )
})

test('calls that are split go by all revisions that get some, a tag by its own', async (t) => {
  const { api, operator, controller } = await openKnative(t, ['f', 'f@next', 'f@none'])
  api.objects.create(SERVICES, serviceObject('f', { annotations: MAX_SCALE, containerConcurrency: 5 }))
  controller.settle()
  const { metadata } = api.objects.get(SERVICES, 'f')
  const traffic = [{ revisionName: 'f-00001', percent: 80 }, { percent: 20 }, { percent: 0, tag: 'next' }]
  const next = serviceObject('f', {
    image: 'next',
    annotations: { 'autoscaling.knative.dev/maxScale': '2' },
    containerConcurrency: 3,
    traffic,
  })
  api.objects.replace(SERVICES, 'f', { ...next, metadata }, false)
  controller.settle()
  controller.scale('f-00001', 2)
  // 20 are 80 of 100 calls at once, 6 are 20 of them: 25 would fill the first, 30 the second.
  assert.deepEqual(await operator.inventory!(), [
    state('f', true, 3, 25),
    state('f@next', true, 1, 6),
    state('f@none', false, null),
  ])
})

test('an API that is away or refuses leaves the calls alone, and says so', async (t) => {
  const { api, operator } = await openKnative(t, ['f'])
  assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  api.denied.add('dispatch')
  const denied = await operator.probe()
  assert.equal(denied.ready, true)
  assert.match(
    denied.detail,
    /^nothing is known of its functions: services\.serving\.knative\.dev is forbidden/,
  )
  await assert.rejects(operator.inventory!(), /is forbidden/)
  api.close()
  const away = await operator.probe()
  assert.equal(away.ready, true)
  assert.match(away.detail, /the API of Kubernetes cannot be reached: [A-Z_]+$/)
  await assert.rejects(operator.inventory!(), /cannot be reached/)
})

test('`health` decides whether the platform is there', async (t) => {
  const { operator } = await openKnative(t, [], { health: 'http://127.0.0.1:1/ready' })
  const probe = await operator.probe()
  assert.equal(probe.ready, false)
  assert.match(probe.detail, /^GET \/ready failed/)
})

test('a cluster without Knative is told from one without the service', async (t) => {
  const { operator } = await openKnative(t, ['f'], { namespace: 'other' })
  assert.deepEqual(await operator.inventory!(), [state('f', false, null)])
  const without = await openKnative(t, ['f'], {}, [])
  await assert.rejects(without.operator.inventory!(), /the cluster has no Knative Serving/)
})

test('access that cannot be read is an error at the start, with its reason', async (t) => {
  const kubernetes = { kubeconfig: '/nowhere/config', context: null, inCluster: false }
  await assert.rejects(openKnative(t, [], { kubernetes }), /\/nowhere\/config cannot be read \(ENOENT\)/)
})

test('options about the cluster that contradict each other are refused', () => {
  const url = 'http://{name}.example.com'
  const refused: [KubernetesOptions, RegExp][] = [
    [{ kubeconfig: null, context: null, inCluster: false }, /needs either kubeconfig or `inCluster: true`/],
    [{ kubeconfig: '/config', context: null, inCluster: true }, /needs either kubeconfig or/],
    [{ kubeconfig: null, context: 'here', inCluster: true }, /context is for kubeconfig/],
  ]
  for (const [kubernetes, message] of refused) {
    const options = knativeOptions({ url, kubernetes })
    assert.throws(() => driver.invoker(options, invokerHost()).check!(acmeFacts('f')), message)
  }
})
