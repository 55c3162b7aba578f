import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { driver as http } from '../../drivers/http.ts'
import { driver as knative } from '../../drivers/knative.ts'
import { driver as openfaas } from '../../drivers/openfaas.ts'
import { driver as openwhisk } from '../../drivers/openwhisk.ts'
import { driver as riff } from '../../drivers/riff.ts'
import { driver as workerd } from '../../drivers/workerd.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { TestAttempt } from '../conformance/driver/test-attempt.ts'
import { facts } from './deployment-facts.ts'
import {
  httpOptions,
  invokerHost,
  knativeOptions,
  openFaasOptions,
  openWhiskOptions,
  riffOptions,
  workerdOptions,
} from './driver-hosts.ts'
import { lambdaInvoker } from './lambda-conformance.ts'

const MEBIBYTE = 1024 * 1024
/** What may be on its way in buffers of the system, and the most that a driver reads of an answer. */
const BOUND = 40 * MEBIBYTE
const SERVICE = 'http://{name}.{namespace}.example.com'

interface Address {
  readonly url: string
  readonly ingress: { readonly address: string; readonly host: string; readonly port: number }
  /** The same platform on a Unix socket. */
  readonly socket: string
}

/** How each driver reaches a platform. */
const INVOKERS: Readonly<Record<string, (address: Address) => Invoker>> = {
  http: ({ url }) => http.invoker(httpOptions({ url }), invokerHost()),
  knative: ({ ingress }) => knative.invoker(knativeOptions({ url: SERVICE, ingress }), invokerHost()),
  lambda: ({ url }) => lambdaInvoker({ endpoint: url }),
  'lambda, streaming': ({ url }) => lambdaInvoker({ endpoint: url, streaming: true }),
  'lambda, signed Function URLs': ({ url }) => lambdaInvoker({ endpoint: null, url, urlAuth: 'iam' }),
  'lambda, open Function URLs': ({ url }) => lambdaInvoker({ endpoint: null, url, urlAuth: 'none' }),
  openfaas: ({ url }) => openfaas.invoker(openFaasOptions({ url, upgradeUrl: url }), invokerHost()),
  openwhisk: ({ url }) => openwhisk.invoker(openWhiskOptions({ url }), invokerHost()),
  'openwhisk, web actions': ({ url }) =>
    openwhisk.invoker(openWhiskOptions({ url, call: 'web', namespace: 'guest' }), invokerHost()),
  riff: ({ url }) => riff.invoker(riffOptions({ url }), invokerHost()),
  'riff on Knative': ({ ingress }) =>
    riff.invoker(riffOptions({ api: 'knative', url: SERVICE, ingress }), invokerHost()),
  workerd({ socket }) {
    const invoker = workerd.invoker(workerdOptions({ directory: '/' }), invokerHost())
    invoker.update!({ functions: { default: { kit: `unix:${socket}` } } })
    return invoker
  },
}

/** A platform that does nothing but what the test does with its connections. */
class RawPlatform {
  readonly connections: net.Socket[] = []
  readonly #answer: (socket: net.Socket, request: string) => void
  readonly #servers = [0, 1].map(() => net.createServer((socket) => this.#take(socket)))

  constructor(answer: (socket: net.Socket, request: string) => void) {
    this.#answer = answer
  }

  /** An invoker that reaches it. */
  async open(t: TestContext, name: string): Promise<Invoker> {
    const folder = await mkdtemp(join(tmpdir(), 'raw-'))
    const path = join(folder, 's')
    const [tcp, unix] = this.#servers
    await Promise.all([once(tcp!.listen(0, '127.0.0.1'), 'listening'), once(unix!.listen(path), 'listening')])
    const { port } = tcp!.address() as net.AddressInfo
    const ingress = { address: `127.0.0.1:${port}`, host: '127.0.0.1', port }
    const invoker = INVOKERS[name]!({ url: `http://127.0.0.1:${port}`, ingress, socket: path })
    t.after(async () => {
      await invoker.close()
      for (const socket of this.connections) socket.destroy()
      for (const server of this.#servers) server.close()
      await rm(folder, { recursive: true })
    })
    return invoker
  }

  async connection(): Promise<net.Socket> {
    while (this.connections.length === 0) await new Promise(setImmediate)
    return this.connections[0]!
  }

  #take(socket: net.Socket): void {
    this.connections.push(socket)
    socket.on('error', () => {})
    socket.once('data', (head) => this.#answer(socket, head.toString('latin1')))
  }
}

/** Writes as much as is taken, up to a bound far above what anybody may take. */
class Flood {
  written = 0
  readonly #piece: Buffer

  constructor(piece: Buffer) {
    this.#piece = piece
  }

