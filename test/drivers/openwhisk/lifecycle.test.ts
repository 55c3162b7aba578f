import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { unzipSync } from 'fflate'
import { driver } from '../../../drivers/openwhisk.ts'
import type {
  DeployOrder,
  DeployProgress,
  Lifecycle,
  LogsWanted,
  PlatformRefusal,
} from '../../../gateway/contract/lifecycle.ts'
import { deployOrder } from '../deploy-order.ts'
import { facts } from '../deployment-facts.ts'
import { openWhiskOptions, operatorHost } from '../driver-hosts.ts'
import { type Activation, OpenWhiskPlatform } from '../openwhisk-platform.ts'
import { refusal } from '../refusal.ts'

const forever = new AbortController().signal

type Options = Partial<Parameters<typeof openWhiskOptions>[0]>
type Started = Pick<Lifecycle, 'list'> & Required<Pick<Lifecycle, 'deploy' | 'remove' | 'logs'>> & Lifecycle

async function open(t: TestContext, options: Options = {}) {
  const platform = new OpenWhiskPlatform()
  const url = await platform.listen()
  const operator = driver.operator!(openWhiskOptions({ url, ...options }), operatorHost())!
  t.after(async () => {
    await operator.close()
    platform.close()
  })
  const lifecycle = operator.lifecycle as Started
  const steps: DeployProgress[] = []
  const deploy = ({ name = 'hello', ...order }: Partial<DeployOrder> & { name?: string }) =>
    lifecycle.deploy(deployOrder({ ...order, deployment: facts(name) }), (step) => steps.push(step), forever)
  return { platform, lifecycle, deploy, steps }
}

