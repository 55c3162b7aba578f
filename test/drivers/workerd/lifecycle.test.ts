import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { DeploymentFacts } from '../../../gateway/contract/driver.ts'
import type { Lifecycle, LogLine, LogsWanted } from '../../../gateway/contract/lifecycle.ts'
import { deployOrder } from '../deploy-order.ts'
import { facts } from '../deployment-facts.ts'
import type { WorkerdBackend } from '../workerd-backend.ts'
import { backendFor, call, FunctionFiles, saying } from './function-files.ts'

const NEVER = new AbortController().signal
const ALL: LogsWanted = { follow: false, tail: null, sinceMs: null }

const lifecycleOf = ({ operator }: WorkerdBackend) => operator.lifecycle as Required<Lifecycle>

/** Deploys a folder with these files. */
async function deploy(
  t: TestContext,
  backend: WorkerdBackend,
  files: Readonly<Record<string, string>>,
  deployment: DeploymentFacts = facts('hello'),
) {
  const { directory: folder } = await FunctionFiles.create(t, files)
  const steps: string[] = []
  const result = await lifecycleOf(backend).deploy(
    deployOrder({ deployment, folder }),
    ({ detail }) => steps.push(detail),
    NEVER,
  )
  return { result, steps }
}

async function textsOf(lines: AsyncIterable<LogLine>): Promise<string[]> {
  const texts: string[] = []
  for await (const { text } of lines) texts.push(text)
  return texts
}

test('a folder is live when its deployment is over, and the next one replaces it', async (t) => {
  const { backend, folder } = await backendFor(t, {}, [facts('hello')])
  assert.equal((await call(backend, { path: '/' })).outcome, 'not-found')
  const files = {
    'index.ts':
      "import { word } from './lib/word.js'\nexport default { fetch: (): Response => new Response(word) }\n",
    'lib/word.js': "export const word = 'one'\n",
  }
  const first = await deploy(t, backend, files)
  assert.deepEqual(first, { result: 'created', steps: ['checking the code', 'starting', 'ready'] })
  assert.equal((await call(backend, { path: '/' })).text, 'one')
  assert.equal((await deploy(t, backend, { 'index.js': saying('two') })).result, 'updated')
  assert.equal((await call(backend, { path: '/' })).text, 'two')
  assert.deepEqual(readdirSync(folder.directory), ['hello'])
  assert.deepEqual(readdirSync(join(folder.directory, 'hello')), ['index.js'])
})

test('a file of the same function goes when its folder comes', async (t) => {
  const { backend, folder } = await backendFor(t, { 'hello.ts': saying('file') }, [facts('hello')])
  assert.equal((await deploy(t, backend, { 'index.js': saying('folder') })).result, 'updated')
  assert.equal((await call(backend, { path: '/' })).text, 'folder')
  assert.deepEqual(readdirSync(folder.directory), ['hello'])
})

test('code that cannot run is refused with the reason, and what was there serves on', async (t) => {
  const { backend, folder } = await backendFor(t, { 'hello/index.js': saying('old') }, [facts('hello')])
  const refusals: [Record<string, string>, RegExp][] = [
    [{ 'index.js': 'export default {' }, /^hello cannot run: hello\/index.js:1: this is not JavaScript$/],
    [{ 'main.js': saying('x') }, /^hello cannot run: the folder has no index\.js, \.mjs, \.ts or \.mts$/],
    [{ 'index.js': "import '../other.js'\nexport default {}" }, /other\.js, which does not exist/],
    [{ 'index.js': "import '../../etc/passwd'\nexport default {}" }, /outside the folder/],
    [
      { 'index.js': "throw new Error('at once')\nexport default {}" },
      /^hello cannot run: workerd: .*at once/s,
    ],
    [{ 'index.js': 'export const a = 1' }, /no default export/],
  ]
  for (const [files, message] of refusals) {
    await assert.rejects(deploy(t, backend, files), { name: 'PlatformRefusal', kind: 'invalid', message })
  }
  assert.equal((await call(backend, { path: '/' })).text, 'old')
  assert.deepEqual(readdirSync(folder.directory), ['hello'])
})

test('what workerd cannot keep is refused, images too', async (t) => {
  const { backend } = await backendFor(t, {}, [facts('hello')])
  const asked = (parts: Parameters<typeof deployOrder>[0]) =>
    lifecycleOf(backend).deploy(deployOrder(parts), () => {}, NEVER)
  await assert.rejects(asked({ image: 'x' }), { kind: 'unsupported', message: /^workerd runs folders/ })
  await assert.rejects(asked({ folder: '/', environment: { A: '1' } }), {
    message: 'workerd cannot give a function environment variables.',
  })
  assert.equal(lifecycleOf(backend).scale, undefined)
})

test('no call fails while its function is replaced', async (t) => {
  const { backend } = await backendFor(t, { 'hello/index.js': saying('0') }, [facts('hello')], {
    watch: true,
  })
  let isOver = false
  const seen = new Set<string>()
  const calling = (async () => {
    while (!isOver) {
      const { outcome, text } = await call(backend, { path: '/' })
      seen.add(`${outcome} ${text}`)
    }
  })()
  for (const text of ['1', '2', '3']) await deploy(t, backend, { 'index.js': saying(text) })
  isOver = true
  await calling
  const failed = [...seen].filter((said) => !/^answered [0-3]$/.test(said))
  assert.deepEqual(failed, [])
  assert.ok(seen.has('answered 1') && seen.has('answered 2'), 'calls ran while it was replaced')
  assert.equal((await call(backend, { path: '/' })).text, '3')
})

