import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { driver } from '../../../drivers/openfaas.ts'
import type { DeploymentFacts } from '../../../gateway/contract/driver.ts'
import type {
  DeployOrder,
  DeployProgress,
  Lifecycle,
  ListedInPart,
  LogsWanted,
} from '../../../gateway/contract/lifecycle.ts'
import { deployOrder } from '../deploy-order.ts'
import { openFaasOptions, operatorHost } from '../driver-hosts.ts'
import { type AdministrationOptions, AdministrationServer } from './administration-server.ts'

const NEVER = new AbortController().signal
const ALL: LogsWanted = { follow: false, tail: null, sinceMs: null }

const facts = (name: string): DeploymentFacts => ({ organization: 'default', functionName: 'f', name })
const order = (parts: Partial<DeployOrder>, name = 'hello') =>
  deployOrder({ image: 'registry.example/hello:1', deployment: facts(name), ...parts })

async function platform(
  t: TestContext,
  options: AdministrationOptions = {},
  driverOptions: Partial<Parameters<typeof openFaasOptions>[0]> = {},
  deployments: readonly string[] = [],
): Promise<{ server: AdministrationServer; lifecycle: Required<Lifecycle> }> {
  const server = new AdministrationServer(options)
  const operator = driver.operator!(
    openFaasOptions({ url: await server.listen(), ...driverOptions }),
    operatorHost({ deployments: deployments.map(facts) }),
  )!
  t.after(async () => {
    await operator.close()
    server.close()
  })
  return { server, lifecycle: operator.lifecycle as Required<Lifecycle> }
}

const message = (second: number, text: string, instance = 'hello-1') =>
  JSON.stringify({
    name: 'hello',
    namespace: 'openfaas-fn',
    instance,
    timestamp: new Date(second * 1000).toISOString(),
    text,
  })

test('a function is created with all that an order can say', async (t) => {
  const { server, lifecycle } = await platform(t, { looksUntilReady: 1 })
  const steps: DeployProgress[] = []
  const result = await lifecycle.deploy(
    order({
      environment: { MODE: 'fast', exec_timeout: '1s' },
      labels: { team: 'a' },
      memoryBytes: 128 * 2 ** 20,
      cpuMillis: 500,
      gpus: 1,
      concurrency: 7,
      minReplicas: 1,
      maxReplicas: 3,
      timeoutMs: 2500,
    }),
    (step) => steps.push(step),
    NEVER,
  )
  assert.equal(result, 'created')
  assert.deepEqual(server.changes, [
    {
      method: 'POST',
      path: '/system/functions',
      body: {
        service: 'hello',
        image: 'registry.example/hello:1',
        envVars: {
          exec_timeout: '1s',
          read_timeout: '2500ms',
          write_timeout: '2500ms',
          max_inflight: '7',
          MODE: 'fast',
        },
        labels: { 'com.openfaas.scale.min': '1', 'com.openfaas.scale.max': '3', team: 'a' },
        limits: { memory: '128Mi', cpu: '500m', 'nvidia.com/gpu': '1' },
      },
    },
  ])
  assert.deepEqual(
    steps.map(({ ready, wanted, detail }) => [ready, wanted, detail.slice(0, 21)]),
    [
      [0, null, 'OpenFaaS has accepted'],
      [0, 1, 'waiting for replicas;'],
      [1, 1, 'ready'],
    ],
  )
})

test('an update keeps what an order cannot say, and nothing else', async (t) => {
  const { server, lifecycle } = await platform(t)
  const kept = { secrets: ['s'], annotations: { a: 'b' }, constraints: ['c'], envProcess: 'cat' }
  server.functions = [
    {
      name: 'hello',
      image: 'old',
      labels: { l: 'old' },
      envVars: { OLD: '1' },
      availableReplicas: 1,
      ...kept,
    },
  ]
  assert.equal(await lifecycle.deploy(order({ memoryBytes: 1000 }), () => {}, NEVER), 'updated')
  assert.deepEqual(server.changes, [
    {
      method: 'PUT',
      path: '/system/functions',
      body: {
        ...kept,
        service: 'hello',
        image: 'registry.example/hello:1',
        envVars: {},
        labels: {},
        limits: { memory: '1000' },
      },
    },
  ])
})

test('namespaces come from the configuration or from the name', async (t) => {
  const plain = await platform(t)
  await plain.lifecycle.deploy(order({}, 'f.blue'), () => {}, NEVER)
  assert.deepEqual(pick(plain.server.changes[0]!.body), ['f', 'blue'])
  await plain.lifecycle.remove(facts('f.blue'), NEVER)
  assert.deepEqual(plain.server.changes[1]!.body, { functionName: 'f', namespace: 'blue' })
  const green = await platform(t, {}, { namespace: 'green' })
  await green.lifecycle.deploy(order({}, 'f'), () => {}, NEVER)
  assert.deepEqual(pick(green.server.changes[0]!.body), ['f', 'green'])
})

