import { createInterface } from 'node:readline'
import { Failure } from './failure.ts'
import type { ManagementAnswer } from './management-client.ts'
import { problemText } from './problem.ts'

/**
 * The objects of an answer that holds one on each line, as they come.
 *
 * @throws Failure When the gateway refuses, or says in a line that it failed, or the answer breaks off.
 */
export async function* answerLines(answer: ManagementAnswer): AsyncGenerator<Record<string, unknown>> {
  if (answer.statusCode >= 400) throw new Failure(problemText(answer.statusCode, await answer.body.text()))
  try {
    for await (const line of createInterface({ input: answer.body, crlfDelay: Number.POSITIVE_INFINITY })) {
      const object = JSON.parse(line) as Record<string, unknown>
      if (object['problem'] !== undefined)
        throw new Failure(problemText(500, JSON.stringify(object['problem'])))
      yield object
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure(`the answer broke off: ${(error as Error).message}`, null, { cause: error })
  }
}
