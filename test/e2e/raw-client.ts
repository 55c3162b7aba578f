import { once } from 'node:events'
import net from 'node:net'

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  /** Lower-case name to values. */
  readonly headers: ReadonlyMap<string, string[]>
  readonly body: Buffer
}

export interface RawOptions {
  /** Ends our side after the last byte. Default false: many servers take that for a hang-up. */
  readonly halfClose?: boolean
  /** Stop waiting after this. Default 3000. */
  readonly timeoutMs?: number
  /** Stop once so many answers are whole. Default: when the server closes or the time is over. */
  readonly answers?: number
}

/** Writes bytes as they are and collects every answer until the server closes, or the time or the count is reached. */
export async function rawExchange(
  port: number,
  bytes: string | Buffer,
  options: RawOptions = {},
): Promise<{ readonly answers: RawAnswer[]; readonly closed: boolean; readonly raw: Buffer }> {
  const socket = net.connect(port, '127.0.0.1')
  const bytesIn: Buffer[] = []
  let closed = false
  const over = Promise.withResolvers<void>()
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    bytesIn.push(chunk)
    if (options.answers !== undefined && parseAnswers(Buffer.concat(bytesIn)).length >= options.answers)
      over.resolve()
  })
  socket.on('end', () => {
    closed = true
    over.resolve()
  })
  socket.on('close', () => {
    closed = true
    over.resolve()
  })
  await Promise.race([once(socket, 'connect'), over.promise])
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  if (options.halfClose === true) socket.end()
  const timer = setTimeout(over.resolve, options.timeoutMs ?? 3000)
  await over.promise
  clearTimeout(timer)
  socket.destroy()
  const raw = Buffer.concat(bytesIn)
  return { answers: parseAnswers(raw), closed, raw }
}

/**
 * Whole answers in a piece of the wire; interim ones are left out.
 *
 * @param toHead They are answers to HEAD, which have no body whatever their head says.
 */
export function parseAnswers(wire: Buffer, toHead = false): RawAnswer[] {
  const answers: RawAnswer[] = []
  let at = 0
  while (at < wire.length) {
    const headEnd = wire.indexOf('\r\n\r\n', at, 'latin1')
    if (headEnd < 0) break
    const lines = wire.toString('latin1', at, headEnd).split('\r\n')
    const status = Number(lines[0]?.split(' ')[1])
    const headers = new Map<string, string[]>()
    for (const line of lines.slice(1)) {
      const name = line.slice(0, line.indexOf(':')).toLowerCase()
      headers.set(name, [...(headers.get(name) ?? []), line.slice(line.indexOf(':') + 1).trim()])
    }
    at = headEnd + 4
    if (status < 200) continue
    const body = toHead ? { bytes: Buffer.alloc(0), end: at } : bodyOf(wire, at, status, headers)
    if (body === null) break
    at = body.end
    answers.push({ status, headers, body: body.bytes })
  }
  return answers
}

function bodyOf(
  wire: Buffer,
  at: number,
  status: number,
  headers: ReadonlyMap<string, string[]>,
): { readonly bytes: Buffer; readonly end: number } | null {
  if (status === 204 || status === 304) return { bytes: Buffer.alloc(0), end: at }
  const length = headers.get('content-length')?.[0]
  if (length !== undefined) {
    const end = at + Number(length)
    return end > wire.length ? null : { bytes: wire.subarray(at, end), end }
  }
  if (headers.get('transfer-encoding')?.[0] === 'chunked') return chunksOf(wire, at)
  return { bytes: wire.subarray(at), end: wire.length }
}

function chunksOf(wire: Buffer, from: number): { readonly bytes: Buffer; readonly end: number } | null {
  const pieces: Buffer[] = []
  let at = from
  for (;;) {
    const lineEnd = wire.indexOf('\r\n', at, 'latin1')
    if (lineEnd < 0) return null
    const size = Number.parseInt(wire.toString('latin1', at, lineEnd), 16)
    at = lineEnd + 2
    if (at + size + 2 > wire.length) return null
    if (size === 0) return { bytes: Buffer.concat(pieces), end: at + 2 }
    pieces.push(wire.subarray(at, at + size))
    at += size + 2
  }
}
