import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { call, openCall } from './call.ts'
import { configText, startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, readStatus, slotsTaken, until } from './observe.ts'
import { OK, startRawBackend } from './raw-backend.ts'
import { Wire } from './wire.ts'

/** A data-plane thread that dies or stops answering is replaced, and the others serve on. */
const TROUBLE = new URL('outside/trouble-plugin.ts', import.meta.url).pathname

test('a thread that dies is replaced, gives back its slots, and the gateway serves on', async (t) => {
  const { gateway, backend } = await start(t, { threads: 1 })
  backend.answer = ({ target, socket }) => void (target === '/hang' || socket.write(OK))
  const hanging = openCall(gateway.port, 'GET', '/hang')
  await until(async () => (await slotsTaken(gateway)) === 1, 'a call is in flight')

  const killer = openCall(gateway.port, 'GET', '/', { headers: ['X-Trouble: access:exit'] })
  await killer.until(1, 5000)
  assert.ok(killer.closed && killer.answers.length === 0)
  await until(() => hanging.closed, 'calls of the dead thread are cut')
  await replaced(gateway, 1)
  assert.equal(await slotsTaken(gateway), 0)
  assert.equal((await call(gateway.port, 'GET', '/')).body, 'ok')
  const metrics = await readMetrics(gateway)
  assert.equal(metrics.value('dispatch_thread_restarts_total', { thread: '0' }), 1)
  await until(
    async () => (await readMetrics(gateway)).value('dispatch_requests_in_flight', { thread: '0' }) === 0,
    'no call is in flight',
  )
})

test('while a dead thread is replaced, new connections are served by the others', async (t) => {
  const { gateway } = await start(t, { threads: 2 })
  for (let deaths = 1; deaths <= 3; deaths++) {
    const killer = openCall(gateway.port, 'GET', '/', { headers: ['X-Trouble: access:exit'] })
    await killer.until(1, 5000)
    assert.ok(killer.closed)
    for (let i = 0; i < 40; i++) assert.equal((await call(gateway.port, 'GET', '/')).status, 200)
    await replaced(gateway, deaths)
  }
})

test('a thread that hangs is replaced; connections of the others do not notice', async (t) => {
  const { gateway } = await start(t, { threads: 2, heartbeat: { timeout: '700ms' } })
  const request = 'GET / HTTP/1.1\r\nHost: own.test\r\n\r\n'
  const wires = Array.from({ length: 16 }, () => new Wire(gateway.port))
  t.after(() => {
    for (const wire of wires) wire.destroy()
  })
  for (const wire of wires) {
    wire.write(request)
    await wire.until(1, 5000)
    assert.equal(wire.answers[0]?.status, 200)
  }
  const hanging = openCall(gateway.port, 'GET', '/', { headers: ['X-Trouble: access:loop'] })
  await until(async () => (await beatAges(gateway)).some((age) => age > 300), 'a thread has fallen silent')
  for (const wire of wires) wire.write(request)
  await Promise.all(wires.map((wire) => wire.until(2, 10_000)))
  const answered = wires.filter((wire) => wire.answers.length === 2)
  assert.ok(answered.length > 0, 'connections of the other thread were answered')
  assert.ok(
    wires.every((wire) => wire.answers.length === 2 || wire.closed),
    'connections of the hanging thread were cut',
  )
  await until(() => hanging.closed, 'the call that hung was cut')
  await replaced(gateway, 1)
  for (let i = 0; i < 20; i++) assert.equal((await call(gateway.port, 'GET', '/')).status, 200)
})

test('a thread that starts while the configuration changes ends up on the newest one', async (t) => {
  const { gateway, config } = await start(t, { threads: 2 })
  for (let round = 1; round <= 4; round++) {
    const killer = openCall(gateway.port, 'GET', '/', { headers: ['X-Trouble: access:exit'] })
    // The change comes before the death, at the same time, or after it: whatever the system makes of it.
    await new Promise((resolve) => setTimeout(resolve, (round - 1) * 15))
    const path = `/new-${round}`
    config['routes'] = [...(config['routes'] as object[]), { path, function: 'fn', auth: 'none' }]
    await gateway.write(configText(config))
    await gateway.running.reload()
    await killer.until(1, 5000)
    await replaced(gateway, round)
    await until(async () => {
      const { threads, configuration } = await readStatus(gateway)
      return threads.every(({ generation }) => generation === configuration.generation)
    }, 'all threads serve the newest configuration')
    assert.equal((await readStatus(gateway)).configuration.lastError, null)
    for (let i = 0; i < 12; i++) assert.equal((await call(gateway.port, 'GET', path)).status, 200)
  }
})

