import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { managementStandIn, problem } from './management-stand-in.ts'
import { run } from './run.ts'

const BINARY = Buffer.from(Array.from({ length: 256 }, (_, i) => i))

test('a function is called by its name, and its answer is printed as it is', async (t) => {
  const { cwd, received } = await managementStandIn(t, (response) => response.end(BINARY))
  const { code, bytes, stderr } = await run(['invoke', 'hello'], { cwd })
  assert.equal(code, 0)
  assert.deepEqual(bytes, BINARY)
  assert.equal(stderr, '')
  assert.equal(received[0]!.method, 'GET')
  assert.equal(received[0]!.url, '/v1/organizations/default/functions/hello/invoke/')
})

test('path, organization, method, headers and body are those of the command line', async (t) => {
  const { cwd, received } = await managementStandIn(t, (response) => response.end())
  const options = [
    '-o',
    'acme',
    '-p',
    '/a/b?c=d%20e',
    '-X',
    'put',
    '-H',
    'x-a: 1: 2',
    '-H',
    'x-b:',
    '-d',
    '{"e": "ü"}',
  ]
  assert.equal((await run(['invoke', 'f', ...options], { cwd })).code, 0)
  const { method, url, headers, body } = received[0]!
  assert.equal(method, 'PUT')
  assert.equal(url, '/v1/organizations/acme/functions/f/invoke/a/b?c=d%20e')
  assert.equal(headers['x-a'], '1: 2')
  assert.equal(headers['x-b'], '')
  assert.equal(body.toString(), '{"e": "ü"}')
})

test('a body makes it a POST, from a text, a file or standard input alike', async (t) => {
  const { cwd, received } = await managementStandIn(t, (response) => response.end())
  await writeFile(join(cwd, 'body.bin'), BINARY)
  await run(['invoke', 'f', '-d', 'text'], { cwd })
  await run(['invoke', 'f', '-d', '@body.bin'], { cwd })
  await run(['invoke', 'f', '-d', '-'], { cwd, stdin: BINARY })
  await run(['invoke', 'f', '-d', '@-'], { cwd, stdin: BINARY })
  assert.deepEqual(
    received.map(({ method, body }) => [method, body]),
    [['POST', Buffer.from('text')], ...Array.from({ length: 3 }, () => ['POST', BINARY])],
  )
  assert.equal(received[1]!.headers['content-length'], '256', 'the size of a file is known before')
})

test('the head of the answer is printed on demand, repeated fields included', async (t) => {
  const { cwd } = await managementStandIn(t, (response) => {
    response.writeHead(201, { 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] }).end('made')
  })
  const { stdout } = await run(['invoke', 'f', '-i'], { cwd })
  assert.match(stdout, /^HTTP\/1\.1 201 Created\nx-one: 1\nset-cookie: a=1\nset-cookie: b=2\n/)
  assert.match(stdout, /\n\nmade$/)
})

test('what a function answers is printed also when it is an error, and the exit code tells', async (t) => {
  for (const status of [400, 401, 503]) {
    const { cwd } = await managementStandIn(t, (response) => response.writeHead(status).end('why'))
    const { code, stdout, stderr } = await run(['invoke', 'f'], { cwd })
    assert.equal(code, 1)
    assert.equal(stdout, 'why')
    assert.match(stderr, new RegExp(`^error: the function answered ${status} .+\n$`))
  }
})

test('what the gateway refuses is told in its words, and nothing is printed as an answer', async (t) => {
  const { cwd } = await managementStandIn(t, (response) =>
    problem(response, 404, 'GW_NO_ROUTE', 'no function f'),
  )
  const { code, stdout, stderr } = await run(['invoke', 'f'], { cwd })
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.equal(stderr, 'error: It is refused: no function f (GW_NO_ROUTE, request r-1)\n')
})

test('an answer that breaks off is a failure, after the part that came', async (t) => {
  const { cwd } = await managementStandIn(t, (response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('the first part', () => response.destroy())
  })
  const { code, stdout, stderr } = await run(['invoke', 'f'], { cwd })
  assert.equal(code, 1)
  assert.equal(stdout, 'the first part')
  assert.match(stderr, /^error: the answer broke off: /)
})

test('what cannot be sent is asked wrongly, and is not sent', async (t) => {
  const { cwd, received } = await managementStandIn(t, (response) => response.end())
  const wrong = [
    ['-p', 'no-slash'],
    ['-H', 'no colon'],
    ['-H', 'Authorization: Bearer x'],
    ['-d', '@nowhere'],
    ['-X', 'B D'],
    ['-H', 'transfer-encoding: chunked'],
    ['-H', 'x: a\nb'],
  ]
  for (const options of wrong) {
    const { code, stderr } = await run(['invoke', 'f', ...options], { cwd })
    assert.equal(code, 2, `${options}: ${stderr}`)
  }
  assert.equal(received.length, 0)
})
