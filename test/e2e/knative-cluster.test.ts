import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { KnativePlatform } from '../drivers/knative-platform.ts'
import { type Cluster, openCluster } from '../drivers/kubernetes/cluster.ts'
import { KnativeController, SERVICES } from '../drivers/kubernetes/knative-controller.ts'
import type { StoredObject } from '../drivers/kubernetes/object-store.ts'
import { PodLog } from '../drivers/kubernetes/pod-log.ts'
import { serviceObject } from '../drivers/kubernetes/service-object.ts'
import { run } from '../gateway/cli/run.ts'
import { call } from './call.ts'
import { startChildGateway } from './child-gateway.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { askManagement, managementToken, readStatus, until } from './observe.ts'
import { startUpstream } from './upstream.ts'

type Gateway = Pick<TestGateway, 'port' | 'management' | 'directory'>

interface Lab {
  readonly cluster: Cluster
  readonly controller: KnativeController
  readonly gateway: Gateway
  /** Runs a command as a person in the folder of the configuration would. */
  dispatch(...args: string[]): ReturnType<typeof run>
}

const BOUNDED = { 'autoscaling.knative.dev/max-scale': '3' }

/** A gateway with Knative at home, where `f` and `g` run, and a second backend farther away. */
async function open(t: TestContext, start: typeof startChildGateway | typeof startTestGateway): Promise<Lab> {
  const cluster = await openCluster(t, ['serving.knative.dev'])
  const controller = new KnativeController(cluster.api)
  const home = await startUpstream(t, (_call, response) => void response.end('home'))
  const away = await startUpstream(t, (_call, response) => void response.end('away'))
  const ingress = new KnativePlatform()
  t.after(() => ingress.close())
  for (const name of ['f', 'g', 'hello']) ingress.deploy(`${name}.default.example.com`, portOf(home.url))
  const { host, port } = await ingress.listen()
  cluster.api.objects.create(SERVICES, serviceObject('f', { annotations: BOUNDED, containerConcurrency: 2 }))
  cluster.api.objects.create(SERVICES, serviceObject('g'))
  controller.settle()
  const gateway = await start(t, {
    placement: { zone: 'here' },
    backends: {
      home: {
        driver: 'knative',
        url: 'http://{name}.{namespace}.example.com',
        ingress: `${host}:${port}`,
        kubernetes: { kubeconfig: cluster.kubeconfig },
        zone: 'here',
        probe: { every: '100ms', timeout: '2s' },
      },
      away: { driver: 'http', url: away.url, zone: 'far' },
    },
    functions: {
      f: { deployments: ['home', 'away'], coldStart: 'warm-peer' },
      g: { deployments: ['home', 'away'] },
      hello: { deployments: ['home'] },
    },
    routes: [
      { path: '/f', function: 'f', auth: 'none' },
      { path: '/g', function: 'g', auth: 'none' },
      { path: '/hello', function: 'hello', auth: 'none' },
    ],
  })
  const dispatch = (...args: string[]) => run(args, { cwd: gateway.directory })
  return { cluster, controller, gateway, dispatch }
}

const portOf = (url: string) => Number(new URL(url).port)

async function deploymentAt(gateway: Gateway, functionName: string) {
  const { deployments } = await readStatus(gateway)
  return deployments.find((each) => each.functionName === functionName && each.backend === 'home')!
}

const answersAt = async ({ port }: Gateway, path: string) => (await call(port, 'POST', path)).body

test('a function that sleeps is cold, and its calls go to one that is awake where that is wanted', async (t) => {
  const { controller, gateway, dispatch } = await open(t, startChildGateway)
  await until(async () => (await readStatus(gateway)).backends[0]!.detail === 'healthy', 'the API was asked')
  assert.equal((await deploymentAt(gateway, 'f')).cold, false)
  assert.equal(await answersAt(gateway, '/f'), 'home')
  controller.scale('f-00001', 0)
  await until(async () => (await deploymentAt(gateway, 'f')).cold, 'f is known to sleep')
  assert.equal(await answersAt(gateway, '/f'), 'away')
  const { stdout } = await dispatch('status')
  assert.match(stdout, /home +knative +ready +healthy/)
  controller.scale('f-00001', 1)
  await until(async () => !(await deploymentAt(gateway, 'f')).cold, 'f is known to be awake')
  assert.equal(await answersAt(gateway, '/f'), 'home')
})

test('placement goes by the limit that the service declares', async (t) => {
  const { gateway } = await open(t, startTestGateway)
  const limitOf = async (name: string) => {
    const response = await askManagement(gateway, `/v1/organizations/default/functions/${name}/placement`)
    const text = await response.text()
    return Number(/"backend":"home"[^}]*?"limit":(\d+)/.exec(text)?.[1])
  }
  await until(async () => (await limitOf('f')) === 6, 'two calls at once in each of three replicas')
  assert.equal(await limitOf('g'), 1000, 'what is learned, where nothing is declared')
})

