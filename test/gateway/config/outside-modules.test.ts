import assert from 'node:assert/strict'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadOutsideModules } from '../../../gateway/config/outside-modules.ts'
import { load, messagesIn, registry } from './sample.ts'

let folder = ''
let file = ''
before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'dispatch-modules-')))
  file = join(folder, 'conf', 'dispatch.yaml')
})
after(() => rm(folder, { recursive: true }))

async function module(path: string, text: string): Promise<string> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
  return join(folder, path)
}

/** A plugin without types or libraries: its schema is plain JSON Schema with our keyword `written`. */
const PLUGIN = `
export const plugin = {
  name: 'greet',
  status: 'experimental',
  description: 'Greets.',
  options: {
    type: 'object',
    required: ['wait', 'level'],
    properties: {
      wait: { type: 'integer', written: 'duration', default: '5s', description: 'How long.' },
      level: { type: 'integer', multipleOf: 5, description: 'How loud.' },
    },
  },
  create: () => ({}),
}
`
const DRIVER = `
export const driver: { kind: string } & Record<string, unknown> = {
  kind: 'custom',
  status: 'beta',
  description: 'Runs somewhere.',
  options: { type: 'object', properties: { area: { type: 'string', default: 'a', description: 'Where.' } } },
  capabilities: { streaming: true, rawHttp: true },
  invoker: () => ({ invoke() {}, async close() {} }),
}
`

const USE = `
backends: { there: { driver: custom, area: b } }
functions: { f: { deployments: [there] } }
routes: [{ path: /a, function: f, auth: none, plugins: { greet: { level: 10 }, first: {} } }]
`

test('plugins and drivers come from files beside the configuration and from packages', async () => {
  await module('plugins/greet.mjs', PLUGIN)
  await module(
    'node_modules/custom-driver/package.json',
    '{ "name": "custom-driver", "type": "module", "exports": { "import": "./index.js" } }',
  )
  await module(
    'node_modules/custom-driver/index.js',
    DRIVER.replace(': { kind: string } & Record<string, unknown>', ''),
  )
  const loaded = await load(`plugins: [../plugins/greet.mjs]\ndrivers: [custom-driver]\n${USE}`, { file })
  assert.deepEqual(loaded.config.plugins, [join(folder, 'plugins/greet.mjs')])
  assert.deepEqual(loaded.config.drivers, [join(folder, 'node_modules/custom-driver/index.js')])
  assert.deepEqual(loaded.config.backends[0]!.options, { area: 'b' })
  assert.deepEqual(
    loaded.config.routes[0]!.plugins.map(({ plugin, options }) => [plugin, options]),
    [
      ['first', { limit: 1024, window: 1000, names: [], mode: 'soft' }],
      ['greet', { wait: 5000, level: 10 }],
    ],
  )
  assert.deepEqual([...loaded.registry.drivers.keys()], ['plain', 'custom'])
  assert.deepEqual(
    loaded.registry.plugins.map(({ name }) => name),
    ['first', 'second', 'greet'],
  )
  assert.deepEqual([...registry.drivers.keys()], ['plain'])
})

test('a module may be TypeScript, and threads load the same modules', async () => {
  const plugin = await module('typed/plugin.mjs', PLUGIN)
  const driver = await module('typed/driver.ts', DRIVER)
  const loaded = await load(`plugins: [${plugin}]\ndrivers: [../typed/driver.ts]\n${USE}`, { file })
  const inThread = await loadOutsideModules(loaded.config.plugins, loaded.config.drivers, registry)
  assert.equal(inThread.drivers.get('custom'), loaded.registry.drivers.get('custom'))
  assert.deepEqual(inThread.plugins, loaded.registry.plugins)
  assert.deepEqual(loaded.config.drivers, [driver])
})

test('a thread that cannot load a module says which', async () => {
  await assert.rejects(loadOutsideModules([join(folder, 'gone.mjs')], [], registry), {
    code: 'GW_START_FAILED',
    detail: /gone\.mjs" cannot be loaded/,
  })
})

test('options of an outside plugin are checked like those of any other, keywords that only TypeBox knows included', async () => {
  await module('plugins/checked.mjs', PLUGIN)
  const text = (options: string) =>
    `plugins: [../plugins/checked.mjs]\ndefaults: { plugins: { greet: ${options} } }\n`
  assert.deepEqual(await messagesIn(text('{ wiat: 5 }'), { file }), [
    '2 defaults.plugins.greet.level: "level" is missing',
    '2 defaults.plugins.greet.wiat: unknown key "wiat" → wait',
  ])
  assert.deepEqual(await messagesIn(text('{ level: 7, wait: 5 }'), { file }), [
    '2 defaults.plugins.greet.wait: "5" is not a duration → 5s',
  ])
  assert.deepEqual(await messagesIn(text('{ level: 7 }'), { file }), [
    '2 defaults.plugins.greet.level: this must be multiple of 5',
  ])
})

