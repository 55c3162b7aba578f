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

const waiting: StandardExchange[] = []

/** Has the head written by the end of this turn of the loop; what is written before takes it along. */
export function flushSoon(exchange: StandardExchange): void {
  if (waiting.push(exchange) === 1) setImmediate(flushWaiting)
}

function flushWaiting(): void {
  try {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) next.flushHead()
  } finally {
    if (waiting.length > 0) setImmediate(flushWaiting)
  }
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