test('all functions of the folder are listed, those that nobody calls and those that are broken too', async (t) => {
  const files = {
    'hello.js': saying('hello'),
    'idle/index.ts': saying('idle'),
    'broken.mjs': 'export default {',
    'lib/word.js': '',
    'notes.txt': '',
  }
  const { backend } = await backendFor(t, files, [facts('hello'), facts('hello', 'acme'), facts('nofile')])
  const listed = await lifecycleOf(backend).list(NEVER)
  assert.deepEqual(
    listed.map(({ name, ready, replicas, source }) => [name, ready, replicas, source]),
    [
      ['broken', false, 0, null],
      ['hello', true, 2, 'hello.js'],
      ['idle', true, 0, 'idle/index.ts'],
    ],
  )
})

test('a function that is removed is gone with its folder, and only once', async (t) => {
  const files = { 'hello/index.js': saying('hello'), 'hello/data.json': '{}', 'other.js': saying('other') }
  const { backend, folder } = await backendFor(t, files, [facts('hello'), facts('other')])
  await lifecycleOf(backend).remove(facts('hello'), NEVER)
  assert.equal((await call(backend, { path: '/' })).outcome, 'not-found')
  assert.equal((await call(backend, { path: '/' }, facts('other'))).text, 'other')
  assert.deepEqual(readdirSync(folder.directory), ['other.js'])
  await assert.rejects(lifecycleOf(backend).remove(facts('hello'), NEVER), {
    kind: 'not-found',
    message: 'There is no hello in the folder of functions.',
  })
})

const TALKING = `export default {
  fetch(request) {
    const { pathname } = new URL(request.url)
    if (pathname === '/throw') throw new Error('it broke')
    console.log('  said ' + pathname)
    return new Response('ok')
  },
}
`

test('what a function says is kept, with its errors, apart from what others say', async (t) => {
  const { backend } = await backendFor(t, { 'hello.js': TALKING, 'other.js': TALKING }, [
    facts('hello'),
    facts('other'),
    facts('hello', 'acme'),
  ])
  const lifecycle = lifecycleOf(backend)
  const following = new AbortController()
  const live = lifecycle.logs(facts('hello'), { ...ALL, follow: true }, following.signal)
  const iterator = live[Symbol.asyncIterator]()
  const first = iterator.next()
  await call(backend, { path: '/one' })
  assert.equal((await first).value!.text, '  said /one')
  const second = iterator.next()
  await call(backend, { path: '/elsewhere' }, facts('other'))
  await call(backend, { path: '/acme' }, facts('hello', 'acme'))
  await call(backend, { path: '/two' })
  const { timeMs, text } = (await second).value!
  assert.equal(text, '  said /two')
  assert.ok(Math.abs(Date.now() - timeMs) < 60_000)
  const third = iterator.next()
  await call(backend, { path: '/throw' })
  assert.match((await third).value!.text, /uncaught: .*it broke/)
  const last = iterator.next()
  following.abort()
  assert.equal((await last).done, true)
  assert.deepEqual((await textsOf(lifecycle.logs(facts('hello'), { ...ALL, tail: 2 }, NEVER))).length, 2)
  assert.deepEqual(
    await textsOf(lifecycle.logs(facts('hello'), { ...ALL, sinceMs: Date.now() + 1e6 }, NEVER)),
    [],
  )
  assert.deepEqual(await textsOf(lifecycle.logs(facts('hello', 'acme'), ALL, NEVER)), ['  said /acme'])
})

test('a gateway that died while it replaced a function leaves it as it was', async (t) => {
  const folder = await FunctionFiles.create(t, { 'hello/index.js': saying('old') })
  const passing = join(folder.directory, '.dispatch-abc')
  mkdirSync(join(passing, 'old'), { recursive: true })
  renameSync(join(folder.directory, 'hello'), join(passing, 'old/hello'))
  folder.write('.dispatch-abc/hello/index.js', saying('new'))
  folder.write('.dispatch-def/old/kept/index.js', saying('replaced'))
  folder.write('kept/index.js', saying('kept'))
  const { WorkerdBackend } = await import('../workerd-backend.ts')
  const backend = new WorkerdBackend({ directory: folder.directory }, [facts('hello'), facts('kept')])
  t.after(() => backend.close())
  await backend.operator.open()
  assert.equal((await call(backend, { path: '/' })).text, 'old')
  assert.equal((await call(backend, { path: '/' }, facts('kept'))).text, 'kept')
  assert.deepEqual(readdirSync(folder.directory).sort(), ['hello', 'kept'])
})

test('a folder of functions that is away is told as such', async (t) => {
  const { backend, folder } = await backendFor(t, { 'hello.js': saying('old') }, [facts('hello')])
  rmSync(folder.directory, { recursive: true })
  await assert.rejects(deploy(t, backend, { 'index.js': saying('x') }), {
    kind: 'failed',
    message: 'The folder of functions cannot be written to (ENOENT).',
  })
  assert.equal(existsSync(folder.directory), false)
})
