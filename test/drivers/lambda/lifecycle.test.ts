import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  GetFunctionCommand,
  LambdaClient,
  paginateListFunctions,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda'
import { driver } from '../../../drivers/lambda.ts'
import type {
  DeployOrder,
  DeployProgress,
  Lifecycle,
  PlatformRefusal,
} from '../../../gateway/contract/lifecycle.ts'
import { deployOrder } from '../deploy-order.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { lambdaOptions, operatorHost } from '../driver-hosts.ts'
import { KEY, LambdaPlatform } from '../lambda-platform.ts'
import { REGION } from '../lambda-words.ts'
import { LogsPlatform } from '../logs-platform.ts'
import { refusal } from '../refusal.ts'

const ROLE = 'arn:aws:iam::123456789012:role/functions'
const IMAGE = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello:2'
const OWN = { accessKeyId: KEY.accessKeyId, secretAccessKey: KEY.secretAccessKey, sessionToken: null }

const forever = new AbortController().signal

async function open(t: TestContext, role: string | null = ROLE) {
  const platform = new LambdaPlatform()
  const logs = new LogsPlatform()
  const endpoint = await platform.listen()
  const options = lambdaOptions({ endpoint, logsEndpoint: await logs.listen(), credentials: OWN, role })
  const operator = driver.operator!(options, operatorHost())!
  await operator.open()
  t.after(async () => {
    await operator.close()
    platform.close()
    logs.close()
  })
  const lifecycle = operator.lifecycle as Required<Lifecycle>
  const steps: DeployProgress[] = []
  const deploy = (order: Partial<DeployOrder> & { name: string }) => {
    const { name, ...rest } = order
    const whole = deployOrder({ image: IMAGE, ...rest, deployment: acmeFacts(name) })
    return lifecycle.deploy(whole, (step) => steps.push(step), forever)
  }
  return { platform, logs, lifecycle, steps, deploy, endpoint }
}

test('a function is created from an image, with what the order says, and waited for', async (t) => {
  const { platform, deploy, steps } = await open(t)
  const order = {
    name: 'hello',
    environment: { GREETING: 'hi' },
    labels: { team: 'blue' },
    memoryBytes: 500_000_000,
    timeoutMs: 1500,
    maxReplicas: 7,
  }
  assert.equal(await deploy(order), 'created')
  const { image, memoryMb, timeoutS, role, variables, tags, reserved, state } =
    platform.control.functions.get('hello')!
  assert.deepEqual(
    { image, memoryMb, timeoutS, role, variables, tags, reserved, state },
    {
      image: IMAGE,
      memoryMb: 477,
      timeoutS: 2,
      role: ROLE,
      variables: { GREETING: 'hi' },
      tags: { team: 'blue' },
      reserved: 7,
      state: 'Active',
    },
  )
  assert.deepEqual(steps, [
    { ready: 0, wanted: null, detail: 'The function is being created.' },
    { ready: 1, wanted: null, detail: 'the function can be called' },
  ])
})

test('a function that is there is brought to what the order says; what that leaves open is the default', async (t) => {
  const { platform, deploy } = await open(t)
  const known = platform.control.add('hello', 5)
  Object.assign(known, { memoryMb: 1024, variables: { OLD: '1' }, tags: { owner: 'them' } })
  assert.equal(await deploy({ name: 'hello', labels: { team: 'blue' } }), 'updated')
  assert.deepEqual(
    [known.image, known.memoryMb, known.timeoutS, known.variables, known.reserved],
    [IMAGE, 128, 3, {}, null],
  )
  assert.deepEqual(known.tags, { owner: 'them', team: 'blue' })
})

test('a deployment with an alias is published, and the alias moved when the version can be called', async (t) => {
  const { platform, deploy } = await open(t)
  const order = { name: `arn:aws:lambda:${REGION}:123456789012:function:hello:live`, minReplicas: 2 }
  assert.equal(await deploy(order), 'created')
  const known = platform.control.functions.get('hello')!
  assert.deepEqual([...known.aliases], [['live', '1']])
  assert.deepEqual(known.provisioned.get('live'), { wanted: 2, ready: 2 })
  assert.equal(await deploy({ name: 'hello:live' }), 'updated')
  assert.deepEqual([...known.aliases], [['live', '2']])
  assert.equal(known.provisioned.size, 0)
})

