import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import type { ManagementHost } from '../../../gateway/management/host.ts'
import { AUTHORIZED, hostWith, openPort } from './support.ts'

const INVOKE = '/v1/organizations/acme/functions/hello/invoke'

/** Answers with what it was asked to do. */
const echo: ManagementHost['invoke'] = (request, reply, organization, functionName, path) => {
  void buffer(request.raw).then((body) => {
    const seen = { method: request.method, organization, functionName, path, bytes: body.length }
    reply.raw.writeHead(207, { 'content-type': 'application/json' }).end(JSON.stringify(seen))
  })
}

test('a function is invoked by its name with the rest of the target as it was sent', async (t) => {
  const { ask } = await openPort(t, hostWith({ invoke: echo }))
  const rests: [string, string][] = [
    ['', '/'],
    ['/', '/'],
    ['?x=1', '/?x=1'],
    ['/a/b', '/a/b'],
    ['/a//b/', '/a//b/'],
    ['/a%2Fb%20c/%C3%A9', '/a%2Fb%20c/%C3%A9'],
    ['/a?x=%2F/y?z', '/a?x=%2F/y?z'],
    [`/${'long'.repeat(1000)}`, `/${'long'.repeat(1000)}`],
  ]
  for (const [sent, path] of rests) {
    const answer = await ask(INVOKE + sent, { headers: AUTHORIZED })
    assert.equal(answer.status, 207, sent)
    assert.deepEqual(answer.json(), {
      method: 'GET',
      organization: 'acme',
      functionName: 'hello',
      path,
      bytes: 0,
    })
  }
})

test('every method passes, and no other', async (t) => {
  const { ask } = await openPort(t, hostWith({ invoke: echo }))
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    assert.equal((await ask(`${INVOKE}/x`, { method, headers: AUTHORIZED })).json()['method'], method)
  }
  assert.equal((await ask(INVOKE, { method: 'HEAD', headers: AUTHORIZED })).status, 207)
  assert.equal((await ask(INVOKE, { method: 'TRACE', headers: AUTHORIZED })).status, 404)
})

test('bodies of any type, encoding and size are passed on unread', async (t) => {
  const { ask } = await openPort(t, hostWith({ invoke: echo }))
  const body = Buffer.alloc(300 * 1024, '{')
  const heads: Record<string, string>[] = [
    {},
    { 'content-type': 'application/json' },
    { 'content-type': 'text/plain' },
    { 'content-type': ';;' },
    { 'content-type': 'application/octet-stream', 'content-encoding': 'gzip' },
    { 'transfer-encoding': 'chunked' },
  ]
  for (const headers of heads) {
    const answer = await ask(INVOKE, { method: 'POST', headers: { ...AUTHORIZED, ...headers }, body })
    assert.deepEqual([answer.status, answer.json()['bytes']], [207, body.length], JSON.stringify(headers))
  }
})

test('without the token no function is called', async (t) => {
  let calls = 0
  const { ask } = await openPort(t, hostWith({ invoke: () => calls++ }))
  assert.equal((await ask(INVOKE, { method: 'POST', body: 'x' })).status, 401)
  assert.equal((await ask(`${INVOKE}/x`, { headers: { authorization: 'Bearer no' } })).status, 401)
  assert.equal(calls, 0)
})

test('a failure to invoke breaks the connection and not the port', async (t) => {
  const { ask } = await openPort(
    t,
    hostWith({
      invoke: () => {
        throw new Error('broken')
      },
    }),
  )
  await assert.rejects(ask(INVOKE, { headers: AUTHORIZED }))
  assert.equal((await ask('/healthz')).status, 200)
})
