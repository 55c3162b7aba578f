import assert from 'node:assert/strict'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadConfig } from '../../../gateway/config/load-config.ts'
import { renderReference } from '../../../gateway/config/reference.ts'
import { registry, WHOLE } from '../config/sample.ts'
import { run } from './run.ts'

let cwd = ''
before(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'dispatch-check-')))
})
after(() => rm(cwd, { recursive: true }))

const gateway = { loadConfig: (file: string) => loadConfig(file, registry), registry: async () => registry }

test('check counts what is in a configuration without mistakes', async () => {
  await writeFile(join(cwd, 'dispatch.yaml'), WHOLE)
  const { code, stdout, stderr } = await run(['check'], { cwd, gateway })
  assert.deepEqual(
    [code, stdout, stderr],
    [0, 'ok: dispatch.yaml has 2 backends, 2 functions, 4 routes, 2 organizations\n', ''],
  )
})

test('check tells warnings beside the result', async () => {
  await writeFile(join(cwd, 'warn.yaml'), 'gateway: { timeouts: { keepAlive: 5s } }\n')
  const { code, stdout, stderr } = await run(['check', 'warn.yaml'], { cwd, gateway })
  assert.deepEqual(
    [code, stdout],
    [0, 'ok: warn.yaml has 0 backends, 0 functions, 0 routes, 0 organizations; 2 warnings\n'],
  )
  assert.match(stderr, /^warn\.yaml:1:35 {2}warning: gateway\.timeouts\.keepAlive: /m)
})

test('check tells every mistake with its line, and fails', async () => {
  await writeFile(join(cwd, 'broken.yaml'), 'gatway: {}\nroutes:\n  - path: /a\n')
  const { code, stdout, stderr } = await run(['check', 'broken.yaml'], { cwd, gateway })
  assert.deepEqual([code, stdout], [1, ''])
  assert.equal(
    stderr,
    `broken.yaml:1:1  gatway: unknown key "gatway"
    expected one of gateway, identity, plugins, drivers, placement, backends, defaults, functions, routes, burst, kong, organizations; did you mean "gateway"?
    1 | gatway: {}
      | ^
broken.yaml:3:5  routes[0].function: "function" is missing
    expected a name of 1 to 63 lower-case letters, digits and inner hyphens
    3 |   - path: /a
      |     ^
broken.yaml:3:5  routes[0]: nobody can call this route: there is no issuer and no API key that it takes
    expected \`auth: none\` for a public route, or \`issuers\`, \`apiKeys\` or \`development\` in \`identity\`
    3 |   - path: /a
      |     ^
`,
  )
})

test('check says which file is missing', async () => {
  const { code, stderr } = await run(['check', 'nope.yaml'], { cwd, gateway })
  assert.equal(code, 1)
  assert.match(stderr, /there is no file nope\.yaml/)
})

test('reference prints the page', async () => {
  const { code, stdout } = await run(['reference'], { cwd, gateway })
  assert.deepEqual([code, stdout], [0, renderReference(registry)])
})

test('reference has the settings of outside modules too, when a configuration names them', async () => {
  const module = `export const plugin = {
    name: 'my-plugin', status: 'beta', description: 'Does something.',
    options: { type: 'object', properties: { depth: { type: 'integer', default: 3, description: 'How deep.' } } },
    create: () => ({}),
  }`
  await writeFile(join(cwd, 'my-plugin.mjs'), module)
  await writeFile(join(cwd, 'outside.yaml'), 'plugins: [./my-plugin.mjs]\n')
  const { code, stdout } = await run(['reference', '--config', 'outside.yaml'], { cwd, gateway })
  assert.equal(code, 0)
  assert.match(stdout, /my-plugin[\s\S]*Does something\.[\s\S]*depth[\s\S]*How deep\./)
})