async function folderWith(t: TestContext, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'action-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

test('an action is created of one file of code, changed to an image, and says what it can be asked', async (t) => {
  const { platform, deploy, steps } = await open(t)
  const folder = await folderWith(t, { 'hello.js': 'function main() { return { body: "é" } }' })
  const order = {
    folder,
    runtime: 'nodejs:20',
    environment: { GREETING: 'hi' },
    labels: { team: 'blue' },
    memoryBytes: 200_000_000,
    timeoutMs: 9000,
    concurrency: 4,
  }
  assert.equal(await deploy(order), 'created')
  const { exec, parameters, annotations, limits } = platform.entities.actions.get('hello')!
  assert.deepEqual(exec, {
    kind: 'nodejs:20',
    code: 'function main() { return { body: "é" } }',
    binary: false,
  })
  assert.deepEqual(parameters, [{ key: 'GREETING', value: 'hi', init: true }])
  assert.deepEqual(annotations, [
    { key: 'team', value: 'blue' },
    { key: 'exec', value: 'nodejs:20' },
  ])
  assert.deepEqual(limits, { timeout: 9000, memory: 191, concurrency: 4 })
  assert.deepEqual(
    steps.map(({ ready }) => ready),
    [0, 1],
  )
  assert.equal(await deploy({ image: 'docker.io/acme/hello:2' }), 'updated')
  const changed = platform.entities.actions.get('hello')!
  assert.deepEqual(changed.exec, { kind: 'blackbox', image: 'docker.io/acme/hello:2' })
  assert.deepEqual([changed.parameters, changed.limits], [[], {}])
})

test('a folder of several files goes as an archive, always the same for the same files', async (t) => {
  const { platform, deploy } = await open(t)
  const files = { 'package.json': '{}', 'lib/a.js': 'a', 'bin/run': Buffer.from([0xff, 0]) }
  const folder = await folderWith(t, files)
  await chmod(join(folder, 'bin/run'), 0o755)
  await deploy({ folder, runtime: 'nodejs:20' })
  const { code, binary } = platform.entities.actions.get('hello')!.exec
  assert.equal(binary, true)
  const archive = Buffer.from(code!, 'base64')
  const unpacked = unzipSync(archive)
  assert.deepEqual(Object.keys(unpacked).sort(), ['bin/run', 'lib/a.js', 'package.json'])
  assert.deepEqual([...unpacked['bin/run']!], [0xff, 0])
  assert.equal(modeOf(archive, 'bin/run'), 0o100755)
  await deploy({ folder, runtime: 'nodejs:20', name: 'again' })
  assert.equal(platform.entities.actions.get('again')!.exec.code, code)
})

/** Permissions in the central directory of an archive (APPNOTE 4.3.12). */
function modeOf(archive: Buffer, path: string): number {
  const entry = archive.indexOf('PK\x01\x02', 'latin1')
  for (let at = entry; at >= 0; at = archive.indexOf('PK\x01\x02', at + 46, 'latin1')) {
    const name = archive.toString('utf8', at + 46, at + 46 + archive.readUInt16LE(at + 28))
    if (name === path) return archive.readUInt32LE(at + 38) >>> 16
  }
  return 0
}

test('an action in a package brings the package, web actions are exported with their secret', async (t) => {
  const { platform, deploy, lifecycle } = await open(t, { call: 'web', namespace: '_', webSecret: 'ours' })
  assert.equal(await deploy({ image: 'acme/a', name: 'my package/a', labels: { team: 'blue' } }), 'created')
  assert.equal(await deploy({ image: 'acme/b', name: 'my package/b' }), 'created')
  const noted = Object.fromEntries(
    platform.entities.actions.get('my package/a')!.annotations.map(({ key, value }) => [key, value]),
  )
  assert.deepEqual(
    [noted['web-export'], noted['require-whisk-auth'], noted['web-custom-options']],
    [true, 'ours', true],
  )
  const [first] = await lifecycle.list(forever)
  assert.deepEqual(first, {
    name: 'my package/a',
    ready: true,
    replicas: null,
    limit: null,
    source: 'blackbox',
    labels: { team: 'blue' },
  })
})

test('orders that OpenWhisk cannot keep are refused, its own words are told', async (t) => {
  const { deploy, platform, lifecycle } = await open(t)
  const folder = await folderWith(t, { a: '1' })
  const empty = await folderWith(t, {})
  const refused: [Partial<DeployOrder>, PlatformRefusal['kind'], RegExp][] = [
    [{ folder }, 'invalid', /has to know the runtime/],
    [{ folder: empty, runtime: 'nodejs:20' }, 'invalid', /no files/],
    [{ image: 'x', gpus: 1, maxReplicas: 3 }, 'unsupported', /cannot give a function GPUs, nor a greatest/],
    [{ folder, runtime: 'cobol:1' }, 'invalid', /answers 400 to PUT of hello: .*kind 'cobol:1' not in Set/],
  ]
  for (const [order, kind, message] of refused) await assert.rejects(deploy(order), refusal(kind, message))
  assert.equal(platform.entities.actions.size, 0)
  assert.equal(lifecycle.scale, undefined)
  const denied = await open(t, { apiKey: 'other:key' })
  await assert.rejects(denied.deploy({ image: 'x' }), refusal('denied', /answers 401/))
  await assert.rejects(denied.lifecycle.list(forever), refusal('denied', /answers 401/))
})

test('all actions are listed, page by page, and removed one by one', async (t) => {
  const { platform, lifecycle } = await open(t)
  for (let i = 0; i < 450; i++) platform.entities.add(`f${i}`)
  assert.equal((await lifecycle.list(forever)).length, 450)
  await lifecycle.remove(facts('f7'), forever)
  assert.equal((await lifecycle.list(forever)).length, 449)
  await assert.rejects(lifecycle.remove(facts('f7'), forever), refusal('not-found', /does not exist/))
})

/** A platform whose activations of `f` began at these ages and said these lines. */
async function heard(t: TestContext, said: readonly (readonly [ageMs: number, ...lines: string[]])[]) {
  const { platform, lifecycle } = await open(t)
  platform.entities.add('f')
  let ids = 0
  const add = (ageMs: number, ...lines: string[]) => {
    const start = Date.now() - ageMs
    const logs = lines.map((line, i) => `${new Date(start + i).toISOString()} stdout: ${line}`)
    const activationId = `a${ids++}`
    const record: Partial<Activation> = { activationId, name: 'f', start, logs }
    platform.records.set(activationId, record as Activation)
  }
  for (const [ageMs, ...lines] of said) add(ageMs, ...lines)
  const logs = (wanted: Partial<LogsWanted>, signal = forever) =>
    lifecycle.logs(facts('f'), { follow: false, tail: null, sinceMs: null, ...wanted }, signal)
  const texts = async (wanted: Partial<LogsWanted>) =>
    (await Array.fromAsync(logs(wanted))).map(({ text }) => text)
  return { logs, texts, add, lifecycle }
}

test('the lines of an action are those of its activations, in the order in which these began', async (t) => {
  const hour = 3_600_000
  const { logs, texts, lifecycle } = await heard(t, [
    [10, 'd'],
    [30 * hour, 'a'],
    [2000, 'b', 'c'],
  ])
  const lines = await Array.fromAsync(logs({}))
  assert.deepEqual(
    lines.map(({ text, instance }) => [text, instance]),
    [
      ['a', 'a1'],
      ['b', 'a2'],
      ['c', 'a2'],
      ['d', 'a0'],
    ],
  )
  assert.ok(Math.abs(lines[0]!.timeMs! - (Date.now() - 30 * hour)) < 10_000)
  assert.deepEqual(await texts({ tail: 2 }), ['c', 'd'])
  assert.deepEqual(await texts({ tail: 0 }), [])
  assert.deepEqual(await texts({ sinceMs: Date.now() - hour }), ['b', 'c', 'd'])
  const wanted = { follow: false, tail: null, sinceMs: null }
  const gone = Array.fromAsync(lifecycle.logs(facts('gone'), wanted, forever))
  await assert.rejects(gone, refusal('not-found', /GET of gone/))
})

test('what comes is followed until nobody wants it, each activation once', async (t) => {
  const { logs, add } = await heard(t, [
    [9000, 'old'],
    [100, 'last'],
  ])
  const leaving = new AbortController()
  const texts: string[] = []
  const following = (async () => {
    for await (const { text } of logs({ follow: true, tail: 1 }, leaving.signal)) {
      texts.push(text)
      if (text === 'last') add(5000, 'began before and is over now')
      if (texts.length === 2) add(0, 'new')
      if (text === 'new') leaving.abort(new Error('enough'))
    }
  })()
  await assert.rejects(following, /enough/)
  assert.deepEqual(texts, ['last', 'began before and is over now', 'new'])
})
