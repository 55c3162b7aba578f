import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { type TestContext, test } from 'node:test'
import type { Child } from '../../../bench/support/child.ts'
import { measure } from '../../../bench/support/load.ts'
import { openLoop } from '../../../bench/support/open-loop.ts'
import { listen, shut } from '../../loopback.ts'

const skip = existsSync('/proc/self/schedstat') ? false : 'CPU times are read from /proc'

async function serve(t: TestContext, listener: RequestListener): Promise<Child> {
  const server = createServer(listener)
  const port = await listen(server)
  t.after(() => shut(server))
  return {
    name: 'here',
    url: `http://127.0.0.1:${port}`,
    headers: {},
    pid: process.pid,
    stop: async () => {},
  }
}

test('a slice counts answers and the CPU time of the process', { skip }, async (t) => {
  let answers = 0
  const child = await serve(t, (_request, response) => {
    answers++
    response.end('x')
  })
  const slice = await measure(child, { path: '/', connections: 4 }, 0.2)
  assert.ok(slice.requests > 0 && slice.requests <= answers)
  assert.ok(slice.cpuMicrosecondsPerRequest > 1)
  assert.ok(slice.p50Ms > 0 && slice.p50Ms <= slice.p99Ms)
})

test('an answer with another status ends the measurement', { skip }, async (t) => {
  const child = await serve(t, (_request, response) => response.writeHead(503).end())
  await assert.rejects(measure(child, { path: '/', connections: 2 }, 5), /status 503 instead of 200/)
})

test('who loads nobody is told so', { skip }, async (t) => {
  const child = await serve(t, (request) => request.socket.destroy())
  await assert.rejects(measure(child, { path: '/', connections: 2 }, 5))
})

test('a stall is charged to all requests that were due meanwhile', async (t) => {
  const STALL_MS = 400
  let seen = 0
  const { url } = await serve(t, (_request, response) => {
    if (++seen === 100) {
      const until = performance.now() + STALL_MS
      while (performance.now() < until);
    }
    response.setHeader('content-length', 1)
    response.end('x')
  })
  const load = { url, path: '/', headers: {}, requestsPerSecond: 500, seconds: 1, connections: 4 }
  const { requests, p90Ms, p50Ms } = await openLoop(load)
  assert.equal(requests, 500)
  // Of those 400 ms of requests, a third of a second's, a tenth of all waited longer than half of the stall.
  assert.ok(p90Ms > STALL_MS / 2, `p90 ${p90Ms} ms`)
  assert.ok(p50Ms <= p90Ms)
})

test('an answer that is not 200 ends the open loop', async (t) => {
  const { url } = await serve(t, (_request, response) => response.writeHead(500).end())
  const load = { url, path: '/', headers: {}, requestsPerSecond: 100, seconds: 1, connections: 2 }
  await assert.rejects(openLoop(load), /HTTP\/1\.1 500/)
})
