import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { call } from '../e2e/call.ts'
import { type ChildGateway, NO_PROC, startChildGateway } from '../e2e/child-gateway.ts'
import { underTest } from '../e2e/driver-under-test.ts'
import { counted, until } from '../e2e/observe.ts'
import { startRawUpstream } from '../e2e/upstream.ts'

/** F25 and F26 of the checklist, with what the gateway waits for a stalled peer cut down from 60 s. */
const STALL_MS = 3000
const GIGABYTE = 1 << 30
const MOST_GROWTH_BYTES = 16 << 20
/** What the kernel may hold of a stalled stream, in all buffers on the way. */
const MOST_UNDERWAY_BYTES = 64 << 20
const PIECE = Buffer.alloc(65_536)

for (const [scheme, connect] of [
  ['http', ({ port }: ChildGateway) => net.connect(port, '127.0.0.1')],
  [
    'https',
    ({ securePort }: ChildGateway) =>
      tls.connect({ port: securePort, host: '127.0.0.1', rejectUnauthorized: false }),
  ],
] as const) {
  test(`1 GB down over ${scheme} to a reader that stopped: the function is paused, then the call ended`, {
    skip: NO_PROC,
  }, async (t) => {
    const upstream = { sent: 0, closed: false }
    const gateway = await start(t, (socket) => {
      socket.on('close', () => {
        upstream.closed = true
      })
      onStall(socket, () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${GIGABYTE}\r\n\r\n`)
        pour(socket, upstream)
      })
    })
    const client = connect(gateway)
    t.after(() => client.destroy())
    await once(client, scheme === 'http' ? 'connect' : 'secureConnect')
    const growth = watchGrowth(gateway)
    client.write('GET / HTTP/1.1\r\nHost: own.test\r\n\r\n')
    await once(client, 'data')
    client.pause()
    const stalled = performance.now()
    await until(() => upstream.closed, 'the upstream connection is closed', STALL_MS * 3)
    assert.ok(performance.now() - stalled > STALL_MS * 0.9, 'the reader got its time')
    report(t, await growth.stop(), upstream.sent)
    await counted(gateway, 'aborted', 1)
  })
}

test('1 GB up to a function that stopped reading: the client is paused, then told 504', {
  skip: NO_PROC,
}, async (t) => {
  const gateway = await start(t, (socket) => onStall(socket, () => socket.pause()))
  const client = net.connect(gateway.port, '127.0.0.1')
  client.on('error', () => {})
  t.after(() => client.destroy())
  await once(client, 'connect')
  const growth = watchGrowth(gateway)
  const sent = { sent: 0 }
  client.write(`POST / HTTP/1.1\r\nHost: own.test\r\nContent-Length: ${GIGABYTE}\r\n\r\n`)
  pour(client, sent)
  const [answer] = (await once(client, 'data')) as [Buffer]
  assert.match(answer.toString('latin1'), /^HTTP\/1\.1 504 /)
  report(t, await growth.stop(), sent.sent)
})

/** Answers small requests, which warm the gateway up, and hands over the one that stalls. */
function onStall(socket: net.Socket, stall: () => void): void {
  const hear = (head: Buffer): void => {
    if (head.includes(' /warm ')) {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      return
    }
    socket.off('data', hear)
    stall()
  }
  socket.on('data', hear)
}

async function start(t: TestContext, serve: (socket: net.Socket) => void): Promise<ChildGateway> {
  const upstream = await startRawUpstream(t, serve)
  const gateway = await startChildGateway(t, {
    gateway: { threads: 2, https: { address: '127.0.0.1:0' }, timeouts: { body: `${STALL_MS}ms` } },
    backends: underTest({ raw: { driver: 'http', url: upstream.url } }),
    functions: { stalled: { deployments: ['raw'], timeout: `${STALL_MS}ms` } },
    routes: [{ path: '/*', function: 'stalled', auth: 'none' }],
  })
  // What is compiled and allocated once is not what a stalled stream costs.
  for (let i = 0; i < 100; i++) {
    assert.equal((await fetch(`http://127.0.0.1:${gateway.port}/warm`)).status, 200)
    assert.equal((await call(gateway.port, 'GET', '/warm')).status, 200)
  }
  return gateway
}

/** Writes a gigabyte as fast as it is taken. */
function pour(socket: net.Socket, counter: { sent: number }): void {
  while (counter.sent < GIGABYTE && !socket.destroyed) {
    counter.sent += PIECE.length
    if (socket.write(PIECE)) continue
    socket.once('drain', () => pour(socket, counter))
    return
  }
}

function watchGrowth(gateway: ChildGateway): { stop(): Promise<number> } {
  const before = gateway.residentBytes()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, gateway.residentBytes())
  }, 50)
  return {
    async stop() {
      // What is given back late counts as long as it is held.
      await new Promise((resolve) => setTimeout(resolve, 500))
      clearInterval(timer)
      return most - before
    },
  }
}

function report(t: TestContext, grownBytes: number, sentBytes: number): void {
  t.diagnostic(
    `${(sentBytes / 1e6).toFixed(1)} MB underway, memory grew by ${(grownBytes / 1e6).toFixed(1)} MB`,
  )
  assert.ok(grownBytes <= MOST_GROWTH_BYTES, `memory grew by ${grownBytes} bytes`)
  assert.ok(sentBytes <= MOST_UNDERWAY_BYTES, `${sentBytes} bytes were taken although nobody read`)
}
