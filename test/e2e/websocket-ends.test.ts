import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { configText, startTestGateway, type TestGateway } from './gateway.ts'
import { callsByOutcome, counted, readMetrics, slotsTaken, until } from './observe.ts'
import {
  bearer,
  configFor,
  type FunctionSide,
  frame,
  handshake,
  openSocket,
  type Side,
  type SocketFunction,
  startSocketFunction,
} from './websocket-sides.ts'
import { Wire } from './wire.ts'

interface Pair {
  readonly gateway: TestGateway
  readonly fn: SocketFunction
  readonly client: Side
  readonly there: FunctionSide
}

async function openPair(t: TestContext, gateway: Record<string, unknown> = {}): Promise<Pair> {
  const fn = await startSocketFunction(t)
  const running = await startTestGateway(t, configFor(fn.url, [{}], gateway))
  const client = await openSocket(t, running.port)
  return { gateway: running, fn, client, there: await fn.opened() }
}

/** What ended it, once everything that it held is given back. */
async function endOf(gateway: TestGateway): Promise<string> {
  await until(async () => (await slotsTaken(gateway)) === 0, 'the slot is given back')
  const isEnd = ({ name, value }: { name: string; value: number }) =>
    name === 'dispatch_websockets_closed_total' && value > 0
  await until(async () => (await readMetrics(gateway)).samples.some(isEnd), 'its end is counted')
  const { samples } = await readMetrics(gateway)
  const ends = samples.filter(isEnd)
  assert.equal(ends.length, 1)
  assert.equal(ends[0]!.value, 1)
  const sums = samples.filter(({ name }) =>
    ['dispatch_websockets', 'dispatch_requests_in_flight'].includes(name),
  )
  assert.ok(sums.every(({ value }) => value === 0))
  return ends[0]!.labels['end']!
}

/** How the call was counted, which is the last thing that is done for it. */
async function outcome(gateway: TestGateway): Promise<string[]> {
  const counted = async () => {
    const calls = await callsByOutcome(gateway)
    return Object.keys(calls).filter((name) => calls[name]! > 0)
  }
  await until(async () => (await counted()).length > 0, 'the call is counted')
  return counted()
}

test('who closes is heard so on the other side, both ways', async (t) => {
  const { gateway, fn } = await openPair(t)
  const closings = [
    [1000, 'done'],
    [4321, 'a reason of one’s own'],
    [1005, ''],
    [3000, ''],
  ] as const
  for (const [code, reason] of closings) {
    const args: [number?, string?] = code === 1005 ? [] : [code, reason]
    for (const closes of ['client', 'function']) {
      const client = await openSocket(t, gateway.port)
      const there = await fn.opened(fn.sides.length - 1)
      const side = closes === 'client' ? client : there
      side.socket.close(...args)
      assert.deepEqual(await there.end(), [code, reason])
      assert.deepEqual(await client.end(), [code, reason])
    }
  }
  const ended = async () => {
    const { value } = await readMetrics(gateway)
    return ['client-closed', 'function-closed'].map((end) =>
      value('dispatch_websockets_closed_total', { end }),
    )
  }
  await until(async () => isDeepStrictEqual(await ended(), [4, 4]), 'all ends are counted')
  await counted(gateway, 'answered', 8)
})

test('a function that is cut off closes the client properly, at once', async (t) => {
  const { gateway, client, there } = await openPair(t)
  there.connection.resetAndDestroy()
  assert.deepEqual(await client.end(2000), [1011, 'the function is gone'])
  assert.equal(await endOf(gateway), 'function-lost')
  assert.deepEqual(await outcome(gateway), ['reset'])
})

test('a client that is cut off closes the function at once, and gives the slot back', async (t) => {
  const { gateway, client, there } = await openPair(t)
  client.socket.terminate()
  assert.deepEqual(await there.end(2000), [1001, 'the client is gone'])
  assert.equal(await endOf(gateway), 'client-lost')
  assert.deepEqual(await outcome(gateway), ['aborted'])
})

test('K08 a side that ends its half of the connection ends both', async (t) => {
  const first = await openPair(t)
  const wire = new Wire(first.gateway.port)
  t.after(() => wire.destroy())
  wire.write(handshake('/'))
  const there = await first.fn.opened(1)
  wire.end()
  assert.equal((await there.end(2000))[0], 1001)
  await until(() => wire.closed, 'the client is closed')
  first.there.connection.end()
  assert.equal((await first.client.end(2000))[0], 1011)
  await until(async () => (await slotsTaken(first.gateway)) === 0, 'no slot is taken')
})

test('a message that is larger than the limit closes both sides with 1009, whoever sends it', async (t) => {
  const limits = { websocket: { message: '1KiB' } }
  const first = await openPair(t, limits)
  first.client.socket.send(Buffer.alloc(1024))
  await first.there.heard(1)
  first.client.socket.send(Buffer.alloc(1025))
  assert.equal((await first.client.end())[0], 1009)
  assert.equal((await first.there.end())[0], 1009)
  assert.equal(first.there.messages.length, 1)
  assert.equal(await endOf(first.gateway), 'client-fault')
  const second = await openPair(t, limits)
  second.there.socket.send('x'.repeat(600), { fin: false })
  second.there.socket.send('x'.repeat(600))
  assert.equal((await second.client.end())[0], 1009)
  assert.equal((await second.there.end())[0], 1009)
  assert.equal(second.client.messages.length, 0)
  assert.equal(await endOf(second.gateway), 'function-fault')
})

