import { EventEmitter } from 'node:events'
import type { OnReadOpts, Socket } from 'node:net'
import type { Transport } from '../../gateway/contract/transport.ts'
import { turns } from '../../gateway/contract/turns.ts'
import { handle } from '../../gateway/invocation/handle.ts'
import { WaitingRoom } from '../../gateway/invocation/waiting-room.ts'
import { Endings } from '../../gateway/lanes/express/answer-text.ts'
import { ConnectionWatch } from '../../gateway/lanes/express/connection-watch.ts'
import { ExpressConnection } from '../../gateway/lanes/express/express-connection.ts'
import { ThreadSeries } from '../../gateway/observe/thread-series.ts'
import { ThreadServices } from '../../gateway/threads/thread-services.ts'
import { Pool } from '../../gateway/transport/wire/pool.ts'
import { keepsConnection, requestHead } from '../../gateway/transport/wire/request-head.ts'
import { WireCall } from '../../gateway/transport/wire/wire-call.ts'
import { compiledWith } from './compiled.ts'
import type { Micro } from './micro.ts'

const CLIENTS = 32
const REQUEST = Buffer.from(
  'GET /route-500/orders?limit=10 HTTP/1.1\r\nHost: own.test\r\nAccept: */*\r\n\r\n',
)
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 91\r\nConnection: keep-alive\r\n\r\n${'x'.repeat(91)}`,
)

/** As much of a socket as the lane and the transport use; what is written is counted and forgotten. */
class NoSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 1
  readonly writableLength = 0
  readonly destroyed = false
  written = 0

  /** For those who want a Socket: on the way of these calls they ask no more of it. */
  get asSocket(): Socket {
    return this as unknown as Socket
  }

  write(): boolean {
    this.written++
    return true
  }

  destroy(): void {}
}

/** What does the code of this project cost for a whole call over express and wire, its sockets and tokens left out? */
export const micro: Micro = {
  name: 'whole call without sockets',
  async prepare() {
    const servers: { readonly socket: NoSocket; readonly read: OnReadOpts['callback'] }[] = []
    const open = () => wireWithout((socket, read) => servers.push({ socket, read }))
    const { config, memory, snapshot } = await compiledWith(1000, 3, open)
    const series = new ThreadSeries(memory, 1, 0)
    const services = new ThreadServices(config, series, new WaitingRoom(memory, 1, 0, series), null, false)
    services.configure({
      ...config,
      gateway: { ...config.gateway, accessLog: { enabled: false, sample: 1 } },
    })
    const clients = Array.from({ length: CLIENTS }, () => {
      const socket = new NoSocket()
      new ExpressConnection(socket.asSocket, {
        handle: (exchange) => handle(exchange, snapshot, services),
        fault: (code) => {
          throw new Error(code)
        },
        adopt: (_socket, reason) => {
          throw new Error(reason)
        },
        watch: new ConnectionWatch(),
        endings: new Endings(72_000),
        mostHeadBytes: 24_576,
        headTicks: 1e9,
        keepAliveTicks: 1e9,
      })
      return socket
    })
    let connected = 0
    const serve = (): void => {
      while (connected < servers.length) servers[connected++]!.socket.emit('connect')
      turns.end()
      for (const { socket, read } of servers) {
        if (socket.written === 0) continue
        socket.written = 0
        read(ANSWER.length, ANSWER)
      }
      turns.end()
      turns.end()
    }
    let next = 0
    return () => {
      const client = clients[next]!
      client.written = 0
      client.emit('data', REQUEST)
      next = (next + 1) % CLIENTS
      if (next !== 0) return 1
      serve()
      return clients.every(({ written }) => written === 1) ? 1 : Number.NaN
    }
  },
}

/** The transport, but for its sockets. */
function wireWithout(opened: (socket: NoSocket, read: OnReadOpts['callback']) => void): Transport {
  const dial = (read: OnReadOpts['callback']): Socket => {
    const socket = new NoSocket()
    opened(socket, read)
    return socket.asSocket
  }
  const options = { connections: CLIENTS, connectTimeoutMs: 60_000, keepAliveMs: 1e9 }
  const pool = new Pool({ authority: 'functions.test', ready: 'connect', dial }, options)
  return {
    send(request, sink) {
      const call = new WireCall(request, sink)
      sink.start(call)
      call.head = requestHead(request, pool.authority)
      call.keepsConnection = keepsConnection(request)
      pool.send(call)
    },
    upgrade() {},
    close: () => pool.close(),
  }
}
