import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../free-port.ts'
import { accepts } from './accepts.ts'
import { configText } from './gateway.ts'
import { until } from './observe.ts'

test('SIGTERM as soon as the data port answers ends the gateway in order', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-early-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const file = join(folder, 'dispatch.yaml')
  await writeFile(file, configText({ gateway: { http: `127.0.0.1:${port}`, threads: 2 } }))
  const child = spawn(process.execPath, ['gateway/cli/launch.js', 'up', '-c', file], { stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  await until(() => accepts(port), 'the data port answers', 20_000)
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
})
