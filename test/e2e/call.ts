import assert from 'node:assert/strict'
import { Wire } from './wire.ts'

/** What a client sees of one call. */
export interface Seen {
  readonly status: number
  /** Lower-case name to values. */
  readonly headers: ReadonlyMap<string, string[]>
  readonly body: string
  /** Value of `dispatch-error`. */
  readonly code: string | undefined
  /** The problem document; empty when the answer is none. */
  readonly problem: Record<string, unknown>
}

export interface CallOptions {
  readonly body?: string
  /** Lines of the head, besides Host and the length. */
  readonly headers?: readonly string[]
  /** Stop waiting after this. Default 5000. */
  readonly timeoutMs?: number
}

/** Sends a request on a connection of its own and leaves the rest to the test. */
export function openCall(port: number, method: string, path: string, options: CallOptions = {}): Wire {
  const { body = '', headers = [] } = options
  const wire = new Wire(port)
  const length = method === 'GET' || method === 'HEAD' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  wire.write(
    Buffer.from(
      `${[`${method} ${path} HTTP/1.1`, 'Host: own.test', ...headers, ...length].join('\r\n')}\r\n\r\n${body}`,
    ),
  )
  return wire
}

/** Sends a request on a connection of its own and waits for the whole answer. */
export async function call(
  port: number,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Seen> {
  const wire = openCall(port, method, path, options)
  await wire.until(1, options.timeoutMs ?? 5000)
  wire.destroy()
  const [answer] = wire.answers
  assert.ok(answer !== undefined, `no answer to ${method} ${path}: ${wire.received.toString('latin1')}`)
  const { status, headers, body } = answer
  const isProblem = headers.get('content-type')?.[0] === 'application/problem+json'
  const problem = isProblem ? JSON.parse(body.toString()) : {}
  return { status, headers, body: body.toString(), code: headers.get('dispatch-error')?.[0], problem }
}