test('a module that is not what it should be is a mistake at its line', async () => {
  await module('conf/throws.mjs', 'throw new Error("no database\\nsecond line")')
  await module('conf/syntax.mjs', 'export const = 1')
  await module('conf/nothing.mjs', 'export const other = 1')
  await module('conf/named.mjs', PLUGIN.replace("'greet'", "'Greet It'"))
  await module('conf/status.mjs', PLUGIN.replace("'experimental'", "'new'"))
  await module('conf/schema.mjs', PLUGIN.replace("type: 'object'", "type: 'array'"))
  await module('conf/create.mjs', PLUGIN.replace('create: () => ({})', 'create: {}'))
  await module('conf/taken.mjs', PLUGIN.replace("'greet'", "'first'"))
  await module('conf/greet.mjs', PLUGIN)
  await module('conf/again.mjs', PLUGIN)
  const names = [
    './missing.mjs',
    'no-such-package',
    'greet.mjs',
    './throws.mjs',
    './syntax.mjs',
    './nothing.mjs',
    './named.mjs',
    './status.mjs',
    './schema.mjs',
    './create.mjs',
    './taken.mjs',
    './greet.mjs',
    './again.mjs',
  ]
  const messages = await messagesIn(`plugins:\n${names.map((name) => `  - ${name}\n`).join('')}`, { file })
  assert.deepEqual(
    messages.map((message) => message.replaceAll(join(folder, 'conf/'), '')),
    [
      '2 plugins[0]: there is no file "./missing.mjs"',
      '3 plugins[1]: there is no package "no-such-package" to be found from the configuration file',
      '4 plugins[2]: there is no package "greet.mjs" to be found from the configuration file; a path begins with ./',
      '5 plugins[3]: "throws.mjs" cannot be loaded: no database',
      '6 plugins[4]: "syntax.mjs" cannot be loaded: Unexpected token \'=\'',
      '7 plugins[5]: "nothing.mjs" is not a plugin: it has no export `plugin`',
      '8 plugins[6]: "named.mjs" is not a plugin: `name` must be a name of 1 to 63 lower-case letters, digits and inner hyphens',
      '9 plugins[7]: "status.mjs" is not a plugin: `status` must be stable, beta or experimental',
      '10 plugins[8]: "schema.mjs" is not a plugin: `options` must be the schema of an object',
      '11 plugins[9]: "create.mjs" is not a plugin: `create` must be a function',
      '12 plugins[10]: there is a plugin "first" already',
      '14 plugins[12]: there is a plugin "greet" already',
    ],
  )
})

test('a driver from outside has capabilities and an invoker, and leaves the fields of backends alone', async () => {
  await module('conf/capable.ts', DRIVER.replace('streaming: true', 'streaming: 1'))
  await module('conf/invoker.ts', DRIVER.replace('invoker:', 'invokers:'))
  await module('conf/fields.ts', DRIVER.replace('area:', 'organizations:'))
  await module('conf/kind.ts', DRIVER.replace("'custom'", "'plain'"))
  const messages = await messagesIn('drivers: [./capable.ts, ./invoker.ts, ./fields.ts, ./kind.ts]\n', {
    file,
  })
  assert.deepEqual(
    messages.map((message) => message.replaceAll(join(folder, 'conf/'), '')),
    [
      '1 drivers[0]: "capable.ts" is not a driver: `capabilities` must have `streaming` and `rawHttp`, true or false',
      '1 drivers[1]: "invoker.ts" is not a driver: `invoker` must be a function',
      '1 drivers[2]: "fields.ts" is not a driver: `organizations` cannot be an option, it is a field of every backend',
      '1 drivers[3]: there is a driver "plain" already',
    ],
  )
})

test('a schema from outside that cannot be used is a mistake and nothing worse', async () => {
  await module(
    'conf/pattern.mjs',
    PLUGIN.replace("{ type: 'integer', multipleOf: 5,", "{ type: 'string', pattern: '(',"),
  )
  const [message] = await messagesIn(
    'plugins: [./pattern.mjs]\ndefaults: { plugins: { greet: { level: x } } }\n',
    { file },
  )
  assert.match(message!, /^2 defaults\.plugins\.greet: the schema of the plugin "greet" cannot be used: /)
})
