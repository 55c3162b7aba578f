import { connect } from 'node:net'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { TRANSPORTS } from '../../gateway/transport/open-transport.ts'
import { spread } from '../statistics/spread.ts'
import { startChild } from '../support/child.ts'
import { UPSTREAM } from '../support/program.ts'

/** What does a call out to a backend cost on each transport, beside sockets that nobody reads? */
const QUESTION = 'CPU microseconds of a GET over each transport, alone, 64 at once'

const ROUNDS = 7
const REQUESTS = 20_000
const AT_ONCE = 64

/** What the gateway sends for a secured route. */
const HEADERS = [
  ['accept', '*/*'],
  ['host', 'functions.test'],
  ['x-forwarded-host', 'functions.test'],
  ['x-request-id', '01996f6a-4c30-7cc1-a3ab-2a65d4f7f1a0'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-forwarded-proto', 'https'],
  ['x-forwarded-port', '443'],
  ['traceparent', '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'],
  ['dispatch-subject', 'bench'],
  ['dispatch-organization', 'default'],
  ['dispatch-deadline', '1795348800000'],
].flat()

/** Sends a request, and says when its answer is whole. */
type Ask = (done: () => void) => void

class Done implements Sink {
  readonly #done: () => void

  constructor(done: () => void) {
    this.#done = done
  }
  start(_flow: Flow): void {}
  head(): void {}
  data(): void {}
  end(): void {
    this.#done()
  }
  fail(outcome: string, detail: string): void {
    throw new Error(`${outcome}: ${detail}`)
  }
}

function askBy(transport: Transport, origin: string): Ask {
  return (done) => {
    const request = { origin, method: 'GET', path: '/orders?limit=10', body: null, bodyLength: -1 }
    transport.send({ ...request, headers: HEADERS.slice() }, new Done(done))
  }
}

/** Writes the same bytes again and again on a socket of its own; whatever comes back is the answer. */
function askBare(origin: string): Ask {
  const { hostname, port } = new URL(origin)
  const fields = HEADERS.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
  const bytes = `GET /orders?limit=10 HTTP/1.1\r\n${fields}\r\n`
  const idle: ((done: () => void) => void)[] = []
  const open = () => {
    let done = () => {}
    const callback = () => {
      idle.push(ask)
      done()
      return true
    }
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: { buffer: Buffer.alloc(65_536), callback },
    })
    const ask = (next: () => void) => {
      done = next
      socket.setNoDelay(true).write(bytes, 'latin1')
    }
    return ask
  }
  return (done) => (idle.pop() ?? open())(done)
}

/** CPU time of this process for each request, in microseconds. */
async function measure(ask: Ask, requests: number): Promise<number> {
  const before = process.cpuUsage()
  const all = Promise.withResolvers<void>()
  let sent = 0
  let answered = 0
  const next = () => {
    sent++
    ask(() => {
      if (++answered === requests) all.resolve()
      else if (sent < requests) setImmediate(next)
    })
  }
  for (let i = 0; i < AT_ONCE; i++) next()
  await all.promise
  const { user, system } = process.cpuUsage(before)
  return (user + system) / requests
}

const upstream = await startChild(UPSTREAM, '')
const asks: [string, Ask][] = [['sockets, bare (baseline)', askBare(upstream.url)]]
for (const [name, open] of Object.entries(TRANSPORTS)) asks.push([name, askBy(open(), upstream.url)])
const runs = new Map<string, number[]>(asks.map(([name]) => [name, []]))
for (const [, ask] of asks) await measure(ask, REQUESTS)
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, ask] of asks) runs.get(name)!.push(await measure(ask, REQUESTS))
}
process.stdout.write(`${QUESTION}\n\n`)
for (const [name, values] of runs) {
  const { low, median, high } = spread(values)
  process.stdout.write(`${name.padEnd(26)}${median.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]\n`)
}
await upstream.stop()
process.exit()
