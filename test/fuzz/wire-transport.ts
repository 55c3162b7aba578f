import assert from 'node:assert/strict'
import { Pool } from '../../gateway/transport/wire/pool.ts'
import { requestHead } from '../../gateway/transport/wire/request-head.ts'
import { WireCall } from '../../gateway/transport/wire/wire-call.ts'
import { Collector } from '../conformance/transport/collector.ts'
import { corpusAnswers, randomAnswer } from './answers.ts'
import { type FuzzTarget, runCases } from './fuzz-target.ts'
import { mutate, split } from './mutate.ts'
import { askNode } from './node-client.ts'
import { Random } from './random.ts'
import { type ScriptedSocket, scriptedDialer } from './scripted-server.ts'

/** Loop turns after which an answer that has not ended, though its connection has, hangs. */
const PATIENCE = 20

const MARKER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nmarker')

const corpus = corpusAnswers()

/** The transport as a whole, but for its sockets, which are scripted. */
export const target: FuzzTarget = {
  promise:
    'What the wire transport takes for an answer, the parser of Node takes for the same; what it refuses harms nobody.',
  run: (run) => runCases(run, one),
}

async function one(seed: number, number: number): Promise<string | null> {
  const random = new Random(seed, number)
  const bytes = input(random, number)
  const method = random.oneIn(6) ? 'HEAD' : 'GET'
  const pieces = split(bytes, random)
  try {
    return await tryAnswer(method, pieces)
  } catch (error) {
    const text = JSON.stringify(pieces.map((piece) => piece.toString('latin1')))
    throw new Error(`${(error as Error).message}\n  ${method} ${text}`)
  }
}

/** The corpus as it is, then changes of it and of valid answers. */
function input(random: Random, number: number): Buffer {
  if (number < corpus.length) return corpus[number]!
  const base = corpus.length > 0 && random.oneIn(4) ? random.pick(corpus) : randomAnswer(random)
  // The first line is short and most changes to it end the matter: what comes behind it is what wants testing.
  const kept = random.oneIn(4) ? 0 : base.indexOf('\r\n') + 2
  return Buffer.concat([base.subarray(0, kept), mutate(base.subarray(kept), random.below(4), random)])
}

async function tryAnswer(method: string, pieces: readonly Buffer[]): Promise<string | null> {
  let connections = 0
  const pool = new Pool(
    scriptedDialer((socket) => {
      if (++connections === 1) socket.once('request', () => answerFirst(socket, pieces))
      else socket.once('request', () => socket.say(MARKER))
    }),
    { connections: 1, connectTimeoutMs: 60_000, keepAliveMs: 60_000 },
  )
  const first = ask(pool, method)
  await overSoon(first)
  const next = ask(pool, 'GET')
  await overSoon(next)
  assert.deepEqual(first.offences, [])
  assert.deepEqual(next.offences, [])
  assert.equal(next.body, 'marker', `the next answer is ${next.outcome} ${next.body} ${next.detail}`)
  await pool.close()
  if (first.outcome !== 'answered') return `${first.outcome}: ${first.detail}`
  const node = await askNode(method, pieces)
  assert.ok(node !== null, `Node takes no answer, this one was taken: ${first.status} ${first.body}`)
  assert.deepEqual(
    { status: first.status, flat: first.headers?.flat, body: first.body },
    { status: node.status, flat: node.flat, body: node.body },
  )
  return null
}

/** Whatever this connection is asked next, it answers well: a kept one has to be fit for that. */
function answerFirst(socket: ScriptedSocket, pieces: readonly Buffer[]): void {
  socket.once('request', () => socket.say(MARKER))
  for (const piece of pieces) socket.say(piece)
  // The server ends what it has not said to the end; a connection that waits for its next call stays.
  setImmediate(() => {
    if (!socket.destroyed && socket.listenerCount('request') > 0) socket.finish()
  })
}

function ask(pool: Pool, method: string): Collector {
  const sink = new Collector()
  const request = { origin: '', method, path: '/', headers: [], body: null, bodyLength: -1 }
  const call = new WireCall(request, sink)
  sink.start(call)
  call.head = requestHead(request, pool.authority)
  call.keepsConnection = method !== 'HEAD'
  pool.send(call)
  return sink
}

async function overSoon(sink: Collector): Promise<void> {
  for (let turn = 0; sink.outcome === 'none'; turn++) {
    assert.ok(turn < PATIENCE, 'an answer hangs')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
