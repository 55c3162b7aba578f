import assert from 'node:assert/strict'
import { existsSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { facts } from '../deployment-facts.ts'
import { backendFor, call, saying } from './function-files.ts'

const socketOf = (address: string | null | undefined) => address!.slice('unix:'.length)

test('functions run as JavaScript or TypeScript, alone or with files that they import', async (t) => {
  const files = {
    'plain.js': saying('plain'),
    'typed.ts':
      "import { word } from './lib/word.ts'\nimport data from './data.json'\nimport type { X } from './none.ts'\nexport default { fetch: (request: Request): Response => new Response(word + data.n) }\n",
    'lib/word.ts': "export { word } from '../words/deep.mjs'\n",
    'words/deep.mjs': "export const word = 'w\u00f6rd'\n",
    'data.json': '{"n":7}',
    'folder/index.mjs': saying('folder'),
  }
  const { backend } = await backendFor(
    t,
    files,
    ['plain', 'typed', 'folder'].map((name) => facts(name)),
  )
  assert.equal((await call(backend, { path: '/' }, facts('plain'))).text, 'plain')
  assert.equal((await call(backend, { path: '/' }, facts('typed'))).text, 'wörd7')
  assert.equal((await call(backend, { path: '/' }, facts('folder'))).text, 'folder')
  assert.deepEqual(await backend.operator.probe(), { ready: true, detail: '3 functions run' })
})

test('the inventory tells which functions run', async (t) => {
  const acme = facts('hello', 'acme')
  const { backend } = await backendFor(t, { 'hello.js': saying('hello') }, [facts('nofile'), acme])
  assert.deepEqual(await backend.operator.inventory!(), [
    { organization: 'default', name: 'nofile', ready: false, replicas: null, limit: null },
    { organization: 'acme', name: 'hello', ready: true, replicas: 1, limit: null },
  ])
})

test('a function sees the URL that its caller used', async (t) => {
  const { backend } = await backendFor(
    t,
    { 'hello.js': 'export default { fetch: (request) => new Response(request.url) }' },
    [facts('hello')],
  )
  assert.equal((await call(backend, { path: '/a%20b?x=%2F' })).text, 'https://api.example.com/a%20b?x=%2F')
})

test('before the operator has spoken a function is unreachable, without a file it is not found', async (t) => {
  const { backend } = await backendFor(t, { 'hello.js': saying('hello') }, [facts('hello'), facts('nofile')])
  assert.equal((await call(backend, { path: '/' }, facts('nofile'))).outcome, 'not-found')
  assert.ok(backend.log.entries.some(({ message }) => message.includes('there is no nofile.js')))
  const { driver } = await import('../../../drivers/workerd.ts')
  const { invokerHost, workerdOptions } = await import('../driver-hosts.ts')
  const fresh = driver.invoker(workerdOptions({ directory: '/' }), invokerHost())
  const attempt = await new TestAttempt(facts('hello'), { path: '/' }).run(fresh).over()
  assert.equal(attempt.outcome, 'unreachable')
  await fresh.close()
})

test('nothing is announced before all functions run, so that facts of an operator before stay true', async (t) => {
  const deployments = ['default', 'acme', 'umbrella'].map((organization) => facts('hello', organization))
  const { backend } = await backendFor(t, { 'hello.js': saying('hello') }, deployments)
  assert.equal(backend.announced.length, 1)
  for (const { organization } of deployments) {
    assert.equal(typeof backend.address('hello', organization), 'string')
  }
})

test('organizations have processes of their own, in folders that nobody else can read', async (t) => {
  const { backend } = await backendFor(
    t,
    { 'hello.js': 'let calls = 0\nexport default { fetch: () => new Response(String(++calls)) }' },
    [facts('hello'), facts('hello', 'acme')],
  )
  for (const count of ['1', '2']) assert.equal((await call(backend, { path: '/' })).text, count)
  assert.equal((await call(backend, { path: '/' }, facts('hello', 'acme'))).text, '1')
  const folders = ['default', 'acme'].map((organization) =>
    dirname(socketOf(backend.address('hello', organization))),
  )
  assert.notEqual(folders[0], folders[1])
  for (const folder of folders) {
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    assert.equal(statSync(dirname(folder)).mode & 0o777, 0o700)
    for (const file of readdirSync(folder).filter((name) => /capnp|module/.test(name))) {
      assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600)
    }
  }
})

