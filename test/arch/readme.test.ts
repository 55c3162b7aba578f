import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { registry } from '../../gateway/built-in.ts'
import { loadConfig, parseConfig } from '../../gateway/config/load-config.ts'
import { ERRORS } from '../../gateway/contract/errors.ts'
import { OUTCOMES } from '../../gateway/contract/outcome.ts'
import { createAuthority } from '../../gateway/development/certificate-authority.ts'
import { ROOT, sourceFiles } from './source-files.ts'

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** The first block of a language in the README that holds a text. */
function block(language: string, holding: string): string {
  const blocks = [...README.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text]) => text!,
  )
  const found = blocks.find((text) => text.includes(holding))
  assert.ok(found, `the README has no ${language} block with ${holding}`)
  return found
}

test('the configuration, the driver and the plugin of the README work as they are printed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-readme-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const authority = await createAuthority(Date.now())
  const files: Record<string, string> = {
    'tls/chain.pem': authority.certificate,
    'tls/key.pem': authority.key,
    'tls/faas-ca.pem': authority.certificate,
    'functions/resize.js': 'export default { fetch: () => new Response() }',
    'functions/report.js': 'export default { fetch: () => new Response() }',
    'by-header.mjs': block('js', "kind: 'by-header'"),
    'quiet-hours.mjs': block('js', "name: 'quiet-hours'"),
    'dispatch.yaml': `plugins: [./quiet-hours.mjs]\ndrivers: [./by-header.mjs]\n${block('yaml', 'organizations:')}`,
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const { config, registry: extended } = await loadConfig(join(folder, 'dispatch.yaml'), registry)
  assert.equal(config.routes.length, 3)
  assert.ok(extended.drivers.has('by-header'))
  assert.ok(extended.plugins.some(({ name }) => name === 'quiet-hours'))
})

test('the placement of the README is a configuration without mistakes', async () => {
  const text = block('yaml', 'burst: { above')
  const routes =
    'defaults: { auth: none }\nroutes: [{ path: /t, function: thumbnail }, { path: /c, function: caption }]'
  const { config, warnings } = await parseConfig(`${text}\n${routes}`, '/dispatch.yaml', registry)
  assert.deepEqual(warnings, [])
  assert.equal(config.functions.length, 2)
})

test('the Kong of the README and of its own page are configurations without mistakes', async () => {
  const page = readFileSync(join(ROOT, 'kong-plugins/README.md'), 'utf8')
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-readme-'))
  await mkdir(join(folder, 'tls'))
  await writeFile(join(folder, 'tls/admin-ca.pem'), (await createAuthority(Date.now())).certificate)
  try {
    for (const text of [block('yaml', 'kong:\n'), /```yaml\n([\s\S]*?)```/.exec(page)![1]!]) {
      const options = { environment: { KONG_TOKEN: 'secret' } }
      const { config } = await parseConfig(text, join(folder, 'dispatch.yaml'), registry, options)
      assert.ok(config.kong!.targets.length > 0)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('every file that a page points to exists', () => {
  const pages = [
    'README.md',
    'gateway/README.md',
    'drivers/README.md',
    'bench/README.md',
    'kong-plugins/README.md',
  ]
  for (const page of pages) {
    const text = readFileSync(join(ROOT, page), 'utf8')
    for (const [, target] of text.matchAll(/\]\(([^)#]+)\)/g)) {
      assert.ok(existsSync(join(ROOT, dirname(page), target!)), `${page} points to ${target}`)
    }
  }
})

test('the architecture page tells every outcome', () => {
  const text = readFileSync(join(ROOT, 'gateway/README.md'), 'utf8')
  assert.deepEqual(
    Object.keys(OUTCOMES).filter((outcome) => !new RegExp(`\\| \`${outcome}\` +\\|`).test(text)),
    [],
  )
})

test('every error code is used, and no code is used that the table lacks', () => {
  const code = sourceFiles().filter(
    (file) => !file.startsWith('test/') && file !== 'gateway/contract/errors.ts',
  )
  const text = code.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
  const used = new Set([...text.matchAll(/\bGW_[A-Z_]+\b/g)].map(([name]) => name))
  assert.deepEqual(
    [...Object.keys(ERRORS)].filter((name) => !used.has(name)),
    [],
    'codes that nobody uses',
  )
  assert.deepEqual(
    [...used].filter((name) => !(name in ERRORS)),
    [],
    'codes that nobody defined',
  )
})