  into(socket: net.Socket): void {
    const fill = () => {
      while (!socket.destroyed && this.written < 4 * BOUND) {
        this.written += this.#piece.length
        if (!socket.write(this.#piece)) return
      }
    }
    socket.on('drain', fill)
    fill()
  }

  /** Bytes written once nothing is taken any more. */
  async standstill(): Promise<number> {
    for (let before = 0; before === 0 || before !== this.written; await delay(100)) before = this.written
    return this.written
  }
}

/** Unix sockets know no reset. */
function reset(socket: net.Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

const CUTS: Readonly<Record<string, (socket: net.Socket) => void>> = {
  'F03 in a body with a length, by FIN': (socket) => socket.end(`${HEAD}content-length: 100\r\n\r\n{"a":`),
  'F03 in a body with a length, by RST': (socket) =>
    socket.write(`${HEAD}content-length: 100\r\n\r\n{"a":`, () => reset(socket)),
  'F04 between chunks': (socket) => socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`),
}

for (const name of Object.keys(INVOKERS)) {
  for (const [how, cut] of Object.entries(CUTS)) {
    test(`${name}: an answer that the platform cuts, ${how}, never ends as if it were whole`, async (t) => {
      const invoker = await new RawPlatform(cut).open(t, name)
      const attempt = await new TestAttempt(facts('kit'), { method: 'POST', path: '/' }).run(invoker).over()
      assert.ok(attempt.outcome === 'reset' || attempt.outcome === 'malformed', attempt.summary())
      assert.ok(attempt.received <= 5)
      assert.deepEqual(attempt.offences, [])
    })
  }

  test(`${name}: F11 F23 who leaves a platform that says nothing closes the connection at once`, async (t) => {
    const platform = new RawPlatform(() => {})
    const invoker = await platform.open(t, name)
    const asked = { method: 'POST', path: '/', body: Buffer.from('{}') }
    const attempt = new TestAttempt(facts('kit'), asked).run(invoker)
    const connection = await platform.connection()
    await delay(20)
    const closed = once(connection, 'close')
    const leftAt = performance.now()
    attempt.abort()
    await closed
    assert.ok(performance.now() - leftAt < 1000)
    assert.deepEqual([attempt.outcome, attempt.offences], [null, []])
  })

  test(`${name}: F24 what is left in the middle of its upload is never a whole request`, async (t) => {
    let bytes = ''
    const platform = new RawPlatform((socket) => socket.on('data', (chunk) => (bytes += chunk.toString())))
    const invoker = await platform.open(t, name)
    const body = new PassThrough()
    const asked = { method: 'POST', path: '/', body }
    const attempt = new TestAttempt(facts('kit'), asked).run(invoker)
    body.write('half')
    await delay(50)
    attempt.abort()
    // Those that take a body whole have not even connected.
    for (const connection of platform.connections) if (!connection.closed) await once(connection, 'close')
    assert.doesNotMatch(bytes, /\r\n0\r\n/, 'the last chunk')
    assert.deepEqual([attempt.outcome, attempt.offences], [null, []])
  })

  test(`${name}: F25 an answer without end that nobody takes is not read without end`, async (t) => {
    const flood = new Flood(Buffer.alloc(64 * 1024, 'x'))
    const platform = new RawPlatform((socket) => {
      socket.write(`${HEAD}\r\n`)
      flood.into(socket)
    })
    const invoker = await platform.open(t, name)
    const attempt = new TestAttempt(facts('kit'), { method: 'POST', path: '/' })
    attempt.onData = () => attempt.flow!.pause()
    attempt.run(invoker)
    assert.ok((await flood.standstill()) < BOUND, `${flood.written} bytes`)
    attempt.abort()
    assert.deepEqual(attempt.offences, [])
  })

  test(`${name}: K06 a WebSocket that nobody reads is not read without end`, async (t) => {
    // Frames of text, 64 KiB each.
    const flood = new Flood(Buffer.concat([Buffer.from([0x81, 126, 0xff, 0xfc]), Buffer.alloc(0xfffc, 'x')]))
    const platform = new RawPlatform((socket, request) => {
      const key = /^sec-websocket-key: (.*)$/im.exec(request)![1]!.trim()
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
      )
      flood.into(socket)
    })
    const invoker = await platform.open(t, name)
    if (invoker.upgrade === undefined) {
      t.skip('the driver opens no WebSockets')
      return
    }
    const attempt = new TestAttempt(facts('kit'), { path: '/' }).upgrade(invoker)
    await attempt.until(({ connection }) => connection !== null, 'the WebSocket')
    assert.ok((await flood.standstill()) < BOUND, `${flood.written} bytes`)
    attempt.abort()
    assert.deepEqual(attempt.offences, [])
  })
}
