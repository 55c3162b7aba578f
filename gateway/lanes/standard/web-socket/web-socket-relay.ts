import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import type { Relay, RelayEnd, RelayListener } from '../../../contract/web-socket.ts'
import { AgreedConnection } from './agreed-connection.ts'

type Side = 'client' | 'function'

const FRAMES = ['message', 'ping', 'pong'] as const

const NO_STATUS = 1005
const ABNORMAL = 1006
const GOING_AWAY = 1001
const INTERNAL = 1011
const TOO_LARGE = 1009

/**
 * One WebSocket that @fastify/http-proxy relays: it passes messages, pings and pongs on. What it leaves open is done
 * here, by listeners that run before or behind its own:
 *
 * - It never holds a side back: here the one that sends stops being read while the other has not taken what was sent.
 * - It says 4005 and 4006 for 1005 and 1006, and what went wrong in words that may name an address: here the other side
 *   is closed first, with the code that was meant.
 * - It leaves the function's side open when the client goes early.
 */
export class WebSocketRelay implements Relay {
  messageBytesIn = 0
  messageBytesOut = 0
  readonly #client: Socket
  readonly #connection: Duplex
  readonly #protocol: string | null
  readonly #listener: RelayListener
  #agreed: AgreedConnection | null = null
  #source: WebSocket | null = null
  #target: WebSocket | null = null
  /** What ended it first. */
  #end: RelayEnd | null = null
  #detail = ''
  /** Sides that are not closed. */
  readonly #open = new Set<Side>(['client', 'function'])
  /** What to close it with as soon as it is there. */
  #goodbye: readonly [number, string] | null = null

  constructor(client: Socket, connection: Duplex, protocol: string | null, listener: RelayListener) {
    this.#client = client
    this.#connection = connection
    this.#protocol = protocol
    this.#listener = listener
    client.once('close', () => this.#lost('client'))
    connection.once('close', () => this.#lost('function'))
  }

  get protocol(): string | null {
    return this.#protocol
  }

  get clientBytes(): number {
    return this.#client.bytesRead
  }

  get functionBytes(): number {
    return this.#agreed?.received ?? 0
  }

  /** The connection for a handshake with this key. */
  agree(key: string): Duplex {
    this.#agreed = new AgreedConnection(this.#connection, key, this.#protocol)
    return this.#agreed
  }

  /** Both sides are there; frames flow from now on. */
  connect(source: WebSocket, target: WebSocket): void {
    if (this.#end !== null) {
      this.destroy()
      return
    }
    this.#source = source
    this.#target = target
    source.prependListener('error', (error) => this.#broke('client', error, target))
    target.prependListener('error', (error) => this.#broke('function', error, source))
    source.prependListener('close', (code, reason) => this.#closed('client', code, reason, target))
    target.prependListener('close', (code, reason) => this.#closed('function', code, reason, source))
    source.on('message', (data) => {
      this.messageBytesIn += sizeOf(data)
    })
    target.on('message', (data) => {
      this.messageBytesOut += sizeOf(data)
    })
    holdBack(source, this.#agreed!)
    holdBack(target, this.#client)
    if (this.#goodbye === null) source.resume()
    else this.close(...this.#goodbye)
  }

  ping(): void {
    for (const side of [this.#source, this.#target]) if (side?.readyState === side?.OPEN) side?.ping()
  }

  close(code: number, reason: string): void {
    if (this.#source === null || this.#target === null) {
      this.#goodbye = [code, reason]
      return
    }
    for (const side of [this.#source, this.#target]) {
      side.close(code, reason)
      side.resume()
    }
  }

  destroy(): void {
    this.#client.destroy()
    this.#connection.destroy()
  }

  /** A side closed, or was cut off. */
  #closed(side: Side, code: number, reason: Buffer, other: WebSocket): void {
    const lost = code === ABNORMAL
    this.#note(
      `${side}-${lost ? 'lost' : 'closed'}`,
      `the ${side} ${lost ? 'was cut off' : `closed with ${code}`}`,
    )
    if (code === NO_STATUS) other.close()
    else if (!lost) other.close(code, reason)
    else if (side === 'client') other.close(GOING_AWAY, 'the client is gone')
    else other.close(INTERNAL, 'the function is gone')
    other.resume()
    this.#over(side)
  }

  /** A side sent what is no WebSocket, or too much; it is told already. */
  #broke(side: Side, error: Error & { readonly code?: string }, other: WebSocket): void {
    const { code = 'error' } = error
    this.#note(`${side}-fault`, `the ${side} broke the protocol: ${code}`)
    const tooLarge = code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    other.close(
      tooLarge ? TOO_LARGE : INTERNAL,
      tooLarge ? 'a message is too large' : `the ${side} broke the protocol`,
    )
    other.resume()
  }

  /** A connection is gone. Before both sides are there, the other one has nobody else to close it. */
  #lost(side: Side): void {
    if (this.#target !== null) return
    this.#note(`${side}-lost`, `the ${side} was cut off`)
    this.#over(side)
    this.destroy()
  }

  #note(end: RelayEnd, detail: string): void {
    if (this.#end !== null) return
    this.#end = end
    this.#detail = detail
  }

  #over(side: Side): void {
    this.#open.delete(side)
    if (this.#open.size === 0) this.#listener.relayEnded(this.#end!, this.#detail)
  }
}

/** What one side sends is read only as fast as the connection to the other takes it. */
function holdBack(sender: WebSocket, onward: Duplex): void {
  const look = (): void => {
    if (onward.writableNeedDrain && sender.readyState === sender.OPEN) sender.pause()
  }
  // Registered behind the listeners that pass a frame on.
  for (const frame of FRAMES) sender.on(frame, look)
  onward.on('drain', () => sender.resume())
}

function sizeOf(data: RawData): number {
  return Buffer.isBuffer(data) ? data.length : 0
}
