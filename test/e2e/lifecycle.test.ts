import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  type AdministrationOptions,
  AdministrationServer,
} from '../drivers/openfaas/administration-server.ts'
import { run } from '../gateway/cli/run.ts'
import { type ChildGateway, startChildGateway } from './child-gateway.ts'
import { askManagement, managementToken, until } from './observe.ts'
import { startUpstream } from './upstream.ts'

/** Milliseconds in which anything that is waited for has to come, also on a busy machine. */
const PATIENCE_MS = 20_000

const PASSWORD = 'administrator-s3cr3t'
const VALUE = 'environment-s3cr3t'

interface Lab {
  readonly platform: AdministrationServer
  readonly gateway: ChildGateway
  /** Runs a command as a person in the folder of the configuration would. */
  dispatch(...args: string[]): ReturnType<typeof run>
  /** Lines of the log about what operators did. */
  audits(): Record<string, unknown>[]
}

async function open(t: TestContext, options: AdministrationOptions = {}): Promise<Lab> {
  const platform = new AdministrationServer({
    administrator: { user: 'admin', password: PASSWORD },
    ...options,
  })
  const url = await platform.listen()
  t.after(() => platform.close())
  const plain = await startUpstream(t, (_call, response) => void response.end())
  process.env['LIFECYCLE_TEST_PASSWORD'] = PASSWORD
  const gateway = await startChildGateway(t, {
    gateway: { logLevel: 'info' },
    backends: {
      home: { driver: 'openfaas', url, administrator: { password: { env: 'LIFECYCLE_TEST_PASSWORD' } } },
      plain: { driver: 'http', url: plain.url },
    },
    functions: {
      hello: { deployments: [{ backend: 'home', name: 'greeter' }] },
      both: { deployments: ['home', 'plain'] },
      far: { deployments: ['plain'] },
    },
    routes: [{ path: '/hello', function: 'hello', auth: 'none' }],
  })
  return {
    platform,
    gateway,
    dispatch: (...args) => run(args, { cwd: gateway.directory }),
    audits: () =>
      gateway
        .output()
        .split('\n')
        .filter((line) => line.includes('"audit"'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

test('a function is deployed, listed, scaled, read and removed by commands, and each change is in the log', async (t) => {
  const { platform, gateway, dispatch, audits } = await open(t, { looksUntilReady: 1 })
  const order = ['--image', 'registry.example/greeter:2', '--env', `TOKEN=${VALUE}`, '--memory', '64MiB']
  const deployed = await dispatch('deploy', 'hello', ...order, '--cpu', '0.5', '--label', 'team=a')
  assert.equal(deployed.stderr.split('\n')[0], 'OpenFaaS has accepted registry.example/greeter:2')
  assert.match(deployed.stderr, /^0 of 1 ready: waiting for replicas.*\n1 of 1 ready: ready\n$/m)
  assert.equal(deployed.stdout, 'created greeter on home\n')
  assert.deepEqual(platform.changes[0]!.body['limits'], { memory: '64Mi', cpu: '500m' })
  assert.deepEqual(platform.changes[0]!.body['envVars'], { TOKEN: VALUE })

  platform.functions.push({
    name: 'nodeinfo',
    image: 'i',
    availableReplicas: 2,
    envVars: { max_inflight: '3' },
  })
  const listed = await dispatch('list', 'home')
  assert.equal(
    listed.stdout,
    [
      'BACKEND  NAME      STATE    REPLICAS  LIMIT  FUNCTION  SOURCE',
      'home     greeter   ready    1         -      hello     registry.example/greeter:2',
      'home     nodeinfo  ready    2         6      -         i',
      'home     both      missing  -         -      both      -',
      '',
      'One that no function calls is bound by a line under `functions`, such as:',
      '  nodeinfo: { deployments: [home] }',
      '',
    ].join('\n'),
  )

  assert.equal((await dispatch('scale', 'hello', '4')).stdout, 'scaled greeter on home to 4\n')
  assert.equal(platform.functions.find(({ name }) => name === 'greeter')!.replicas, 4)

  platform.logs = [
    JSON.stringify({
      instance: 'g-1',
      timestamp: '2026-01-02T03:04:05.678Z',
      text: '\u001b[31m  red\u0007 alert\n',
    }),
  ]
  assert.equal((await dispatch('logs', 'hello')).stdout, '2026-01-02T03:04:05.678Z g-1   red  alert\n')

  assert.equal((await dispatch('remove', 'hello')).stdout, 'removed greeter from home\n')
  const again = await dispatch('remove', 'hello')
  assert.equal(again.code, 1)
  assert.match(again.stderr, /OpenFaaS does not know the function\. \(GW_FUNCTION_NOT_FOUND/)

  await until(() => audits().length === 4, 'four changes are in the log', PATIENCE_MS)
  assert.deepEqual(
    audits().map(({ audit, function: name, backend, deployment, outcome, code, address }) =>
      [audit, name, backend, deployment, outcome, code, address].join(' '),
    ),
    [
      'deploy hello home greeter created  127.0.0.1',
      'scale hello home greeter scaled  127.0.0.1',
      'remove hello home greeter removed  127.0.0.1',
      'remove hello home greeter failed GW_FUNCTION_NOT_FOUND 127.0.0.1',
    ],
  )
  assert.deepEqual(audits()[0]!['environment'], ['TOKEN'])
  assert.doesNotMatch(gateway.output(), /s3cr3t/)
})

test('who asks for what cannot be is told what could', async (t) => {
  const { dispatch } = await open(t)
  const told = async (...args: string[]) => (await dispatch(...args)).stderr
  assert.match(await told('scale', 'helo', '1'), /no function helo .*; hello may be meant/)
  assert.match(await told('remove', 'both'), /both is on several backends: name one of home, plain\./)
  assert.match(await told('remove', 'hello', '-b', 'plain'), /hello has no deployment on plain, only on home/)
  assert.match(await told('remove', 'hello', '-b', 'hme'), /There is no backend hme; home may be meant\./)
  assert.match(await told('list', 'hme'), /home may be meant/)
  assert.match(
    await told('deploy', 'far', '-i', 'x'),
    /The backend plain \(http\) cannot deploy functions; home \(openfaas\) can\./,
  )
  assert.match(await told('logs', 'far'), /cannot tell the logs of functions; home \(openfaas\) can\./)
  assert.match(await told('deploy', 'hello', '-d', '.'), /OpenFaaS runs container images, not folders/)
  const usage = await dispatch('deploy', 'hello')
  assert.deepEqual([usage.code, usage.stderr], [2, 'error: give exactly one of --image and --folder\n'])
})

test('a platform that refuses or does not get ready is told in its own words', async (t) => {
  const refusing = await open(t, { refusal: { status: 400, text: 'invalid reference format' } })
  const refused = await refusing.dispatch('deploy', 'hello', '-i', '::')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /OpenFaaS says: invalid reference format \(GW_ORDER_INVALID/)
  const slow = await open(t, { looksUntilReady: 1e9 })
  const late = await slow.dispatch('deploy', 'hello', '-i', 'x', '--wait', '1s')
  assert.equal(late.code, 1)
  assert.match(late.stderr, /not done within 1 s, at last: waiting for replicas.*may still do it/)
})

test('a platform that is away does not hide the others', async (t) => {
  const { platform, dispatch } = await open(t)
  platform.close()
  const { code, stdout } = await dispatch('list')
  assert.equal(code, 0)
  assert.equal(
    stdout,
    'home: The platform could not be asked: OpenFaaS does not answer: ECONNREFUSED\nplain: the driver http cannot list functions\n',
  )
})

test('who leaves while a function is being deployed is not waited for, and a second change waits its turn', async (t) => {
  const { platform, gateway, dispatch, audits } = await open(t, { looksUntilReady: 1e9 })
  const token = await managementToken(gateway)
  const request = http.request(`${gateway.management}/v1/organizations/default/functions/hello/deployment`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    agent: false,
  })
  request.on('error', () => {})
  request.end(JSON.stringify({ image: 'x' }))
  await until(() => platform.changes.length === 1, 'the deployment was accepted', PATIENCE_MS)
  const second = await dispatch('remove', 'hello')
  assert.match(second.stderr, /GW_CHANGE_UNDER_WAY/)
  request.destroy()
  await until(() => audits().length === 2, 'its end is in the log', PATIENCE_MS)
  assert.deepEqual(
    audits().map(({ audit, outcome }) => `${audit} ${outcome}`),
    ['remove refused', 'deploy abandoned'],
  )
  assert.equal((await dispatch('remove', 'hello')).code, 0)
})

test('a log that is followed ends with its reader', async (t) => {
  const { platform, gateway } = await open(t)
  platform.functions = [{ name: 'greeter', availableReplicas: 1 }]
  platform.logs = [JSON.stringify({ timestamp: '2026-01-02T03:04:05Z', text: 'one' })]
  const token = await managementToken(gateway)
  const reading = new AbortController()
  const response = await fetch(
    `${gateway.management}/v1/organizations/default/functions/hello/deployment/logs?follow=true`,
    { headers: { authorization: `Bearer ${token}` }, signal: reading.signal },
  )
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson')
  const reader = response.body!.getReader()
  const first = new TextDecoder().decode((await reader.read()).value)
  assert.equal(first, '{"timeMs":1767323045000,"instance":null,"text":"one"}\n')
  platform.say(JSON.stringify({ timestamp: '2026-01-02T03:04:06Z', text: 'two' }))
  assert.match(new TextDecoder().decode((await reader.read()).value), /two/)
  reading.abort()
  await until(() => platform.followers === 0, 'the platform is not read any more', PATIENCE_MS)
})

test('the life cycle is for the holder of the management token alone', async (t) => {
  const { gateway } = await open(t)
  const path = '/v1/organizations/default/functions/hello/deployment'
  for (const [method, target] of [
    ['GET', '/v1/functions'],
    ['PUT', path],
    ['DELETE', path],
    ['POST', `${path}/scale`],
    ['GET', `${path}/logs`],
    ['GET', '/v1/backends/home/api/system/functions'],
  ] as const) {
    const response = await fetch(gateway.management + target, { method })
    assert.equal(response.status, 401, `${method} ${target}`)
    assert.equal(response.headers.get('dispatch-error'), 'GW_UNAUTHENTICATED')
  }
})

test('a folder comes along as files, and a broken order changes nothing', async (t) => {
  const { gateway, platform, dispatch } = await open(t)
  const folder = join(gateway.directory, 'code')
  await mkdir(join(folder, 'lib'), { recursive: true })
  await writeFile(join(folder, 'lib/a.js'), 'x')
  const told = await dispatch('deploy', 'hello', '--folder', 'code')
  assert.match(told.stderr, /OpenFaaS runs container images/)
  const token = await managementToken(gateway)
  const put = async (body: unknown) => {
    const response = await fetch(
      `${gateway.management}/v1/organizations/default/functions/hello/deployment`,
      {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      },
    )
    return [response.status, ((await response.json()) as { detail: string }).detail] as const
  }
  for (const path of ['../x', '/x', 'a//b', 'a/./b', 'a\\b', 'C:x', '']) {
    const [status] = await put({ files: [{ path, content: '' }] })
    assert.equal(status, 400, path)
  }
  const twice = [
    { path: 'a', content: '' },
    { path: 'A', content: '' },
  ]
  assert.deepEqual(await put({ files: twice }), [400, 'A is there twice.'])
  assert.deepEqual(
    await put({
      files: [
        { path: 'a', content: '' },
        { path: 'a/b', content: '' },
      ],
    }),
    [400, 'a/b is a file and a folder.'],
  )
  assert.deepEqual(await put({ image: 'x', minReplicas: 2, maxReplicas: 1 }), [
    400,
    'The least number of replicas is above the greatest.',
  ])
  for (const body of [{}, { image: 'x', files: [] }, { image: 'x', odd: 1 }, { image: 'x', gpus: -1 }])
    assert.equal((await put(body))[0], 400, JSON.stringify(body))
  assert.deepEqual(platform.changes, [])
})

test('the API of a platform is lent with the credential of the gateway, and only where there is one', async (t) => {
  const { gateway, platform, audits } = await open(t)
  platform.functions = [{ name: 'greeter', availableReplicas: 1 }]
  const listed = await askManagement(gateway, '/v1/backends/home/api/system/functions')
  assert.deepEqual(await listed.json(), platform.functions)
  const none = await askManagement(gateway, '/v1/backends/plain/api/x')
  assert.equal(none.headers.get('dispatch-error'), 'GW_PLATFORM_UNSUPPORTED')
  await until(() => audits().length === 1, 'the request is in the log', PATIENCE_MS)
  assert.equal(audits()[0]!['path'], '/system/functions')
  assert.doesNotMatch(gateway.output(), /s3cr3t/)
})
