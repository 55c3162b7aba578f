import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StandardExchange } from './standard-exchange.ts'

/** Where Node's own objects, which tell us what happens, find the exchange: no closure per request. */
const EXCHANGE = Symbol('dispatch.exchange')

interface Held {
  [EXCHANGE]: StandardExchange
}

export function hold(holder: object, exchange: StandardExchange): void {
  ;(holder as Held)[EXCHANGE] = exchange
}

export function flushHead(exchange: StandardExchange): void {
  exchange.flushHead()
}

export function onClose(this: ServerResponse): void {
  ;(this as unknown as Held)[EXCHANGE].closed()
}

export function onDrain(this: ServerResponse): void {
  ;(this as unknown as Held)[EXCHANGE].drained()
}

export function onChunk(this: IncomingMessage, chunk: Buffer): void {
  ;(this as unknown as Held)[EXCHANGE].bodyChunk(chunk)
}

export function onChunksEnd(this: IncomingMessage): void {
  ;(this as unknown as Held)[EXCHANGE].bodyEnd()
}
