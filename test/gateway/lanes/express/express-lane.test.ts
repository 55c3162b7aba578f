import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type tls from 'node:tls'
import {
  createAuthority,
  createServerCertificate,
} from '../../../../gateway/development/certificate-authority.ts'
import { until } from '../../../e2e/edge.ts'
import { Client, openLanes, type SeenRequest } from './lanes.ts'

async function createDevelopmentCertificate() {
  const now = Date.now()
  return createServerCertificate(await createAuthority(now), ['localhost'], now)
}

const HOST = 'Host: own.test\r\n'
const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\n${HOST}${more}\r\n`

for (const secure of [false, true]) {
  const over = secure ? 'over TLS' : 'in the clear'
  const material = secure ? await createDevelopmentCertificate() : null

  test(`plain requests ${over} stay on the express lane, bodies and all`, async (t) => {
    const lanes = await openLanes(t, material)
    const client = new Client(lanes.port, secure)
    client.socket.write(get('/a') + get('/b'))
    client.socket.write(`POST /c HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`)
    client.socket.write(
      `POST /d HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    )
    await until(() => client.bodies.length === 4 && client.text.endsWith('/d hello'))
    assert.deepEqual(client.bodies, ['/a ', '/b ', '/c hello', '/d hello'])
    assert.ok(lanes.seen.every(({ express }) => express))
    assert.deepEqual(lanes.handovers, [])
    await until(() => lanes.seen.every(({ done }) => done))
    client.socket.destroy()
  })

  test(`what is not plain goes ${over} to the standard lane behind the answers that are due, and stays`, async (t) => {
    const lanes = await openLanes(t, material)
    const answers: (() => void)[] = []
    lanes.serve = (request) =>
      void answers.push(() => request.answer(`${request.exchange.target} ${request.body}`))
    const client = new Client(lanes.port, secure)
    const odd = `POST /odd HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello`
    client.socket.write(get('/a') + get('/b') + odd + get('/c'))
    await until(() => lanes.seen.length === 2)
    // More comes while the connection waits for its answers.
    client.socket.write(get('/d'))
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(lanes.seen.length, 2)
    answers[1]!()
    answers[0]!()
    lanes.serve = (request) => request.answer(`${request.exchange.target} ${request.body}`)
    await until(() => client.text.endsWith('/d '))
    client.socket.write(get('/e'))
    await until(() => client.text.endsWith('/e '))
    assert.deepEqual(
      client.bodies.filter((body) => body !== ''),
      ['/a ', '/b ', '/odd hello', '/c ', '/d ', '/e '],
    )
    assert.deepEqual(lanes.handovers, ['expect'])
    assert.deepEqual(
      lanes.seen.map(({ express }) => express),
      [true, true, false, false, false, false],
    )
    client.socket.destroy()
  })

  test(`a head ${over} in many small pieces goes to the standard lane whole`, async (t) => {
    const lanes = await openLanes(t, material)
    const client = new Client(lanes.port, secure)
    await client.connected()
    for (const letter of get('/slow', 'X-Letters: one by one\r\n')) {
      client.socket.write(letter)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await until(() => client.text.endsWith('/slow '))
    assert.deepEqual(lanes.handovers, ['size'])
    client.socket.destroy()
  })

  test(`a client ${over} that leaves is noticed at once, in each state of its request`, async (t) => {
    const lanes = await openLanes(t, material)
    lanes.serve = () => {}
    for (const leave of ['end', 'destroy'] as const) {
      for (const bytes of [
        get('/waits'),
        get('/one') + get('/two'),
        `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhe`,
      ]) {
        lanes.seen.length = 0
        const client = new Client(lanes.port, secure)
        client.socket.write(bytes)
        await until(() => lanes.seen.length === bytes.split('HTTP/1.1').length - 1)
        client.socket[leave]()
        await until(() => lanes.seen.every(({ gone }) => gone))
      }
    }
  })
}

test('a new certificate is used from the next handshake on', async (t) => {
  const [first, second] = await Promise.all([createDevelopmentCertificate(), createDevelopmentCertificate()])
  const lanes = await openLanes(t, first)
  const serial = async () => {
    const client = new Client(lanes.port, true)
    await client.connected()
    const { serialNumber } = (client.socket as tls.TLSSocket).getPeerCertificate()
    client.socket.destroy()
    return serialNumber
  }
  const before = await serial()
  lanes.useCertificate(second)
  assert.notEqual(await serial(), before)
})