test('a configuration that only a thread refuses is refused whole, and all threads serve the one before', async (t) => {
  const refusing = await moduleFile(
    t,
    `import { isMainThread } from 'node:worker_threads'
    export const plugin = {
      name: 'refusing', status: 'stable', description: 'Refuses to be made on a thread.',
      options: { type: 'object', properties: {} },
      create() { if (!isMainThread) throw new Error('not on this thread'); return {} },
    }`,
  )
  const { gateway, config } = await start(t, { threads: 2 })
  const changed = {
    ...config,
    plugins: [TROUBLE, refusing],
    routes: [{ path: '/*', function: 'fn', auth: 'none', plugins: { refusing: {} } }],
  }
  await gateway.write(configText(changed))
  await gateway.running.reload()
  const { threads, configuration } = await readStatus(gateway)
  assert.match(configuration.lastError?.mistakes.join() ?? '', /not on this thread/)
  assert.deepEqual(configuration.reloads, { succeeded: 0, failed: 1 })
  assert.ok(threads.every(({ state }) => state === 'serving'))
  assert.equal(new Set(threads.map(({ generation }) => generation)).size, 1)
  for (let i = 0; i < 20; i++) assert.equal((await call(gateway.port, 'GET', '/')).status, 200)
})

for (const [what, code, told] of [
  ['throws', `throw new Error('not on this thread')`, /not on this thread/],
  ['ends it', 'process.exit(3)', /the thread ended while it started/],
] as const) {
  test(`a module that ${what} when a thread loads it: the start fails with a sentence, and the process ends`, async (t) => {
    const broken = await moduleFile(
      t,
      `import { isMainThread } from 'node:worker_threads'
      if (!isMainThread) ${code}
      export const plugin = {
        name: 'broken', status: 'stable', description: 'Cannot be loaded by a thread.',
        options: { type: 'object', properties: {} }, create: () => ({}),
      }`,
    )
    const folder = await temporaryFolder(t)
    await writeFile(join(folder, 'dispatch.yaml'), configText({ plugins: [broken], gateway: { threads: 2 } }))
    const launcher = new URL('../../gateway/cli/launch.js', import.meta.url).pathname
    const start = performance.now()
    const ended = await new Promise<{ code: unknown; output: string }>((resolve) => {
      const options = { cwd: folder, timeout: 20_000 }
      execFile(process.execPath, [launcher, 'up'], options, (error, stdout, stderr) => {
        resolve({ code: error?.code, output: stdout + stderr })
      })
    })
    assert.equal(ended.code, 1)
    assert.match(ended.output, /GW_START_FAILED/)
    assert.match(ended.output, told)
    assert.ok(performance.now() - start < 15_000)
  })
}

interface Started {
  readonly gateway: TestGateway
  readonly backend: Awaited<ReturnType<typeof startRawBackend>>
  readonly config: Record<string, unknown>
}

async function start(t: TestContext, settings: Record<string, unknown>): Promise<Started> {
  const backend = await startRawBackend(t)
  const config: Record<string, unknown> = {
    gateway: settings,
    plugins: [TROUBLE],
    backends: { raw: { driver: 'http', url: backend.url } },
    functions: { fn: { deployments: ['raw'], timeout: '20s' } },
    routes: [{ path: '/*', function: 'fn', auth: 'none', plugins: { trouble: {} } }],
  }
  return { backend, config, gateway: await startTestGateway(t, config) }
}

/** Waits until so many threads in all were replaced and every thread serves. */
async function replaced(gateway: TestGateway, times: number): Promise<void> {
  await until(
    async () => {
      const { threads } = await readStatus(gateway)
      const restarts = threads.reduce((sum, thread) => sum + thread.restarts, 0)
      return restarts === times && threads.every(({ state }) => state === 'serving')
    },
    `${times} threads were replaced`,
    20_000,
  )
}

async function beatAges(gateway: TestGateway): Promise<number[]> {
  const { threads } = await readStatus(gateway)
  return threads.map(({ heartbeatAgeMs }) => heartbeatAgeMs)
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function moduleFile(t: TestContext, text: string): Promise<string> {
  const file = join(await temporaryFolder(t), 'module.mjs')
  await writeFile(file, text)
  return file
}
