import type net from 'node:net'
import type { Cleanup } from './gateway.ts'
import { startRawUpstream } from './upstream.ts'

/** A request that arrived whole at a backend, and the connection on which it is to be answered. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  /** The head as it came, without the empty line. */
  readonly head: string
  readonly body: Buffer
  readonly socket: net.Socket
  /** Number of the connection, from 1. */
  readonly connection: number
  /** Number of the request on its connection, from 1. */
  readonly turn: number
}

/** A backend that writes its answers as bytes, so that they can be wrong. */
export interface RawBackend {
  readonly url: string
  /** Requests that arrived whole: the checklist calls their number U. */
  readonly requests: RawRequest[]
  /** Heads that arrived, with or without their body. */
  heads: number
  /** Connections that are open now. */
  readonly open: Set<net.Socket>
  /** Hears of each whole request. */
  answer: (request: RawRequest) => void
  /** Hears of each head, before its body. */
  onHead: (head: string, socket: net.Socket) => void
  /** Forgets what was seen. */
  forget(): void
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** The gateway itself asks how the platform is, on a connection of its own: not a call. */
const PROBE = /^GET \/(?:application\/status|healthz|system\/functions?\S*) /

export async function startRawBackend(t: Cleanup): Promise<RawBackend> {
  const backend: RawBackend = {
    url: '',
    requests: [],
    heads: 0,
    open: new Set(),
    answer: ({ socket }) => void socket.write(OK),
    onHead: () => {},
    forget() {
      backend.requests.length = 0
      backend.heads = 0
    },
  }
  const { url } = await startRawUpstream(t, (socket, connection) => {
    backend.open.add(socket)
    socket.on('close', () => backend.open.delete(socket))
    readRequests(socket, connection, backend)
  })
  return Object.assign(backend, { url })
}

/** Every request of a connection, by its length or its chunks. */
function readRequests(socket: net.Socket, connection: number, backend: RawBackend): void {
  let pending: Buffer = Buffer.alloc(0)
  let head: string | null = null
  let turn = 0
  socket.on('data', (piece: Buffer) => {
    pending = Buffer.concat([pending, piece])
    for (;;) {
      if (head === null) {
        const end = pending.indexOf('\r\n\r\n', 0, 'latin1')
        if (end < 0) return
        head = pending.toString('latin1', 0, end)
        pending = pending.subarray(end + 4)
        if (PROBE.test(head)) {
          backend.open.delete(socket)
          socket.end(OK)
          return
        }
        backend.heads++
        backend.onHead(head, socket)
      }
      const body = takeBody(head, pending)
      if (body === null) return
      pending = pending.subarray(body.taken)
      const [method = '', target = ''] = head.split(' ')
      const request = { method, target, head, body: body.bytes, socket, connection, turn: ++turn }
      head = null
      backend.requests.push(request)
      backend.answer(request)
    }
  })
}

function takeBody(head: string, bytes: Buffer): { readonly bytes: Buffer; readonly taken: number } | null {
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
  if (!/^transfer-encoding: chunked$/im.test(head)) {
    return bytes.length < length ? null : { bytes: bytes.subarray(0, length), taken: length }
  }
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at, 'latin1')
    if (line < 0) return null
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    const end = line + 2 + size
    if (bytes.length < end + 2) return null
    if (size === 0) return { bytes: Buffer.concat(pieces), taken: end + 2 }
    pieces.push(bytes.subarray(line + 2, end))
    at = end + 2
  }
}
