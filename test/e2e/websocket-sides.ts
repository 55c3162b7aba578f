import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import { ISSUER, RSA_KEY, token } from '../gateway/identity/fixture.ts'
import { underTest } from './driver-under-test.ts'
import type { Cleanup } from './gateway.ts'
import { until } from './observe.ts'

/** One end of a WebSocket, with all that it heard. */
export class Side {
  readonly socket: WebSocket
  /** Texts as they are; bytes as Buffers. */
  readonly messages: (string | Buffer)[] = []
  readonly pings: string[] = []
  readonly pongs: string[] = []
  /** Code and reason, once it is closed. */
  closed: readonly [number, string] | null = null
  error: Error | null = null

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer, binary) => this.messages.push(binary ? data : data.toString()))
    socket.on('ping', (data) => this.pings.push(data.toString()))
    socket.on('pong', (data) => this.pongs.push(data.toString()))
    socket.on('error', (error) => {
      this.error = error
    })
    socket.on('close', (code, reason) => {
      this.closed = [code, reason.toString()]
    })
  }

  /** Waits for so many messages. */
  async heard(messages: number): Promise<readonly (string | Buffer)[]> {
    await until(() => this.messages.length >= messages, `${messages} messages, not ${this.messages.length}`)
    return this.messages
  }

  async end(withinMs = 5000): Promise<readonly [number, string]> {
    await until(() => this.closed !== null, 'the WebSocket is closed', withinMs)
    return this.closed!
  }
}

/** A WebSocket at the function, and the request that opened it. */
export class FunctionSide extends Side {
  readonly request: IncomingMessage
  /** Below the WebSocket. */
  readonly connection: Socket

  constructor(socket: WebSocket, request: IncomingMessage) {
    super(socket)
    this.request = request
    this.connection = request.socket
  }
}

/** A function that speaks WebSockets, on a server of its own. */
export interface SocketFunction {
  readonly url: string
  readonly port: number
  /** In the order in which they were opened. */
  readonly sides: FunctionSide[]
  readonly server: WebSocketServer
  /** The WebSocket with this number, from 0. */
  opened(number?: number): Promise<FunctionSide>
}

/** @param answers Sends every message back. Default true. */
export async function startSocketFunction(
  t: Cleanup,
  options: ServerOptions & { readonly answers?: boolean } = {},
): Promise<SocketFunction> {
  const { answers = true, ...rest } = options
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...rest })
  await once(server, 'listening')
  const sides: FunctionSide[] = []
  server.on('connection', (socket, request) => {
    sides.push(new FunctionSide(socket, request))
    if (answers) socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  t.after(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sides,
    server,
    async opened(number = 0) {
      await until(() => sides.length > number, 'the function has a WebSocket')
      return sides[number]!
    },
  }
}

export interface Asked {
  readonly path?: string
  readonly protocols?: string[]
  readonly headers?: Record<string, string>
  /** Over TLS, whoever signed the certificate. Default false. */
  readonly secure?: boolean
  /** Offers permessage-deflate. Default false. */
  readonly deflate?: boolean
}

/** Opens a WebSocket as a client does. */
export async function openSocket(t: Cleanup, port: number, asked: Asked = {}): Promise<Side> {
  const { path = '/socket', protocols = [], headers = {}, deflate = false, secure = false } = asked
  const socket = new WebSocket(`${secure ? 'wss' : 'ws'}://127.0.0.1:${port}${path}`, protocols, {
    headers,
    rejectUnauthorized: false,
    perMessageDeflate: deflate,
  })
  t.after(() => socket.terminate())
  const side = new Side(socket)
  await once(socket, 'open')
  return side
}

/** Bytes of a request for a WebSocket, with further lines. */
export function handshake(path: string, ...lines: readonly string[]): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: own.test',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...lines,
    '',
    '',
  ].join('\r\n')
}

/** A frame of a client (RFC 6455, 5.2), with a mask of zeros. @param opcode 1 for text, 2 for bytes, 8 to close. */
export function frame(opcode: number, payload: string | Buffer, final = true): Buffer {
  const bytes = Buffer.from(payload)
  const length =
    bytes.length < 126
      ? Buffer.from([0x80 | bytes.length])
      : Buffer.from([0x80 | 126, bytes.length >> 8, bytes.length & 0xff])
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode]), length, Buffer.alloc(4), bytes])
}

/** An issuer whose tokens `bearer` makes, on clocks that agree. */
export const IDENTITY = {
  issuers: [
    {
      issuer: ISSUER,
      audiences: ['dispatch'],
      skew: '0s',
      keys: [{ id: RSA_KEY.id, algorithm: RSA_KEY.algorithm, publicKey: RSA_KEY.publicKey }],
    },
  ],
}

/** Value of Authorization for alice. */
export function bearer(scope = '', lifetimeSeconds = 60): string {
  const now = Math.floor(Date.now() / 1000)
  return `Bearer ${token({ iat: now, exp: now + lifetimeSeconds, scope })}`
}

/** A gateway before functions that speak WebSockets, with routes to the first. */
export function configFor(
  urls: string | readonly string[],
  routes: readonly Record<string, unknown>[] = [{}],
  gateway: Record<string, unknown> = {},
): Record<string, unknown> {
  const backends = [urls].flat().map((url, i) => [`b${i}`, { driver: 'http', url }] as const)
  return {
    gateway,
    identity: IDENTITY,
    backends: underTest(Object.fromEntries(backends)),
    functions: { f: { deployments: backends.map(([name]) => name), timeout: '5s' } },
    routes: routes.map((route) => ({
      path: '/*',
      function: 'f',
      auth: 'none',
      upgrade: 'websocket',
      ...route,
    })),
  }
}
