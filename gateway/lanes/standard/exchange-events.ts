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

export function onClose(this: Held): void {
  this[EXCHANGE].closed()
}

export function onDrain(this: Held): void {
  this[EXCHANGE].drained()
}

export function onChunk(this: Held, chunk: Buffer): void {
  this[EXCHANGE].bodyChunk(chunk)
}

export function onChunksEnd(this: Held): void {
  this[EXCHANGE].bodyEnd()
}