test('what Lambda cannot make of an image is said in its words, and the alias stays where it is', async (t) => {
  const { platform, deploy } = await open(t)
  await deploy({ name: 'hello:live' })
  platform.control.failure = 'The image does not have a valid entrypoint.'
  const wanted = refusal(
    'failed',
    /^Lambda cannot run the function: The image does not have a valid entrypoint\.$/,
  )
  await assert.rejects(deploy({ name: 'hello:live' }), wanted)
  assert.deepEqual([...platform.control.functions.get('hello')!.aliases], [['live', '1']])
  await assert.rejects(deploy({ name: 'other' }), wanted)
  platform.control.failure = null
  assert.equal(await deploy({ name: 'hello:live' }), 'updated', 'one that has failed can be mended')
})

test('orders that Lambda cannot keep are refused with what it can', async (t) => {
  const { platform, deploy } = await open(t, null)
  const refused: [Partial<DeployOrder> & { name: string }, PlatformRefusal['kind'], RegExp][] = [
    [{ name: 'f' }, 'invalid', /set `role`/],
    [{ name: 'f', image: null, folder: '/x' }, 'unsupported', /runs container images/],
    [
      { name: 'f', cpuMillis: 500, gpus: 1 },
      'unsupported',
      /cannot give a function a limit of cpu, nor GPUs/,
    ],
    [{ name: 'f', concurrency: 4 }, 'unsupported', /one call at a time/],
    [{ name: 'f', minReplicas: 1 }, 'unsupported', /NAME:ALIAS/],
    [{ name: 'f:3' }, 'invalid', /never changes/],
    [{ name: 'f', memoryBytes: 1024 }, 'invalid', /128 to 10240 MiB/],
    [{ name: 'f', timeoutMs: 901_000 }, 'invalid', /1 to 900 s/],
  ]
  for (const [order, kind, message] of refused) {
    await assert.rejects(deploy(order), refusal(kind, message), JSON.stringify(order))
  }
  assert.ok(
    platform.requests.every((asked) => asked.startsWith('GET ')),
    'nothing was changed',
  )
  platform.onlyInvoke = true
  await assert.rejects(deploy({ name: 'f' }), refusal('denied', /GetFunction of AWS answers AccessDenied/))
})

test('a deployment that nobody waits for any more stops asking', async (t) => {
  const { platform, lifecycle } = await open(t)
  platform.control.looks = 1_000_000
  const leaving = new AbortController()
  const deployed = lifecycle.deploy(
    deployOrder({ image: IMAGE, deployment: acmeFacts('f') }),
    () => leaving.abort(new Error('left')),
    leaving.signal,
  )
  await assert.rejects(deployed, /left/)
})

test('all functions are listed, page by page, with what only GetFunction tells', async (t) => {
  const { platform, lifecycle } = await open(t)
  for (let i = 0; i < 120; i++) platform.control.add(`f${String(i).padStart(3, '0')}`, null)
  const first = platform.control.functions.get('f000')!
  Object.assign(first, { image: IMAGE, reserved: 3, tags: { team: 'blue' } })
  platform.control.functions.get('f001')!.state = 'Failed'
  const listed = await lifecycle.list(forever)
  assert.equal(listed.length, 120)
  assert.deepEqual(listed.slice(0, 3), [
    { name: 'f000', ready: true, replicas: null, limit: 3, source: IMAGE, labels: { team: 'blue' } },
    { name: 'f001', ready: false, replicas: null, limit: null, source: 'nodejs22.x', labels: {} },
    { name: 'f002', ready: true, replicas: null, limit: null, source: 'nodejs22.x', labels: {} },
  ])
  assert.equal(lifecycle.listedAs(acmeFacts(`123456789012:function:f000:live`)), 'f000')
  platform.onlyInvoke = true
  await assert.rejects(
    lifecycle.list(forever),
    refusal('denied', /ListFunctions of AWS answers AccessDenied/),
  )
})

