import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { type ChildGateway, NO_PROC, startChildGateway } from '../e2e/child-gateway.ts'
import { startUpstream } from '../e2e/upstream.ts'

/** Enough to outweigh what else the process does meanwhile; `IDLE_CONNECTIONS` asks for more. */
const CONNECTIONS = Number(process.env['IDLE_CONNECTIONS'] ?? 3000)
const MOST_BYTES_EACH = 15 * 1024
const REQUEST = 'GET /x HTTP/1.1\r\nHost: own.test\r\nUser-Agent: idle\r\nAccept: */*\r\n\r\n'

test('an idle connection that had a request holds at most 15 KiB', { skip: NO_PROC }, async (t) => {
  const upstream = await startUpstream(t)
  const gateway = await startChildGateway(t, {
    gateway: { limits: { connections: CONNECTIONS * 2 } },
    backends: { b: { driver: 'http', url: upstream.url, connections: 8 } },
    functions: { f: { deployments: ['b'] } },
    routes: [{ path: '/x', function: 'f', auth: 'none' }],
  })
  const opened: net.Socket[] = []
  t.after(() => {
    for (const socket of opened) socket.destroy()
  })
  // What is compiled and allocated once is not what a connection costs.
  for (const socket of await openIdle(gateway, 2000)) socket.destroy()
  const before = await settledBytes(gateway)
  for (let left = CONNECTIONS; left > 0; left -= 500) {
    opened.push(...(await openIdle(gateway, Math.min(500, left))))
  }
  const each = ((await settledBytes(gateway)) - before) / CONNECTIONS
  t.diagnostic(`${CONNECTIONS} connections, ${(each / 1024).toFixed(1)} KiB each`)
  assert.ok(each <= MOST_BYTES_EACH, `${each} bytes each`)
})

/** Connections that have had an answer and say nothing more. */
async function openIdle({ port }: ChildGateway, count: number): Promise<net.Socket[]> {
  const sockets: net.Socket[] = []
  for (let i = 0; i < count; i++) {
    const socket = net.connect(port, '127.0.0.1')
    sockets.push(socket)
    socket.write(REQUEST)
    await once(socket, 'data')
  }
  return sockets
}

/** The least of some seconds: garbage is collected now and then. */
async function settledBytes(gateway: ChildGateway): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 20; i++) {
    least = Math.min(least, gateway.residentBytes())
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return least
}
