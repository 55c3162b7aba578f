import type { Readable } from 'node:stream'
import type { Exchange, ExchangeListener } from '../../gateway/contract/lane.ts'
import { Endings } from '../../gateway/lanes/express/answer-text.ts'
import { ConnectionWatch } from '../../gateway/lanes/express/connection-watch.ts'
import { ExpressConnection } from '../../gateway/lanes/express/express-connection.ts'
import { MemorySocket, send, turns } from './memory-socket.ts'
import type { ReadRequest } from './node-server.ts'
import type { Random } from './random.ts'

export interface ExpressReading {
  readonly requests: readonly TakenRequest[]
  /** Why the connection left for the standard lane, or null, and with what. */
  handover: string | null
  unread: Buffer
  /** Bytes that are no request, and what the client was told. */
  fault: string | null
  /** What the client got. */
  sent: string
}

/** How a request is treated: its body is streamed, streamed late, read whole, or not wanted. */
const TREATMENTS = ['stream', 'stream', 'late', 'whole', 'unwanted'] as const

const watch = new ConnectionWatch()
const endings = new Endings(72_000)

/** What the express lane reads in bytes that a client sends in pieces. */
export async function readByExpress(
  pieces: readonly Buffer[],
  mostHeadBytes: number,
  random: Random,
): Promise<ExpressReading> {
  const reading = {
    requests: [] as TakenRequest[],
    handover: null as string | null,
    unread: Buffer.alloc(0),
    fault: null as string | null,
    sent: '',
  }
  const socket = new MemorySocket()
  const connection = new ExpressConnection(socket.asSocket, {
    handle: (exchange) => {
      const number = reading.requests.length
      reading.requests.push(new TakenRequest(exchange, number, random.pick(TREATMENTS)))
    },
    fault: (code) => {
      reading.fault = code
    },
    adopt: (_socket, reason) => {
      reading.handover = reason
      socket.on('data', (piece: Buffer) => {
        reading.unread = Buffer.concat([reading.unread, piece])
      })
    },
    watch,
    endings,
    mostHeadBytes,
    headTicks: 1e9,
    keepAliveTicks: 1e9,
  })
  watch.add(connection)
  await send(socket, pieces, () => random.oneIn(4))
  await turns(6)
  reading.sent = socket.sent
  socket.destroy()
  return reading
}

/** A request that the express lane took, served as the pipeline would. */
export class TakenRequest implements ReadRequest, ExchangeListener {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  body = ''
  complete = false
  /** Nobody wanted its body. */
  readonly unwanted: boolean
  gone = false
  readonly #exchange: Exchange
  readonly #number: number

  constructor(exchange: Exchange, number: number, treatment: (typeof TREATMENTS)[number]) {
    this.#exchange = exchange
    this.#number = number
    this.method = exchange.method
    this.target = exchange.target
    this.rawHeaders = exchange.rawHeaders
    this.unwanted = treatment === 'unwanted' && !exchange.bodyComplete
    exchange.listen(this)
    const hasLength = /^content-length$/im.test(exchange.rawHeaders.join('\n'))
    if (exchange.bodyComplete) this.#whole('')
    else if (treatment === 'unwanted') this.#answer()
    else if (treatment === 'whole' && hasLength) exchange.readBody()
    else if (treatment === 'late') setImmediate(() => this.#read(exchange.streamBody(1e9)))
    else this.#read(exchange.streamBody(1e9))
  }

  #read(body: Readable): void {
    body.on('data', (piece: Buffer) => {
      this.body += piece.toString('latin1')
    })
    body.on('end', () => this.#whole(this.body))
  }

  bodyRead(body: Buffer): void {
    this.#whole(body.toString('latin1'))
  }

  #whole(body: string): void {
    this.body = body
    this.complete = true
    this.#answer()
  }

  #answer(): void {
    if (!this.gone) this.#exchange.respond(200, ['x-number', String(this.#number)], 'a')
  }

  trailersRefused(): void {
    this.#exchange.closeAfter()
    this.#exchange.respond(400, ['x-number', String(this.#number)], 'a')
  }

  clientGone(): void {
    this.gone = true
  }

  bodyTooLarge(): void {}
  drained(): void {}
  finished(): void {}
  moved(): void {}
}
