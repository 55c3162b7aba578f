import assert from 'node:assert/strict'
import type { Edge, SendOptions, Sent } from '../edge.ts'

/** What has to come of bytes: see `README.md` of the corpora, "Running raw HTTP vectors". */
export type Verdict = 'refuse' | 'forward' | 'either' | 'ignore'

/** A request that has to arrive at the upstream. */
export interface Wanted {
  readonly method: string
  readonly target: string
  /** Latin-1; null when the corpus does not say. */
  readonly body: string | null
}

export interface Vector {
  readonly id: string
  readonly bytes: Buffer
  readonly verdict: Verdict
  /** With `forward`: what arrives, in order. */
  readonly wanted?: readonly Wanted[]
  /** With `refuse`: valid requests that stand before the refused bytes and may be served. Default 0. */
  readonly before?: number
  /** The bytes are incomplete by design: our side ends after them. */
  readonly halfClose?: boolean
}

/** Sends vectors one after the other, each with the proof of life behind it, and reports all that went wrong at once. */
export async function runVectors(edge: Edge, vectors: readonly Vector[]): Promise<void> {
  const failures: string[] = []
  for (const vector of vectors) {
    const sent = await edge.send(vector.bytes, optionsOf(vector))
    const failure = failureOf(vector, sent)
    if (failure !== null)
      failures.push(
        `${vector.id}: ${failure}\n  ${JSON.stringify(vector.bytes.toString('latin1').slice(0, 200))}`,
      )
  }
  assert.equal(failures.length, 0, `${failures.length} of ${vectors.length}\n${failures.join('\n')}`)
}

function optionsOf({ verdict, wanted = [], before = 0, halfClose = false }: Vector): SendOptions {
  const answers = verdict === 'forward' ? wanted.length : verdict === 'refuse' ? before + 1 : 1
  return { answers, halfClose, timeoutMs: 2000 }
}

/** What is wrong with the outcome, or null. */
function failureOf(vector: Vector, sent: Sent): string | null {
  const { statuses, seen, closed } = sent
  const outcome = `answers ${statuses.join() || 'none'}${closed ? ', closed' : ''}, upstream ${seen.length}`
  const ownFault = statuses.some((status) => status >= 500 && status !== 501 && status !== 505)
  switch (vector.verdict) {
    case 'refuse': {
      const before = vector.before ?? 0
      const refusals = statuses.filter((status) => status !== 200)
      if (seen.length > before || ownFault || refusals.length > 1) return outcome
      return refusals.length === 1 || closed ? null : outcome
    }
    case 'forward': {
      const wanted = vector.wanted ?? []
      if (statuses.length !== wanted.length || statuses.some((status) => status !== 200)) return outcome
      return seen.length === wanted.length ? differenceOf(wanted, seen) : outcome
    }
    case 'either':
      return ownFault || (statuses.length === 0 && !closed) ? outcome : null
    case 'ignore':
      return null
  }
}

/** Requests of one connection are served side by side, on connections of their own: they may arrive in any order. */
function differenceOf(wanted: readonly Wanted[], seen: Sent['seen']): string | null {
  const left = [...seen]
  for (const { method, target, body } of wanted) {
    const at = left.findIndex((one) => one.method === method && one.target === target)
    const [request] = left.splice(Math.max(0, at), 1) as [Sent['seen'][number]]
    if (request.method !== method) return `method ${request.method} instead of ${method}`
    if (request.target !== target) return `target ${request.target} instead of ${target}`
    if (body !== null && request.body.toString('latin1') !== body) return `another body: ${request.body}`
  }
  return null
}

/**
 * Gives heads of HTTP/1.1 the Host that they lack: the 400 for that would hide the question of the vector.
 *
 * @param starts Where the heads begin.
 */
export function withHost(bytes: Buffer, host: string, starts: readonly number[] = [0]): Buffer {
  let text = bytes.toString('latin1')
  for (const start of starts.toSorted((a, b) => b - a)) {
    const lineEnd = text.indexOf('\r\n', start)
    if (lineEnd < 0 || !text.slice(start, lineEnd).endsWith('HTTP/1.1')) continue
    const headEnd = text.indexOf('\r\n\r\n', start)
    const head = text.slice(lineEnd, headEnd < 0 ? text.length : headEnd)
    if (/\r\nhost[ \t]*:/i.test(head)) continue
    text = `${text.slice(0, lineEnd)}\r\nHost: ${host}${text.slice(lineEnd)}`
  }
  return Buffer.from(text, 'latin1')
}
