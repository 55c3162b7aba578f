import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectBundle } from '../../../drivers/workerd/bundle.ts'
import { ModuleReader } from '../../../drivers/workerd/module-reader.ts'
import { FunctionFiles, saying } from './function-files.ts'

const DEFAULT = '\nexport default { fetch() {} }\n'

test('a function is its file and all that this imports, once each', async (t) => {
  const folder = await FunctionFiles.create(t, {
    'hello.js': `import './a.js'\nimport('./lib/b.js')\nimport 'node:path'\nimport 'cloudflare:workers'${DEFAULT}`,
    'a.js': "import './lib/b.js'\nexport * from './hello.js'\n",
    'lib/b.js': "import t from '../t.txt'\n",
    't.txt': 'text',
    'not-imported.js': 'this is not JavaScript {',
  })
  const bundle = await collectBundle(new ModuleReader(folder.directory), 'hello')
  assert.deepEqual(
    bundle!.modules.map(({ name, kind }) => `${kind} ${name}`),
    ['esModule hello.js', 'esModule a.js', 'esModule lib/b.js', 'text t.txt'],
  )
})

test('the fingerprint changes with the code and with nothing else', async (t) => {
  const folder = await FunctionFiles.create(t, { 'hello.js': saying('one') })
  const reader = new ModuleReader(folder.directory)
  const first = (await collectBundle(reader, 'hello'))!.fingerprint
  folder.write('hello.js', saying('one'))
  assert.equal((await collectBundle(reader, 'hello'))!.fingerprint, first)
  folder.write('hello.js', saying('two!'))
  assert.notEqual((await collectBundle(reader, 'hello'))!.fingerprint, first)
})

test('what cannot be run is refused in words for its author', async (t) => {
  const refused: [string, string, RegExp][] = [
    [
      'outside.js',
      `import '../../etc/passwd'${DEFAULT}`,
      /outside\.js imports \.\.\/\.\.\/etc\/passwd, which is outside/,
    ],
    ['absolute.js', `import '/etc/passwd'${DEFAULT}`, /which is outside the folder/],
    ['package.js', `import 'lodash'${DEFAULT}`, /imports the package lodash: bundle it/],
    ['url.js', `import 'https://example.com/x.js'${DEFAULT}`, /imports the package https/],
    ['ending.js', `import './data.csv'${DEFAULT}`, /data\.csv has an ending that is none of/],
    ['noexport.js', 'export const fetch = 1', /has no default export/],
    ['syntax.js', 'import from from', /syntax\.js:1: this is not JavaScript/],
    ['twice.js', DEFAULT, /which is the function: twice\.js or twice\/index\.ts/],
  ]
  const files = Object.fromEntries(refused.map(([name, content]) => [name, content]))
  const folder = await FunctionFiles.create(t, { ...files, 'data.csv': 'a', 'twice/index.ts': DEFAULT })
  const reader = new ModuleReader(folder.directory)
  for (const [name, , message] of refused) {
    await assert.rejects(collectBundle(reader, name.replace('.js', '')), message)
  }
})

test('a folder, or nothing, by the name of a function is no function', async (t) => {
  const folder = await FunctionFiles.create(t, { 'hello.js/file': 'x', 'other/readme.txt': 'x' })
  const reader = new ModuleReader(folder.directory)
  for (const name of ['hello', 'other', 'nothing']) assert.equal(await collectBundle(reader, name), null)
})