const pick = (body: Record<string, unknown>) => [body['service'], body['namespace']]

test('what the platform refuses is told in its own words', async (t) => {
  for (const [status, kind] of [
    [400, 'invalid'],
    [500, 'failed'],
    [403, 'denied'],
  ] as const) {
    const { lifecycle } = await platform(t, {
      refusal: { status, text: 'unable to parse\n image name \u0007' },
    })
    await assert.rejects(
      lifecycle.deploy(order({}), () => {}, NEVER),
      {
        name: 'PlatformRefusal',
        kind,
        message: /unable to parse image name/,
      },
    )
  }
})

test('a folder, and what OpenFaaS cannot keep, is refused before anything is asked', async (t) => {
  const { server, lifecycle } = await platform(t)
  const folder = order({ image: null, folder: '/f' })
  await assert.rejects(
    lifecycle.deploy(folder, () => {}, NEVER),
    { kind: 'unsupported' },
  )
  await assert.rejects(
    lifecycle.deploy(order({ runtime: 'python3' }), () => {}, NEVER),
    {
      message: 'OpenFaaS cannot give a function a runtime.',
    },
  )
  assert.deepEqual(server.asked, [])
})

test('a deployment that never gets ready is waited for until nobody waits any more', async (t) => {
  const { lifecycle } = await platform(t, { looksUntilReady: 1e9 })
  const aborting = new AbortController()
  const steps: string[] = []
  const deploying = lifecycle.deploy(
    order({}),
    ({ detail }) => {
      steps.push(detail)
      if (detail.startsWith('waiting')) setImmediate(() => aborting.abort(new Error('nobody waits')))
    },
    aborting.signal,
  )
  await assert.rejects(deploying, { message: 'nobody waits' })
  assert.equal(steps.length, 2)
})

test('functions of all namespaces are listed under the names that reach them', async (t) => {
  const { server, lifecycle } = await platform(t, { namespaces: ['openfaas-fn', 'blue'] })
  server.functions = [
    {
      name: 'a',
      namespace: 'openfaas-fn',
      image: 'i:1',
      availableReplicas: 2,
      replicas: 2,
      labels: { l: '1' },
    },
    { name: 'asleep', namespace: 'openfaas-fn', envVars: { max_inflight: '5' } },
    { name: 'broken', namespace: 'blue', replicas: 1 },
  ]
  assert.deepEqual(await lifecycle.list(NEVER), [
    { name: 'a', ready: true, replicas: 2, limit: null, source: 'i:1', labels: { l: '1' } },
    { name: 'asleep', ready: true, replicas: 0, limit: 5, source: null, labels: {} },
    { name: 'broken.blue', ready: false, replicas: 0, limit: null, source: null, labels: {} },
  ])
})

test('a platform that breaks off at a list is asked for the functions of the configuration, and it is said', async (t) => {
  const { server, lifecycle } = await platform(t, { listCrashes: true }, {}, ['hello', 'gone'])
  server.functions = [
    { name: 'hello', image: 'i', availableReplicas: 1, replicas: 1 },
    { name: 'other', availableReplicas: 1, replicas: 1 },
  ]
  await assert.rejects(lifecycle.list(NEVER), (error: ListedInPart) => {
    assert.match(error.message, /^OpenFaaS tells of functions by name only/)
    assert.deepEqual(
      error.functions.map(({ name, source }) => [name, source]),
      [['hello', 'i']],
    )
    return true
  })
})

test('replicas are set, and the community edition that sets others is not believed', async (t) => {
  const { server, lifecycle } = await platform(t, { community: true })
  server.functions = [{ name: 'hello', replicas: 1, availableReplicas: 1 }]
  await lifecycle.scale(facts('hello'), 3, NEVER)
  assert.deepEqual(server.changes[0], {
    method: 'POST',
    path: '/system/scale-function/hello',
    body: { serviceName: 'hello', replicas: 3 },
  })
  await assert.rejects(lifecycle.scale(facts('hello'), 0, NEVER), {
    kind: 'failed',
    message: 'OpenFaaS sets 1 replicas, not 0: it has limits.',
  })
})

test('a function that is not there cannot be scaled, removed or read', async (t) => {
  const { server, lifecycle } = await platform(t)
  for (const asked of [
    lifecycle.scale(facts('nope'), 1, NEVER),
    lifecycle.remove(facts('nope'), NEVER),
    Array.fromAsync(lifecycle.logs(facts('nope'), ALL, NEVER)),
  ]) {
    await assert.rejects(asked, { kind: 'not-found', message: 'OpenFaaS does not know the function.' })
  }
  assert.deepEqual(server.changes, [])
})

