import assert from 'node:assert/strict'
import { ruleOfBrokenBody } from './broken-body.ts'
import { type ExpressReading, readByExpress, type TakenRequest } from './express-client.ts'
import { type FuzzTarget, runCases } from './fuzz-target.ts'
import { mutate, split } from './mutate.ts'
import { type NodeReading, type ReadRequest, readByNode } from './node-server.ts'
import { Random } from './random.ts'
import { corpusRequests, randomRequests } from './requests.ts'

const MOST_HEAD_BYTES = 24_576

const corpus = corpusRequests()

/** Connections of the lane, but for their sockets, which are in memory. */
export const target: FuzzTarget = {
  promise:
    'What the express lane takes for a request, the parser of Node takes for the same; what it does not take, it leaves to that parser from the first byte on.',
  run: (run) => runCases(run, one),
}

async function one(seed: number, number: number): Promise<string | null> {
  const random = new Random(seed, number)
  const once = input(random, number)
  // Fields that came before on the connection are not read again.
  const bytes = random.oneIn(4) ? Buffer.concat([once, mutate(once, random.below(2), random)]) : once
  const pieces = random.oneIn(3) ? split(bytes, random) : cut(bytes, random)
  try {
    return await tryRequests(bytes, pieces, random)
  } catch (error) {
    const text = JSON.stringify(pieces.map((piece) => piece.toString('latin1')))
    throw new Error(`${(error as Error).message}\n  ${text}`)
  }
}

/** The corpus as it is, then changes of it and of valid requests. */
function input(random: Random, number: number): Buffer {
  if (number < corpus.length) return corpus[number]!
  const base = corpus.length > 0 && random.oneIn(4) ? random.pick(corpus) : randomRequests(random)
  // The first line is short and most changes to it end the matter: what comes behind it is what wants testing.
  const kept = random.oneIn(4) ? 0 : base.indexOf('\r\n') + 2
  return Buffer.concat([base.subarray(0, kept), mutate(base.subarray(kept), random.below(4), random)])
}

/** A few pieces: of many the lane takes no head. */
function cut(bytes: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: random.below(5) }, () => random.below(bytes.length + 1)).sort(
    (a, b) => a - b,
  )
  return [...cuts, bytes.length].map((to, i) => bytes.subarray(i === 0 ? 0 : cuts[i - 1], to))
}

async function tryRequests(bytes: Buffer, pieces: readonly Buffer[], random: Random): Promise<string | null> {
  const ours = await readByExpress(pieces, MOST_HEAD_BYTES, random)
  const node = await readByNode(bytes, MOST_HEAD_BYTES)
  sameRequests(ours.requests, node)
  answersInOrder(ours)
  if (ours.handover !== null) {
    const at = bytes.length - ours.unread.length
    assert.ok(bytes.subarray(at).equals(ours.unread), 'what was handed over is not the end of what was sent')
    assert.ok(
      ours.requests.every(({ complete, unwanted }) => complete || unwanted),
      'left within a request',
    )
    // A request on a new connection and behind others is the same to the parser.
    const rest = await readByNode(ours.unread, MOST_HEAD_BYTES)
    assert.deepEqual(rest.requests, node.requests.slice(ours.requests.length), 'handed over at another byte')
    assert.equal(rest.error, node.error, 'handed over in another state')
    return `handed over: ${ours.handover}`
  }
  if (ours.fault !== null) {
    const reason = node.error ?? ruleOfBrokenBody(bytes, ours.requests)
    assert.notEqual(reason, null, `refused with ${ours.fault} for no reason`)
    return `fault: ${ours.fault}, ${node.error === null ? 'by a rule of ours' : 'Node'}: ${reason}`
  }
  const ended = /\r\nConnection: close\r\n/.test(ours.sent)
  if (!ended) assert.equal(node.requests.length, ours.requests.length, 'a request was swallowed')
  return ours.requests.length > 0 && ours.requests.every(({ complete }) => complete) ? null : 'not whole'
}

function sameRequests(ours: readonly TakenRequest[], node: NodeReading): void {
  for (const [i, taken] of ours.entries()) {
    const read: ReadRequest | undefined = node.requests[i]
    assert.ok(read !== undefined, `Node reads no request ${i}: ${node.error}`)
    assert.deepEqual([taken.method, taken.target], [read.method, read.target])
    assert.deepEqual(taken.rawHeaders, read.rawHeaders)
    if (taken.complete) assert.ok(read.complete, `Node does not find the end of request ${i}: ${node.error}`)
    if (taken.complete) assert.equal(taken.body, read.body)
    else if (!taken.unwanted) assert.ok(read.body.startsWith(taken.body) || taken.body.startsWith(read.body))
  }
}

/** One answer for each request, in order; none for what is no request but the last word. */
function answersInOrder({ requests, sent }: ExpressReading): void {
  const numbers = [...sent.matchAll(/^x-number: (\d+)\r$/gm)].map(([, number]) => Number(number))
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i),
    'answers out of order',
  )
  const answered = requests.filter(({ complete, unwanted }) => complete || unwanted).length
  assert.ok(numbers.length >= answered || /\r\nConnection: close\r\n/.test(sent), 'an answer is missing')
}
