import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseDocument } from 'yaml'
import { registry } from '../../../gateway/built-in.ts'
import { parseConfig } from '../../../gateway/config/load-config.ts'
import { digestOf, headerOf, KEY, signAssertion } from './assertion.ts'
import { openWasmLua } from './lua.ts'
import { ALICE, LuaPlugin, NOW_S, PLUGIN_FOLDER } from './lua-plugin.ts'

/** The page and the package of the plugin say what is so. */
const README = readFileSync(join(PLUGIN_FOLDER, 'README.md'), 'utf8')
const blocks = (language: string): string[] =>
  [...README.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map((found) => found[1]!)

test('the assertion of the page is the one that its claims and secret make', async () => {
  const [claims, assertion] = blocks('text')[0]!.trim().split('\n\n') as [string, string]
  assert.equal(signAssertion(claims), assertion)
  assert.ok(README.includes(KEY.secret) && README.includes(headerOf('k1')))
  const call = { method: 'GET', host: 'api.example.com', path: '/hello' }
  assert.equal(JSON.parse(claims).req, digestOf(call))
  const plugin = await LuaPlugin.load(openWasmLua())
  await plugin.configure('page', { zone: 'eu-west-1/a' })
  const made = await plugin.call({
    ...ALICE,
    config: 'page',
    acl: ['staff', 'admins'],
    uri: call.path,
    now: NOW_S,
  })
  assert.equal(made.assertion, assertion)
  plugin.close()
})

test('every setting is on the page, with no other', async () => {
  const plugin = await LuaPlugin.load(openWasmLua())
  const settings = (await plugin.run('return SETTINGS()')).split(' ')
  const [, table] = README.split('## Settings')
  const listed = [...table!.split('\n## ')[0]!.matchAll(/^\| `(\w+)`/gm)].map((found) => found[1]!)
  assert.deepEqual(listed.toSorted(), settings.toSorted())
  plugin.close()
})

test('the configurations of the page are what they should be', async () => {
  const environment = { DISPATCH_KEY: 'k'.repeat(44) }
  const [gateway, plugins, https] = blocks('yaml') as [string, string, string]
  const { config } = await parseConfig(gateway, '/dispatch.yaml', registry, { environment })
  assert.equal(config.identity.kong?.keys[0]?.id, '2026-11')
  assert.equal(parseDocument(plugins).toJS().plugins[0].name, 'dispatch-edge')
  assert.deepEqual(parseDocument(https).toJS().gateway.https.clientCertificate.subjects, ['kong.internal'])
})

test('the package installs each file of the plugin', async () => {
  const lua = openWasmLua()
  const [rockspec] = readdirSync(PLUGIN_FOLDER).filter((file) => file.endsWith('.rockspec'))
  await lua.run(`${readFileSync(join(PLUGIN_FOLDER, rockspec!), 'utf8')} return ""`)
  const listed = await lua.run(
    'local t = {} for name, file in pairs(build.modules) do t[#t + 1] = name .. " " .. file end table.sort(t) return table.concat(t, "\\n")',
  )
  const files = readdirSync(join(PLUGIN_FOLDER, 'kong/plugins/dispatch-edge')).toSorted()
  assert.deepEqual(
    listed.split('\n'),
    files.map((file) => {
      const module = `kong.plugins.dispatch-edge.${file.replace(/\.lua$/, '')}`
      return `${module} kong/plugins/dispatch-edge/${file}`
    }),
  )
  assert.match(await lua.run('return package .. " " .. version'), /^kong-plugin-dispatch-edge 0\.1\.0-1$/)
  assert.ok(rockspec!.startsWith('kong-plugin-dispatch-edge-0.1.0-1'))
  const handler = readFileSync(join(PLUGIN_FOLDER, 'kong/plugins/dispatch-edge/handler.lua'), 'utf8')
  assert.match(handler, /VERSION = "0\.1\.0"/)
  lua.close()
})
