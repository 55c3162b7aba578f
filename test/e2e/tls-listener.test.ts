import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import https from 'node:https'
import tls from 'node:tls'
import { Edge, message, until } from './edge.ts'
import { Wire } from './wire.ts'

/** The HTTPS listener, with a development certificate. The head of a request may take half a second here. */
const edge = new Edge({ gateway: { https: { address: '127.0.0.1:0' } } })

const portOf = () => Number(edge.gateway.running.addresses.https?.split(':').at(-1))

async function connect(): Promise<tls.TLSSocket> {
  const ca = await readFile(edge.gateway.running.authorityFile!)
  const socket = tls.connect({ port: portOf(), host: '127.0.0.1', ca, servername: 'localhost' })
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.once('secureConnect', resolve))
  return socket
}

edge.test('a call over TLS arrives as one of https', async () => {
  const ca = await readFile(edge.gateway.running.authorityFile!)
  const status = await new Promise((resolve, reject) => {
    const options = { port: portOf(), host: '127.0.0.1', ca, path: '/x', headers: { host: 'own.test' } }
    const request = https.get({ ...options, servername: 'localhost', agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    request.on('error', reject)
  })
  assert.equal(status, 200)
  const [seen] = await edge.seen()
  assert.equal(seen?.headers['x-forwarded-proto'], 'https')
  assert.equal(seen?.headers['x-forwarded-port'], '443')
})

edge.test('a handshake that stalls is given up', async () => {
  const connections = await edge.metric(/^\w*connections /)
  for (const bytes of ['', '\x16\x03\x01', '\x16\x03\x01\x02\x00\x01']) {
    const wire = new Wire(portOf())
    if (bytes !== '') wire.write(bytes)
    await wire.until(1, 4000)
    assert.ok(wire.closed, JSON.stringify(bytes))
    wire.destroy()
  }
  await until(async () => (await edge.metric(/^\w*connections /)) === connections)
})

edge.test('bytes that are no TLS end the connection', async () => {
  for (const bytes of [
    message(['GET /x HTTP/1.1', 'Host: own.test']),
    'x'.repeat(20_000),
    '\x16\x03\x01\x00\x00',
  ]) {
    const wire = new Wire(portOf())
    wire.write(bytes)
    await wire.until(1, 4000)
    assert.ok(wire.closed)
    wire.destroy()
  }
  assert.deepEqual(await edge.seen(), [])
})

edge.test('a client that says nothing after the handshake is given up', async () => {
  const socket = await connect()
  await new Promise<void>((resolve) => socket.resume().once('close', resolve))
})

edge.test('malformed requests are refused over TLS as they are without', async () => {
  for (const bytes of [
    message(['GET / HTTP/1.1']),
    'nonsense\r\n\r\n',
    message(['CONNECT a:1 HTTP/1.1', 'Host: a']),
  ]) {
    const socket = await connect()
    let answer = ''
    socket.setEncoding('latin1').on('data', (piece: string) => {
      answer += piece
    })
    socket.write(bytes)
    await new Promise<void>((resolve) => socket.once('close', resolve))
    assert.match(answer, /^HTTP\/1\.1 (400|501) /)
  }
})
