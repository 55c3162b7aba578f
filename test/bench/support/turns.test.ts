import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { type TestContext, test } from 'node:test'
import { Turns } from '../../../bench/support/turns.ts'
import { listen, shut } from '../../loopback.ts'

const skip = existsSync('/proc/self/schedstat') ? false : 'CPU times are read from /proc'

async function open(t: TestContext, listener: RequestListener): Promise<Turns> {
  const server = createServer(listener)
  const port = await listen(server)
  t.after(() => shut(server))
  const headers = { authorization: 'Bearer known' }
  const program = {
    name: 'here',
    url: `http://127.0.0.1:${port}`,
    headers,
    pid: process.pid,
    stop: async () => {},
  }
  const turns = await Turns.open(program, '/a?b=c')
  t.after(() => turns.close())
  return turns
}

test('a turn is as many requests as it should, and the next one has the same connections', {
  skip,
}, async (t) => {
  const seen: string[] = []
  const ports = new Set<number>()
  const turns = await open(t, ({ url, headers, socket }, response) => {
    seen.push(`${url} ${headers.authorization}`)
    ports.add(socket.remotePort!)
    response.end('x'.repeat(91))
  })
  for (const requests of [200, 300]) {
    seen.length = 0
    const microseconds = await turns.take(requests)
    assert.equal(seen.length, requests)
    assert.ok(microseconds > 1 && microseconds < 10_000, `${microseconds} µs`)
  }
  assert.deepEqual(new Set(seen), new Set(['/a?b=c Bearer known']))
  assert.equal(ports.size, 64)
})

test('an answer with another status ends a turn', { skip }, async (t) => {
  const turns = await open(t, (_request, response) => response.writeHead(503).end())
  await assert.rejects(turns.take(64), /here: an answer begins with "HTTP\/1\.1 503/)
})

test('a connection that is closed ends a turn', { skip }, async (t) => {
  const turns = await open(t, ({ socket }) => socket.destroy())
  await assert.rejects(turns.take(64), /here: /)
})
