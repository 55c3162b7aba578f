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
  const once = input(random, number)
  // A head that came before on the connection is not read again.
  const before = random.oneIn(4) ? once : null
  const bytes = before === null ? once : mutate(once, random.below(2), random)
  const method = random.oneIn(6) ? 'HEAD' : 'GET'
  const pieces = before !== null && random.oneIn(2) ? [bytes] : split(bytes, random)
  try {
    return await tryAnswer(method, before, pieces)
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

/** @param before Another answer before it, on the same connection if that is kept; null for none. */
async function tryAnswer(
  method: string,
  before: Buffer | null,
  pieces: readonly Buffer[],
): Promise<string | null> {
  const script = before === null ? [pieces] : [[before], pieces]
  const pool = new Pool(
    scriptedDialer((socket) => socket.once('request', () => answer(socket, script))),
    { connections: 1, connectTimeoutMs: 60_000, keepAliveMs: 60_000 },
  )
  if (before !== null) await overSoon(ask(pool, 'GET'))
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

/** What comes next in the script, and behind its end a good answer: a kept connection has to be fit for that. */
function answer(socket: ScriptedSocket, script: (readonly Buffer[])[]): void {
  socket.once('request', () => answer(socket, script))
  for (const piece of script.shift() ?? [MARKER]) socket.say(piece)
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