test('the administrator proves who he is, and is told when he is refused', async (t) => {
  const administrator = { user: 'admin', password: 'right' }
  const right = await platform(t, { administrator }, { administrator })
  assert.deepEqual(await right.lifecycle.list(NEVER), [])
  const wrong = await platform(t, { administrator }, { administrator: { user: 'admin', password: 'wr0ng' } })
  await assert.rejects(wrong.lifecycle.list(NEVER), (error: Error) => {
    assert.match(
      error.message,
      /^OpenFaaS refuses its administrator: invalid credentials\. See `administrator`\.$/,
    )
    assert.doesNotMatch(error.message, /wr0ng/)
    return true
  })
})

test('logs are read with their bounds, whatever stands between the lines', async (t) => {
  const { server, lifecycle } = await platform(t)
  server.functions = [{ name: 'hello', availableReplicas: 1 }]
  server.logs = [message(100, 'one\n'), message(200, '  two'), message(300, 'three', '')]
  const all = await Array.fromAsync(lifecycle.logs(facts('hello'), ALL, NEVER))
  assert.deepEqual(all, [
    { timeMs: 100_000, instance: 'hello-1', text: 'one' },
    { timeMs: 200_000, instance: 'hello-1', text: '  two' },
    { timeMs: 300_000, instance: null, text: 'three' },
  ])
  const last = await Array.fromAsync(
    lifecycle.logs(facts('hello'), { ...ALL, tail: 1, sinceMs: 150_000 }, NEVER),
  )
  assert.deepEqual(
    last.map(({ text }) => text),
    ['three'],
  )
  assert.match(server.asked.at(-1)!, /^\/system\/logs\?name=hello&tail=1&since=1970-01-01T00%3A02%3A30.000Z$/)
})

test('no line at all is no line, though the platform takes 0 for all of them', async (t) => {
  const { server, lifecycle } = await platform(t)
  server.functions = [{ name: 'hello', availableReplicas: 1 }]
  server.logs = [message(100, 'old')]
  assert.deepEqual(await Array.fromAsync(lifecycle.logs(facts('hello'), { ...ALL, tail: 0 }, NEVER)), [])
  const aborting = new AbortController()
  const lines = lifecycle.logs(facts('hello'), { follow: true, tail: 0, sinceMs: null }, aborting.signal)
  const first = lines[Symbol.asyncIterator]().next()
  for (let i = 0; server.followers === 0; i++) {
    assert.ok(i < 1000, 'nobody follows')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  server.say(message(Date.now() / 1000 + 10, 'new'))
  assert.equal((await first).value!.text, 'new')
  aborting.abort()
})

test('a line that is no message is passed over, and one without end is an error', async (t) => {
  const { server, lifecycle } = await platform(t)
  server.functions = [{ name: 'hello', availableReplicas: 1 }]
  server.logs = ['{"timestamp":"0001-01-01T00:00:00Z","text":"timeless"}', '{"text":7}', '[]', 'null', '""']
  assert.deepEqual(await Array.fromAsync(lifecycle.logs(facts('hello'), ALL, NEVER)), [
    { timeMs: null, instance: null, text: 'timeless' },
  ])
  server.logs = [JSON.stringify({ text: 'x'.repeat(2_000_000) })]
  await assert.rejects(Array.fromAsync(lifecycle.logs(facts('hello'), ALL, NEVER)), /does not end/)
})

test('a log that is followed goes on when the platform ends it, and tells no line twice', async (t) => {
  const { server, lifecycle } = await platform(t)
  server.functions = [{ name: 'hello', availableReplicas: 1 }]
  server.logs = [message(100, 'one'), message(101, 'two'), message(101, 'two', 'hello-2')]
  const aborting = new AbortController()
  const told: string[] = []
  for await (const { text, instance } of lifecycle.logs(
    facts('hello'),
    { ...ALL, follow: true },
    aborting.signal,
  )) {
    told.push(`${instance} ${text}`)
    if (told.length === 3) {
      server.endLogs()
      server.logs.push(message(102, 'while nobody followed'))
    }
    if (text === 'while nobody followed') server.say(message(102, 'live'))
    if (text === 'live') break
  }
  assert.deepEqual(told, [
    'hello-1 one',
    'hello-1 two',
    'hello-2 two',
    'hello-1 while nobody followed',
    'hello-1 live',
  ])
  aborting.abort()
})

test('who stops following leaves no connection behind', async (t) => {
  const { server, lifecycle } = await platform(t)
  server.functions = [{ name: 'hello', availableReplicas: 1 }]
  server.logs = [message(100, 'one')]
  const aborting = new AbortController()
  const lines = lifecycle.logs(facts('hello'), { ...ALL, follow: true }, aborting.signal)
  const iterator = lines[Symbol.asyncIterator]()
  await iterator.next()
  const next = iterator.next()
  aborting.abort()
  await next.catch(() => {})
  for (let i = 0; server.followers > 0; i++) {
    assert.ok(i < 1000, 'the connection stays')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
})
