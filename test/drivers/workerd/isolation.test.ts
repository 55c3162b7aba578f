import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import http from 'node:http'
import { test } from 'node:test'
import { listen } from '../../loopback.ts'
import { facts } from '../deployment-facts.ts'
import { backendFor, call } from './function-files.ts'

const TELL_ENV =
  'export default { fetch: (_request, env) => Response.json({ env, process: globalThis.process?.env ?? null }) }'

test('functions find environment and secrets, and nothing of the gateway', async (t) => {
  process.env['GATEWAY_ONLY_SECRET'] = 'hunter2'
  t.after(() => delete process.env['GATEWAY_ONLY_SECRET'])
  const options = { environment: { WHO: 'w\u00f6rld "\\\n$x' }, secrets: { TOKEN: 's3cr3t' } }
  const { backend } = await backendFor(t, { 'hello.js': TELL_ENV }, [facts('hello')], options)
  const { text } = await call(backend, { path: '/' })
  assert.deepEqual(JSON.parse(text).env, { WHO: 'w\u00f6rld "\\\n$x', TOKEN: 's3cr3t' })
  assert.ok(!text.includes('hunter2'))
})

test('no secret is on a command line or in a file', async (t) => {
  const { backend } = await backendFor(t, { 'hello.js': TELL_ENV }, [facts('hello')], {
    secrets: { TOKEN: 's3cr3t-of-this-test' },
  })
  const folder = backend
    .address('hello')!
    .slice('unix:'.length)
    .replace(/\/[^/]*$/, '')
  assert.ok(!execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes('s3cr3t-of-this-test'))
  assert.throws(() =>
    execFileSync('grep', ['-r', '--exclude-dir=proc', 's3cr3t-of-this-test', folder], { stdio: 'pipe' }),
  )
})

test('a function reaches neither this machine nor a private network, whatever its network', async (t) => {
  const server = http.createServer((_request, response) => response.end('inside'))
  const port = await listen(server)
  t.after(() => server.close())
  let asked = 0
  server.on('request', () => asked++)
  const code = `export default { async fetch() {
    try { return new Response(await (await fetch('http://127.0.0.1:${port}/')).text()) }
    catch (error) { return new Response('refused') }
  } }`
  for (const network of ['none', 'public'] as const) {
    const { backend } = await backendFor(t, { 'hello.js': code }, [facts('hello')], { network })
    assert.equal((await call(backend, { path: '/' })).text, 'refused')
  }
  assert.equal(asked, 0)
})

test('what a function writes goes to the log with its name and organization', async (t) => {
  const code = `export default { fetch() {
    console.log('plain %s', 'text', { a: 1 })
    console.error('bad\\nnews')
    console.log({ level: 'fake', message: 'x' })
    return new Response('ok')
  } }`
  const { backend } = await backendFor(
    t,
    { 'hello.js': code, 'boom.js': 'export default { fetch() { throw new TypeError("oops") } }' },
    [facts('hello', 'acme'), facts('boom', 'acme')],
  )
  await call(backend, { path: '/' }, facts('hello', 'acme'))
  await call(backend, { path: '/' }, facts('boom', 'acme'))
  // What was written is read by the time that the process has ended.
  await backend.close()
  const entries = backend.log.entries.map(({ level, fields, message }) => ({ level, ...fields, message }))
  const from = { organization: 'acme', function: 'hello' }
  assert.deepEqual(entries[0], {
    level: 'info',
    ...from,
    message: 'plain text { a: 1 }',
  })
  assert.deepEqual(entries[1], { level: 'warn', ...from, message: 'bad\nnews' })
  assert.match(entries[2]!.message, /fake/)
  assert.match(entries[3]!.message, /^uncaught: TypeError: oops\n.*boom\.js:1:/)
  assert.equal(entries.length, 4)
})
