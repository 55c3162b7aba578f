import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')

/** What the examples import, beside each other. */
const AS_IN_THE_PROJECT = [
  'node_modules',
  'gateway',
  'drivers/support',
  'test/conformance',
  'test/free-port.ts',
  'test/loopback.ts',
  'test/drivers/deployment-facts.ts',
  'test/drivers/driver-hosts.ts',
]

test('the driver of the page passes the kit over the stand-in of the page', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-drivers-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'drivers'))
  await mkdir(join(folder, 'test/drivers'), { recursive: true })
  for (const path of AS_IN_THE_PROJECT) await symlink(join(ROOT, path), join(folder, path))
  const page = await readFile(join(ROOT, 'drivers/README.md'), 'utf8')
  const blocks = [...page.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)]
  for (const [, path, text] of blocks) {
    await mkdir(dirname(join(folder, path!)), { recursive: true })
    await writeFile(join(folder, path!), text!)
  }
  assert.equal(blocks.length, 3)
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const args = ['--test', '--test-reporter=tap', join(folder, 'test/drivers/acme.conformance.test.ts')]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 })
  assert.match(stdout, /^# fail 0$/m)
  assert.ok(Number(/^# pass (\d+)$/m.exec(stdout)![1]) > 30, stdout)
})