test('an answer larger than the client takes holds its source back, and goes on when there is room', async (t) => {
  const lanes = await openLanes(t)
  const piece = Buffer.alloc(65_536, 'x')
  const pieces = 200
  let left = pieces
  let waited = 0
  lanes.serve = async (request) => {
    request.exchange.head(200, [])
    while (left-- > 0) {
      if (request.exchange.write(piece)) continue
      waited++
      const { drains } = request
      await until(() => request.drains > drains)
    }
    request.exchange.end()
  }
  const client = new Client(lanes.port, false)
  client.socket.pause()
  client.socket.write(get('/large'))
  await until(() => waited > 0)
  client.socket.resume()
  await until(() => client.text.endsWith('0\r\n\r\n'))
  const chunk = `10000\r\n${piece.toString('latin1')}\r\n`
  assert.equal(client.text.slice(client.text.indexOf('\r\n\r\n') + 4), `${chunk.repeat(pieces)}0\r\n\r\n`)
  client.socket.destroy()
})

test('of pipelined requests a later answer waits for its turn, its source held back', async (t) => {
  const lanes = await openLanes(t)
  lanes.serve = () => {}
  const client = new Client(lanes.port, false)
  client.socket.write(get('/first') + get('/second'))
  await until(() => lanes.seen.length === 2)
  const [first, second] = lanes.seen as [(typeof lanes.seen)[0], (typeof lanes.seen)[0]]
  second.exchange.head(200, ['content-length', '131072'])
  assert.equal(second.exchange.write(Buffer.alloc(65_536, 'a')), false)
  assert.equal(second.drains, 0)
  first.answer('one')
  await until(() => second.drains === 1)
  second.exchange.write(Buffer.alloc(65_536, 'b'))
  second.exchange.end()
  await until(() => client.text.endsWith('b'.repeat(65_536)))
  assert.deepEqual(client.bodies, ['one', 'a'.repeat(65_536) + 'b'.repeat(65_536)])
  client.socket.destroy()
})

test('a connection that says nothing is given up: a new one with 408, a used one in silence', async (t) => {
  const lanes = await openLanes(t)
  const silent = new Client(lanes.port, false)
  const used = new Client(lanes.port, false)
  used.socket.write(get('/a'))
  await Promise.all([once(silent.socket, 'close'), once(used.socket, 'close')])
  assert.deepEqual(silent.statuses, [408])
  assert.deepEqual(used.statuses, [200])
  assert.deepEqual(lanes.faults, ['GW_REQUEST_TIMEOUT'])
})

test('Connection: close ends the connection behind the answer, and what follows is no request', async (t) => {
  const lanes = await openLanes(t)
  const client = new Client(lanes.port, false)
  client.socket.write(get('/a', 'Connection: close\r\n') + get('/b'))
  await once(client.socket, 'close')
  assert.match(client.text, /\r\nConnection: close\r\n/)
  assert.deepEqual(client.bodies, ['/a '])
  assert.equal(lanes.seen.length, 1)
})

test('a client that resets its connection while an answer is on its way ends it, and nothing else', async (t) => {
  const lanes = await openLanes(t)
  lanes.serve = (request) => {
    request.exchange.head(200, ['content-length', String(64 << 20)])
    request.exchange.write(Buffer.alloc(64 << 20))
    request.exchange.end()
  }
  for (let i = 0; i < 3; i++) {
    const client = new Client(lanes.port, false)
    client.socket.write(get('/large'))
    await once(client.socket, 'data')
    client.socket.resetAndDestroy()
    await until(() => lanes.seen.length === i + 1 && lanes.seen[i]!.gone)
  }
  lanes.serve = (request) => request.answer('still here')
  const client = new Client(lanes.port, false)
  client.socket.write(get('/'))
  await until(() => client.text.endsWith('still here'))
  client.socket.destroy()
})

test('heads that come in time are in time however many come, each read ending within the next', async (t) => {
  const lanes = await openLanes(t)
  let open: SeenRequest | null = null
  // One request is always open, so that the connection is never idle.
  lanes.serve = (request) => {
    open?.answer('')
    open = request
  }
  const client = new Client(lanes.port, false)
  const begin = get('/a').slice(0, 10)
  const rest = get('/a').slice(10)
  client.socket.write(begin)
  const started = performance.now()
  for (let count = 1; performance.now() - started < 1500; count++) {
    client.socket.write(rest + begin)
    await until(() => lanes.seen.length === count || client.closed)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.deepEqual(lanes.faults, [])
  client.socket.write(rest)
  client.socket.destroy()
})
