import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'

/** Bytes that Go's server keeps back before it sends a chunk; a shorter answer gets a length. */
const WRITE_BUFFER = 2048

/** What is left of an upload is read up to this before the answer is sent; with more, the connection is closed. */
const READ_AFTER = 262_144

/**
 * Answers a request as Go's server does over HTTP/1, which does not read and write at once: once there is an answer,
 * whoever reads the upload waits for its next piece, and the rest of it is thrown away. Only then the head is sent.
 */
export function afterUpload(
  request: IncomingMessage,
  upstream: ClientRequest | null,
  respond: () => void,
): void {
  if (request.complete) {
    respond()
    return
  }
  if (upstream !== null) request.unpipe(upstream)
  const declared = Number(request.headers['content-length'] ?? 0)
  let read = 0
  const over = (): void => {
    request.off('data', take).off('end', over)
    request.resume()
    respond()
    // Of this request the function never sees the end.
    upstream?.socket?.end()
  }
  const take = (piece: Buffer): void => {
    read += piece.length
    if (read > READ_AFTER || declared - read > READ_AFTER) over()
  }
  request.on('data', take).on('end', over).resume()
}

/**
 * Sends nothing before a buffer is full or the answer over; a short answer without a length gets one.
 *
 * @param type Of an answer that has none: of one with a body; of one without, which may have none.
 */
export function copyLikeGo(
  answer: IncomingMessage,
  response: ServerResponse,
  type: readonly [full: string, empty: string | null],
): void {
  let held: Buffer[] | null = []
  let size = 0
  const untyped = !response.hasHeader('content-type')
  answer.on('data', (chunk: Buffer) => {
    if (untyped && size === 0) response.setHeader('Content-Type', type[0])
    size += chunk.length
    if (held !== null) {
      held.push(chunk)
      if (size <= WRITE_BUFFER && !response.hasHeader('content-length')) return
      for (const each of held) response.write(each)
      held = null
    } else if (!response.write(chunk)) {
      answer.pause()
      response.once('drain', () => answer.resume())
    }
  })
  const end = (): void => {
    if (untyped && size === 0 && type[1] !== null) response.setHeader('Content-Type', type[1])
    if (held !== null && !response.hasHeader('content-length')) response.setHeader('Content-Length', size)
    response.end(held === null ? undefined : Buffer.concat(held))
  }
  answer.on('end', end)
  // Go's handlers return, whatever broke: an answer of unknown length then has its end as if it were whole.
  answer.on('error', () => (response.hasHeader('content-length') ? response.destroy() : end()))
}

/**
 * Passes an answer on as Go's reverse proxy does: pieces of events and of unknown length as they come, others when a
 * buffer is full. `lost` is called where the answer breaks off before anything of it was sent.
 */
export function streamLikeGo(answer: IncomingMessage, response: ServerResponse, lost: () => void): void {
  const isBuffered =
    response.hasHeader('content-length') &&
    !String(response.getHeader('content-type')).startsWith('text/event-stream')
  const held: Buffer[] = []
  let size = 0
  if (!isBuffered) response.flushHeaders()
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length
    held.push(chunk)
    if (isBuffered && size <= WRITE_BUFFER) return
    const isTaken = response.write(Buffer.concat(held.splice(0)))
    if (isTaken) return
    answer.pause()
    response.once('drain', () => answer.resume())
  })
  answer.on('end', () => response.end(Buffer.concat(held)))
  answer.on('error', () => {
    if (!response.headersSent) lost()
    else if (response.hasHeader('content-length')) response.destroy()
    else response.end()
  })
}
