import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { DeployProgress, TellProgress } from '../contract/lifecycle.ts'
import { Rejection } from '../contract/rejection.ts'
import type { Done } from './lifecycle-host.ts'
import { problemOf, sendRejection } from './send-problem.ts'

/** Media type of objects in JSON, each on a line of its own. */
const LINES_TYPE = 'application/x-ndjson'

/**
 * Answers with one line in JSON for each object, as they come and no faster than the client reads. When the first is a
 * Rejection it is the answer; a later one is a line with the member `problem`.
 */
export async function sendLines(
  reply: FastifyReply,
  objects: AsyncIterable<object | Rejection>,
): Promise<FastifyReply> {
  const rest = objects[Symbol.asyncIterator]()
  const first = await rest.next()
  if (first.done !== true && first.value instanceof Rejection) {
    await rest.return?.()
    return sendRejection(reply, first.value)
  }
  return reply.type(LINES_TYPE).send(Readable.from(linesOf(reply, first, rest), { objectMode: false }))
}

/**
 * What is told while work goes on, the newest if a client is slow, and then its end.
 *
 * @param work Starts it; told steps are lines with the member `progress`.
 */
export async function* progressLines(
  work: (progress: TellProgress) => Promise<Done | Rejection>,
): AsyncGenerator<object | Rejection> {
  let step: DeployProgress | null = null
  let wake = (): void => {}
  let end: Done | Rejection | null = null
  const ended = work((next) => {
    step = next
    wake()
  }).then((result) => {
    end = result
    wake()
  })
  // An error that nobody expected is thrown below, where somebody awaits it.
  ended.catch(() => wake())
  while (end === null) {
    if (step === null) await Promise.race([ended, new Promise<void>((resolve) => (wake = resolve))])
    if (step === null) continue
    const progress = step
    step = null
    yield { progress }
  }
  if (step !== null) yield { progress: step }
  yield end
}

async function* linesOf(
  reply: FastifyReply,
  first: IteratorResult<object | Rejection>,
  rest: AsyncIterator<object | Rejection>,
): AsyncGenerator<string> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) {
      const { value } = next
      yield `${JSON.stringify(value instanceof Rejection ? { problem: problemOf(reply, value) } : value)}\n`
    }
  } finally {
    await rest.return?.()
  }
}
