import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { configText } from './gateway.ts'
import { until } from './observe.ts'

/** Its operator takes a moment to open, and says on disk that it has begun. */
const SLOW = `
import { writeFileSync } from 'node:fs'
export const driver = {
  kind: 'slow', status: 'beta', description: 'Opens slowly.',
  options: { type: 'object', required: ['mark'], properties: { mark: { type: 'string', description: 'File.' } } },
  capabilities: { streaming: true, rawHttp: true },
  invoker: () => ({ invoke: (_invocation, sink) => { sink.start({ pause() {}, resume() {}, abort() {} }) }, close: async () => {} }),
  operator: ({ mark }) => ({
    open: async () => { writeFileSync(mark, ''); await new Promise((resolve) => setTimeout(resolve, 300)) },
    probe: async () => ({ ready: true, detail: 'open' }),
    close: async () => {},
  }),
}
`

test('SIGTERM while a reload opens a backend ends the gateway in order', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-stop-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'slow.mjs'), SLOW)
  const file = join(folder, 'dispatch.yaml')
  const config = (mark: string) =>
    configText({
      gateway: { threads: 2 },
      drivers: ['./slow.mjs'],
      backends: { b: { driver: 'slow', mark: join(folder, mark) } },
      functions: { f: { deployments: ['b'] } },
      routes: [{ path: '/f', function: 'f', auth: 'none' }],
    })
  await writeFile(file, config('first'))
  const child = spawn(process.execPath, ['gateway/cli/launch.js', 'up', '-c', file])
  t.after(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  await until(() => said.includes('serves'), 'the gateway serves', 20_000)
  await writeFile(file, config('second'))
  await until(() => existsSync(join(folder, 'second')), 'the reload opens the backend', 10_000)
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null], said)
})
