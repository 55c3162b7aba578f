import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { test } from 'node:test'

import { call } from './call.ts'
import { type Cleanup, startTestGateway } from './gateway.ts'
import { Wire } from './wire.ts'

/** Where the package has the executable. */
const WORKERD = (createRequire(import.meta.url)('workerd') as { default: string }).default

/** What a person would start beside the gateway: workerd itself, which knows nothing of us, with one function. */
async function startRuntime(t: Cleanup, script: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dispatch-test-'))
  await writeFile(join(directory, 'fn.mjs'), script)
  await writeFile(
    join(directory, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "fn", worker = .fn), (name = "internet", network = (allow = []))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "fn")],
);
const fn :Workerd.Worker = (
  modules = [(name = "fn.mjs", esModule = embed "fn.mjs")],
  compatibilityDate = "2026-11-01",
);`,
  )
  const runtime = spawn(WORKERD, ['serve', '--control-fd=3', 'config.capnp'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const over = new Promise((resolve) => runtime.once('exit', resolve))
  t.after(async () => {
    runtime.kill('SIGKILL')
    await over
    await rm(directory, { recursive: true, force: true })
  })
  const port = await new Promise<number>((resolve, reject) => {
    void over.then(() => reject(new Error('workerd ended')))
    const told = (runtime.stdio[3] as Readable).setEncoding('utf8')
    told.once('data', (line: string) => resolve((JSON.parse(line) as { port: number }).port))
  })
  return `http://127.0.0.1:${port}`
}

const configFor = (url: string, fn: Record<string, unknown>): Record<string, unknown> => ({
  backends: { runtime: { driver: 'http', url } },
  functions: { fn: { deployments: ['runtime'], ...fn } },
  routes: [{ path: '/fn/*', function: 'fn', auth: 'none' }],
})

test('a runtime of its own behind the driver http: what the function says arrives as it says it', async (t) => {
  const url = await startRuntime(
    t,
    `export default {
  async fetch(request) {
    const { pathname, search } = new URL(request.url)
    if (pathname === '/fn/crash') throw new Error('crash')
    if (pathname === '/fn/stream') {
      const { readable, writable } = new TransformStream()
      const writer = writable.getWriter()
      const speak = async () => {
        for (const word of ['one', 'two']) {
          await writer.write(new TextEncoder().encode(word))
          await scheduler.wait(300)
        }
        await writer.close()
      }
      void speak()
      return new Response(readable, { headers: { 'content-type': 'text/event-stream' } })
    }
    const body = await request.text()
    return Response.json({ method: request.method, pathname, search, body }, { status: 201 })
  },
}`,
  )
  const gateway = await startTestGateway(t, configFor(url, {}))
  const echo = await call(gateway.port, 'POST', '/fn/a?b=c', { body: 'hello' })
  assert.equal(echo.status, 201)
  assert.deepEqual(JSON.parse(echo.body), {
    method: 'POST',
    pathname: '/fn/a',
    search: '?b=c',
    body: 'hello',
  })
  assert.equal((await call(gateway.port, 'GET', '/fn/crash')).status, 500)
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write('GET /fn/stream HTTP/1.1\r\nHost: a.test\r\n\r\n')
  await wire.until(1, 5000)
  assert.equal(wire.answers[0]!.body.toString(), 'onetwo')
})

test('a runtime that speaks the Function Runtime API: replies, errors and logs', async (t) => {
  const url = await startRuntime(
    t,
    `export default {
  async fetch(request) {
    const { context, payload } = await request.json()
    const fail = (type, message) => Response.json({ context: { error: { type, message, stacktrace: [] } } })
    if (payload.name === '') return fail('InputError', 'who are you?')
    if (payload.name === 'crash') return fail('FunctionError', 'a secret of the function')
    const greeting = 'Hello, ' + payload.name
    return Response.json({ context: { logs: { stdout: ['greeted'], stderr: [] }, error: null }, payload: { greeting } })
  },
}`,
  )
  const gateway = await startTestGateway(t, configFor(url, { contract: 'dispatch' }))
  const greet = (name: string) =>
    call(gateway.port, 'POST', '/fn/', {
      headers: ['content-type: application/json'],
      body: JSON.stringify({ name }),
    })
  const greeted = await greet('Jon')
  assert.deepEqual([greeted.status, greeted.body], [200, '{"greeting":"Hello, Jon"}'])
  const refused = await greet('')
  assert.deepEqual([refused.status, refused.problem['detail']], [400, 'who are you?'])
  const failed = await greet('crash')
  assert.deepEqual([failed.status, failed.code], [502, 'GW_FUNCTION_FAILED'])
  assert.ok(!failed.body.includes('secret'))
})
