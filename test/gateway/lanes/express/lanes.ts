import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import tls from 'node:tls'
import type { Exchange, ExchangeListener } from '../../../../gateway/contract/lane.ts'
import { ConnectionWatch } from '../../../../gateway/lanes/express/connection-watch.ts'
import { createExpressLane } from '../../../../gateway/lanes/express/express-lane.ts'
import { createStandardLane } from '../../../../gateway/lanes/standard/standard-lane.ts'

/** A certificate and its key, as PEM. */
export interface Material {
  readonly certificate: string
  readonly key: string
}

/** An express lane before a standard one, and what went through it. */
export interface TestLanes {
  readonly port: number
  /** Requests in the order in which they came, on either lane. */
  readonly seen: SeenRequest[]
  readonly handovers: string[]
  readonly faults: string[]
  /** Called for each request whose body is whole; answers `target` by default. */
  serve: (request: SeenRequest) => void
  useCertificate(material: Material): void
}

export class SeenRequest implements ExchangeListener {
  readonly exchange: Exchange
  readonly express: boolean
  readonly #lanes: TestLanes
  body = ''
  gone = false
  drains = 0
  done = false

  constructor(exchange: Exchange, lanes: TestLanes) {
    this.exchange = exchange
    this.express = exchange.constructor.name === 'ExpressExchange'
    this.#lanes = lanes
    exchange.listen(this)
    const framed = exchange.rawHeaders.some((text) => /^(content-length|transfer-encoding)$/i.test(text))
    if (!framed) this.#lanes.serve(this)
    else {
      exchange.continueBody()
      const body = exchange.streamBody(1e9)
      body.on('data', (piece: Buffer) => {
        this.body += piece.toString('latin1')
      })
      body.on('end', () => this.#lanes.serve(this))
    }
  }

  answer(text: string): void {
    this.exchange.respond(200, [], text)
  }

  clientGone(): void {
    this.gone = true
  }

  drained(): void {
    this.drains++
  }

  finished(): void {
    this.done = true
  }

  bodyRead(): void {}
  bodyTooLarge(): void {}
  trailersRefused(): void {}
  moved(): void {}
}

export async function openLanes(
  t: { after(end: () => unknown): void },
  material: Material | null = null,
): Promise<TestLanes> {
  const watch = new ConnectionWatch()
  const lanes: TestLanes = {
    port: 0,
    seen: [],
    handovers: [],
    faults: [],
    serve: (request) => request.answer(`${request.exchange.target} ${request.body}`),
    useCertificate: (next) => lane.useCertificate({ ...next, clients: null }),
  }
  const shared = {
    headTimeoutMs: 500,
    keepAliveMs: 1000,
    handle: (exchange: Exchange) => void lanes.seen.push(new SeenRequest(exchange, lanes)),
    observe: {
      connectionOpened: () => true,
      connectionClosed: () => {},
      fault: (code: string) => void lanes.faults.push(code),
      handedOver: (reason: string) => void lanes.handovers.push(reason),
    },
  }
  const standard = createStandardLane({
    ...shared,
    tls: material === null ? null : { ...material, clients: null },
    parserHeadBytes: 65_536,
    messageBytes: 1000,
    mayUpgrade: () => false,
  })
  const lane = createExpressLane(standard, { ...shared, mostHeadBytes: 24_576, watch })
  const port = await lane.listen({ host: '127.0.0.1', port: 0, reusePort: false })
  t.after(() => {
    watch.close()
    lane.destroy()
  })
  return Object.assign(lanes, { port })
}

/** A client connection whose answers are text. */
export class Client {
  readonly socket: Socket
  text = ''
  closed = false

  constructor(port: number, secure: boolean) {
    this.socket = secure
      ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : net.connect(port, '127.0.0.1')
    this.socket.setNoDelay(true)
    this.socket.on('error', () => {})
    this.socket.on('data', (piece: Buffer) => {
      this.text += piece.toString('latin1')
    })
    this.socket.on('close', () => {
      this.closed = true
    })
  }

  async connected(): Promise<void> {
    await once(this.socket, this.socket instanceof tls.TLSSocket ? 'secureConnect' : 'connect')
  }

  /** Bodies of the answers so far. */
  get bodies(): string[] {
    const pieces = this.text.split(/HTTP\/1\.1 \d+ [^\r]*\r\n/).slice(1)
    return pieces.map((piece) => piece.slice(piece.indexOf('\r\n\r\n') + 4))
  }

  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))
  }
}