test('bytes that are no frames end both sides', async (t) => {
  const first = await openPair(t)
  first.there.connection.write(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))
  assert.deepEqual(await first.client.end(), [1011, 'the function broke the protocol'])
  assert.equal(await endOf(first.gateway), 'function-fault')
  assert.deepEqual(await outcome(first.gateway), ['malformed'])
  const second = await openPair(t)
  const wire = new Wire(second.gateway.port)
  t.after(() => wire.destroy())
  wire.write(handshake('/'))
  const there = await second.fn.opened(1)
  // Not masked, which a client has to do (RFC 6455, 5.1).
  wire.write(Buffer.from([0x81, 0x01, 0x61]))
  await until(() => wire.closed, 'the client is closed')
  assert.deepEqual(await there.end(), [1011, 'the client broke the protocol'])
  assert.ok(wire.received.includes(Buffer.from([0x88, 0x02, 0x03, 0xea])), 'closed with 1002')
})

test('a reload leaves a WebSocket on the configuration that it began with', async (t) => {
  const { gateway, fn, client, there } = await openPair(t, { websocket: { idle: '10s' } })
  const changed = configFor(fn.url, [{ path: '/other' }], { websocket: { idle: '100ms' } })
  await gateway.write(configText({ ...changed, gateway: { ...(changed['gateway'] as object) } }))
  await gateway.running.reload()
  await until(
    async () => (await fetch(`${gateway.url}/socket`)).status === 404,
    'the new configuration serves',
  )
  await new Promise((resolve) => setTimeout(resolve, 400))
  client.socket.send('as before')
  assert.deepEqual(await client.heard(1), ['as before'])
  assert.equal(there.closed, null)
  client.socket.close(1000)
  await client.end()
  assert.equal(await endOf(gateway), 'client-closed')
})

// Mostly waiting, so they wait together.
describe('a WebSocket that time ends', { concurrency: true }, () => {
  test('K06 a WebSocket on which nothing moves is closed with 1001; one on which a side speaks is not', async (t) => {
    const { gateway, client, there } = await openPair(t, { websocket: { idle: '1500ms' } })
    const started = performance.now()
    const talk = setInterval(() => client.socket.send('still here'), 100)
    await client.heard(20)
    clearInterval(talk)
    assert.ok(performance.now() - started >= 1800)
    assert.equal(client.closed, null)
    assert.deepEqual(await client.end(), [1001, 'idle for too long'])
    assert.deepEqual(await there.end(), [1001, 'idle for too long'])
    assert.equal(await endOf(gateway), 'idle')
    assert.deepEqual(await outcome(gateway), ['answered'])
  })

  test('pings keep a WebSocket open as long as both sides answer them', async (t) => {
    const { gateway, client, there } = await openPair(t, { websocket: { idle: '1500ms', ping: '100ms' } })
    await until(() => client.pings.length >= 18 && there.pings.length >= 18, 'both are asked')
    assert.deepEqual([client.closed, there.closed], [null, null])
    // A client that is there and does not answer.
    client.socket.pause()
    assert.deepEqual(await there.end(), [1001, 'idle for too long'])
    client.socket.resume()
    assert.equal(await endOf(gateway), 'idle')
  })

  test('a WebSocket is closed with 1001 after its lifetime, however busy', async (t) => {
    const { gateway, client, there } = await openPair(t, { websocket: { lifetime: '300ms' } })
    const talk = setInterval(() => client.socket.readyState === 1 && client.socket.send('busy'), 20)
    t.after(() => clearInterval(talk))
    assert.deepEqual(await client.end(), [1001, 'open for too long'])
    assert.deepEqual(await there.end(), [1001, 'open for too long'])
    assert.equal(await endOf(gateway), 'lifetime')
  })

  test('K05 a WebSocket ends with 1008 when the credential that opened it expires', async (t) => {
    const fn = await startSocketFunction(t)
    const gateway = await startTestGateway(t, configFor(fn.url, [{ auth: {} }]))
    const started = Date.now()
    const client = await openSocket(t, gateway.port, { headers: { authorization: bearer('', 2) } })
    assert.deepEqual(await client.end(), [1008, 'the credential has expired'])
    assert.ok(Date.now() - started > 800, 'not before')
    assert.deepEqual(await (await fn.opened()).end(), [1008, 'the credential has expired'])
    assert.equal(await endOf(gateway), 'expired')
  })

  test('a side that does not close when it is told to is cut off within seconds', async (t) => {
    const { gateway, fn } = await openPair(t, { websocket: { idle: '500ms' } })
    const wire = new Wire(gateway.port)
    t.after(() => wire.destroy())
    wire.write(handshake('/'))
    const there = await fn.opened(1)
    wire.write(frame(1, 'and nothing more, no close frame either'))
    await there.end()
    const told = performance.now()
    await until(() => wire.closed, 'the client is cut off', 8000)
    assert.ok(performance.now() - told > 3000)
    await until(async () => (await slotsTaken(gateway)) === 0, 'no slot is taken')
  })
})