test('replicas are the environments that are kept ready for an alias; 0 keeps none', async (t) => {
  const { platform, lifecycle } = await open(t)
  const known = platform.control.add('f', null)
  known.aliases.set('live', '1')
  await lifecycle.scale(acmeFacts('f:live'), 4, forever)
  assert.equal(known.provisioned.get('live')!.wanted, 4)
  await lifecycle.scale(acmeFacts('f:live'), 0, forever)
  assert.equal(known.provisioned.size, 0)
  await assert.rejects(lifecycle.scale(acmeFacts('f'), 4, forever), refusal('unsupported', /NAME:ALIAS/))
  await assert.rejects(lifecycle.scale(acmeFacts('f:gone'), 0, forever), refusal('not-found', /GetFunction/))
})

test('to remove a deployment with an alias removes the alias, without one the function', async (t) => {
  const { platform, lifecycle } = await open(t)
  platform.control.add('f', null).aliases.set('live', '1')
  await lifecycle.remove(acmeFacts('f:live'), forever)
  assert.equal(platform.control.functions.get('f')!.aliases.size, 0)
  await assert.rejects(
    lifecycle.remove(acmeFacts('f:live'), forever),
    refusal('not-found', /GetAlias|Cannot find/),
  )
  await lifecycle.remove(acmeFacts('f'), forever)
  assert.equal(platform.control.functions.size, 0)
  await assert.rejects(lifecycle.remove(acmeFacts('f'), forever), refusal('not-found', /Function not found/))
})

test('a backend of Function URLs has no life cycle: their names are not those of functions', (t) => {
  const url = 'https://{name}.lambda-url.eu-central-1.on.aws'
  const operator = driver.operator!(lambdaOptions({ endpoint: null, url, credentials: OWN }), operatorHost())!
  t.after(() => operator.close())
  assert.equal(operator.lifecycle, undefined)
})

test('the stand-in is read by the AWS SDK as the driver reads it', async (t) => {
  const { platform, deploy, endpoint } = await open(t)
  const { accessKeyId, secretAccessKey } = KEY
  const client = new LambdaClient({ region: REGION, endpoint, credentials: { accessKeyId, secretAccessKey } })
  t.after(() => client.destroy())
  for (let i = 0; i < 60; i++) platform.control.add(`f${i}`, null)
  const names: (string | undefined)[] = []
  for await (const page of paginateListFunctions({ client }, {})) {
    names.push(...page.Functions!.map(({ FunctionName }) => FunctionName))
  }
  assert.equal(names.length, 60)
  await deploy({ name: 'hello', environment: { A: '1' } })
  const settled = await waitUntilFunctionActiveV2({ client, maxWaitTime: 5 }, { FunctionName: 'hello' })
  assert.equal(settled.state, 'SUCCESS')
  const found = await client.send(new GetFunctionCommand({ FunctionName: 'hello' }))
  assert.deepEqual(found.Configuration!.Environment!.Variables, { A: '1' })
  assert.equal(found.Code!.ImageUri, IMAGE)
  const missing = client.send(new GetFunctionCommand({ FunctionName: 'missing' }))
  await assert.rejects(missing, { name: 'ResourceNotFoundException' })
})

test('the lines of a function are those of its log group, whatever alias is called', async (t) => {
  const { platform, logs, lifecycle } = await open(t)
  platform.control.add('f', null).aliases.set('live', '1')
  logs.write('/aws/lambda/f', Date.now() - 10, 'hello\n', '2026/11/22/[1]a1')
  const wanted = { follow: false, tail: 10, sinceMs: null }
  const lines = await Array.fromAsync(lifecycle.logs(acmeFacts('f:live'), wanted, forever))
  assert.deepEqual(
    lines.map(({ instance, text }) => [instance, text]),
    [['2026/11/22/[1]a1', 'hello']],
  )
  const gone = Array.fromAsync(lifecycle.logs(acmeFacts('gone'), wanted, forever))
  await assert.rejects(gone, refusal('not-found', /GetFunctionConfiguration/))
})