test('calls avoid a service that is gone, and come back to one that is there again', async (t) => {
  const { cluster, controller, gateway } = await open(t, startTestGateway)
  const { objects } = cluster.api
  const stateOf = async () => (await deploymentAt(gateway, 'g')).state
  assert.equal(await answersAt(gateway, '/g'), 'home')
  objects.delete(SERVICES, 'g')
  await until(async () => (await stateOf()) === 'not-ready', 'g is known to be gone')
  assert.equal(await answersAt(gateway, '/g'), 'away')
  objects.create(SERVICES, serviceObject('g', { image: 'again' }))
  controller.settle()
  await until(async () => (await stateOf()) !== 'not-ready', 'g is known to be there')
})

test('a cluster whose API refuses or is away is called as before', async (t) => {
  const { cluster, gateway } = await open(t, startTestGateway)
  const detailIs = (pattern: RegExp) =>
    until(async () => pattern.test((await readStatus(gateway)).backends[0]!.detail), String(pattern))
  await detailIs(/^healthy$/)
  cluster.api.denied.add('dispatch')
  await detailIs(/^nothing is known of its functions: services\.serving\.knative\.dev is forbidden/)
  assert.equal(await answersAt(gateway, '/g'), 'home')
  cluster.api.close()
  await detailIs(/cannot be reached/)
  assert.equal(await answersAt(gateway, '/g'), 'home')
  assert.equal((await readStatus(gateway)).backends[0]!.ready, true)
})

test('a function is deployed, listed, called, scaled, read and removed by commands', async (t) => {
  const { cluster, controller, gateway, dispatch } = await open(t, startChildGateway)
  controller.run()
  const deployed = await dispatch('deploy', 'hello', '--image', 'registry/hello:1', '--env', 'A=1')
  assert.equal(deployed.stdout, 'created hello on home\n')
  assert.match(deployed.stderr, /1 of 1 ready: hello-00001 serves/)
  assert.equal((await call(gateway.port, 'GET', '/hello')).body, 'home')
  const listed = await dispatch('list', 'home')
  assert.match(listed.stdout, /home +f +ready +1 +6 +f +good\n/)
  assert.match(listed.stdout, /home +hello +ready +1 +- +hello +registry\/hello:1\n/)
  assert.equal((await dispatch('scale', 'hello', '2')).stdout, 'scaled hello on home to 2\n')

  const pods = { group: '', version: 'v1', namespace: 'default', plural: 'pods' }
  const labels = { 'serving.knative.dev/service': 'hello' }
  const pod = { metadata: { name: 'hello-pod', labels }, spec: { containers: [{ name: 'user-container' }] } }
  cluster.api.objects.create(pods, pod)
  const log = new PodLog()
  cluster.api.logs.set('hello-pod', log)
  log.write('2026-11-22T10:00:01.500000000Z', 'it says hello')
  assert.equal((await dispatch('logs', 'hello')).stdout, '2026-11-22T10:00:01.500Z hello-pod it says hello\n')

  const failure = { reason: 'ExitCode1', message: 'Container failed with: no config' }
  controller.fates.set('registry/hello:bad', { failure, replicas: 0 })
  const failed = await dispatch('deploy', 'hello', '--image', 'registry/hello:bad')
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /ExitCode1: Container failed with: no config/)
  assert.equal((await call(gateway.port, 'GET', '/hello')).body, 'home', 'the revision before serves on')

  assert.equal((await dispatch('remove', 'hello')).stdout, 'removed hello from home\n')
  assert.match(
    (await dispatch('remove', 'hello')).stderr,
    /services\.serving\.knative\.dev "hello" not found/,
  )
})

test("administrators may ask the cluster's own API, in the name of the gateway and no further than its services", async (t) => {
  const { cluster, gateway } = await open(t, startTestGateway)
  const token = await managementToken(gateway)
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.management}/v1/backends/home/api${path}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
  const answer = await ask('/services/f', { 'impersonate-user': 'admin', 'x-remote-user': 'admin' })
  assert.equal(answer.status, 200)
  const { kind, metadata } = (await answer.json()) as StoredObject
  assert.deepEqual([kind, metadata.name], ['Service', 'f'])
  const { user, headers } = cluster.api.asked.findLast(({ target }) => target.endsWith('/services/f'))!
  assert.equal(user, 'dispatch')
  const sent = Object.keys(headers)
  assert.deepEqual(
    sent.filter((name) => /^(impersonate-|x-remote-|authorization)/.test(name)),
    [],
  )
  assert.equal((await ask('/services%2F..%2F..%2Fother')).status, 400)
})