test('one function that cannot start does not keep its neighbours from running', async (t) => {
  const files = {
    'hello.js': saying('hello'),
    'syntax.js': 'export default { fetch() { return 1 + } }',
    'throws.js': "throw new Error('at load')\nexport default { fetch() {} }",
    'typed.ts': 'enum A { b }\nexport default { fetch() {} }',
    'lost.js': "import './nowhere.js'\nexport default { fetch() {} }",
  }
  const names = ['hello', 'syntax', 'throws', 'typed', 'lost']
  const { backend } = await backendFor(
    t,
    files,
    names.map((name) => facts(name)),
  )
  assert.equal((await call(backend, { path: '/' })).text, 'hello')
  const said = (name: string) =>
    backend.log.entries.filter(({ fields }) => 'function' in fields && fields.function === name)[0]
      ?.message ?? ''
  assert.match(said('syntax'), /SyntaxError.*\n.*syntax\.js:1:/)
  assert.match(said('throws'), /at load\n.*throws\.js:1:/)
  assert.match(said('typed'), /typed\.ts: TypeScript enum is not supported/)
  assert.match(said('lost'), /lost\.js imports nowhere\.js, which does not exist/)
  for (const name of names.slice(1))
    assert.equal((await call(backend, { path: '/' }, facts(name))).outcome, 'unreachable')
  assert.match((await backend.operator.probe()).detail, /not running: default\/syntax, default\/throws/)
})

test('new code takes over while calls on the old code end, and no call fails', async (t) => {
  const { backend, folder } = await backendFor(t, { 'hello.js': saying('v0') }, [facts('hello')], {
    watch: true,
  })
  let stop = false
  let calls = 0
  const seen = new Set<string>()
  const caller = async () => {
    while (!stop) {
      const attempt = await call(backend, { method: 'POST', path: '/', body: Buffer.from('x') })
      assert.equal(attempt.outcome, 'answered', attempt.summary())
      seen.add(attempt.text)
      calls++
    }
  }
  const callers = [caller(), caller(), caller(), caller()]
  const first = backend.address('hello')
  for (const version of ['v1', 'v2', 'v3']) {
    const before = backend.address('hello')
    // As editors do: beside it, then over it.
    writeFileSync(join(folder.directory, 'hello.js~'), saying(version))
    renameSync(join(folder.directory, 'hello.js~'), join(folder.directory, 'hello.js'))
    await backend.until(() => backend.address('hello') !== before, version)
  }
  // The first process leaves while calls go on, and the newest code serves them.
  while (existsSync(dirname(socketOf(first))) || !seen.has('v3') || calls <= 100)
    await new Promise((resolve) => setTimeout(resolve, 20))
  stop = true
  await Promise.all(callers)
})

test('a call on old code ends on it after a change', async (t) => {
  const slow = "export default { async fetch() { await scheduler.wait(1500); return new Response('old') } }"
  const { backend, folder } = await backendFor(t, { 'hello.js': slow }, [facts('hello')], { watch: true })
  const before = backend.address('hello')
  const pending = call(backend, { path: '/' })
  folder.write('hello.js', saying('new'))
  await backend.until(() => backend.address('hello') !== before, 'the change')
  assert.equal((await call(backend, { path: '/' })).text, 'new')
  assert.equal((await pending).text, 'old')
})

test('new code that cannot start leaves the old code serving, and is taken up once it can', async (t) => {
  const files = { 'hello.js': saying('old'), 'other.js': saying('other') }
  const { backend, folder } = await backendFor(t, files, [facts('hello'), facts('other')], { watch: true })
  folder.write('hello.js', 'export default { fetch() { return 1 + } }')
  folder.write('other.js', saying('other, new'))
  const before = backend.address('other')
  await backend.until(() => backend.address('other') !== before, 'the neighbour')
  assert.equal((await call(backend, { path: '/' }, facts('other'))).text, 'other, new')
  assert.equal((await call(backend, { path: '/' })).text, 'old')
  assert.ok(backend.log.entries.some(({ message }) => /hello\.js:1:/.test(message)))
  const broken = backend.address('hello')
  folder.write('hello.js', saying('fixed'))
  await backend.until(() => backend.address('hello') !== broken, 'the correction')
  assert.equal((await call(backend, { path: '/' })).text, 'fixed')
})

test('deployments of a new configuration run before it serves, those that left a little longer', async (t) => {
  const { backend } = await backendFor(t, { 'hello.js': saying('hello'), 'new.js': saying('new') }, [
    facts('hello'),
  ])
  await backend.operator.update!([facts('new'), facts('hello', 'acme')])
  assert.equal((await call(backend, { path: '/' }, facts('new'))).text, 'new')
  assert.equal((await call(backend, { path: '/' }, facts('hello', 'acme'))).text, 'hello')
  assert.equal((await call(backend, { path: '/' })).text, 'hello')
  await backend.until(() => backend.address('hello') === undefined, 'the end of what left')
  assert.equal((await call(backend, { path: '/' })).outcome, 'not-found')
  assert.equal((await call(backend, { path: '/' }, facts('new'))).text, 'new')
})

test('closing ends every process and leaves no file behind', async (t) => {
  const { backend } = await backendFor(t, { 'hello.js': saying('hello') }, [
    facts('hello'),
    facts('hello', 'acme'),
  ])
  const folder = dirname(dirname(socketOf(backend.address('hello'))))
  assert.ok(existsSync(folder))
  await backend.close()
  assert.ok(!existsSync(folder))
})
