import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { serveHttp } from './servers.ts'
import type { Case } from './subject.ts'

const MEBIBYTE = 1024 * 1024

/** Bodies flow and stop flowing; calls are left. */
export const FLOWS = {
  'an abort cuts the upstream connection at once and silences the sink': async (subject) => {
    const { origin, server } = await serveHttp(subject, () => {})
    const sink = subject.send(origin)
    const [request] = (await once(server, 'request')) as [http.IncomingMessage]
    const closed = new Promise((resolve) => request.once('error', () => {}).once('close', resolve))
    sink.flow?.abort()
    await closed
    assert.equal(sink.outcome, 'none')
  },

  'an abort before the connection is there never sends the request': async (subject) => {
    let heads = 0
    const { origin, server } = await serveHttp(subject, () => heads++)
    const first = subject.send(origin)
    first.flow?.abort()
    const body = new PassThrough()
    const streamed = subject.send(origin, { method: 'POST', body })
    streamed.flow?.abort()
    const second = subject.send(origin)
    await once(server, 'request')
    if (!body.closed) await once(body, 'close')
    assert.equal(heads, 1)
    second.flow?.abort()
    assert.equal(first.outcome, 'none')
    assert.equal(streamed.outcome, 'none')
  },

  'an abort within the first words of an answer ends it': async (subject) => {
    const { origin } = await serveHttp(subject, (_request, response) => response.end('x'.repeat(100_000)))
    for (const when of ['head', 'data'] as const) {
      const sink = subject.send(origin)
      const heard = Promise.withResolvers<void>()
      const before = sink[when].bind(sink) as (...all: unknown[]) => void
      sink[when] = (...all: unknown[]) => {
        before(...all)
        sink.flow?.abort()
        heard.resolve()
      }
      await heard.promise
      assert.equal((await subject.ask(origin)).body.length, 100_000)
      assert.equal(sink.outcome, 'none')
    }
  },

  'backpressure stops the reading': async (subject) => {
    let written = 0
    const { origin } = await serveHttp(subject, (_request, response) => {
      const chunk = Buffer.alloc(65_536)
      const more = (): void => {
        while (written < 200 * MEBIBYTE && response.write(chunk)) written += chunk.length
      }
      response.on('drain', more)
      more()
    })
    const sink = subject.send(origin)
    const paused = Promise.withResolvers<void>()
    sink.onData = () => {
      sink.flow?.pause()
      paused.resolve()
    }
    await paused.promise
    let before = -1
    while (before !== written) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.ok(written < 32 * MEBIBYTE, `${written} bytes were taken from a paused answer`)
    sink.flow?.abort()
  },

  'an answer that is paused again and again arrives whole': async (subject) => {
    const sent = Buffer.alloc(4 * MEBIBYTE)
    for (let i = 0; i < sent.length; i += 4) sent.writeUInt32LE(i, i)
    const { origin } = await serveHttp(subject, (request, response) => {
      if (request.method === 'POST') response.write(sent)
      else response.setHeader('content-length', sent.length)
      response.end(request.method === 'POST' ? undefined : sent)
    })
    for (const method of ['GET', 'POST']) {
      const sink = subject.send(origin, { method })
      const pieces: Buffer[] = []
      const data = sink.data.bind(sink)
      sink.data = (chunk) => {
        data(Buffer.alloc(0))
        pieces.push(chunk)
        sink.flow?.pause()
        setImmediate(() => sink.flow?.resume())
      }
      await sink.over
      assert.equal(sink.outcome, 'answered', sink.detail)
      assert.ok(Buffer.concat(pieces).equals(sent))
    }
  },

  'a server that does not read stops the sender': async (subject) => {
    const { origin, server } = await serveHttp(subject, () => {})
    let pulled = 0
    const body = new Readable({
      read() {
        pulled += 65_536
        this.push(Buffer.alloc(65_536))
      },
    })
    const sink = subject.send(origin, { method: 'POST', body, bodyLength: 1024 * MEBIBYTE })
    const [request] = (await once(server, 'request')) as [http.IncomingMessage]
    request.on('error', () => {})
    for (let before = -1; pulled !== before; ) {
      before = pulled
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.ok(pulled < 16 * MEBIBYTE, `${pulled} bytes taken for a server that does not read`)
    sink.flow?.abort()
    if (!body.closed) await once(body, 'close')
  },

  'the flow of an answer that is over does not touch the next one on the same connection': async (
    subject,
  ) => {
    let connections = 0
    const { origin, server } = await serveHttp(subject, (request, response) => {
      if (request.method === 'GET') return void response.end('first')
      response.write('second')
    })
    server.on('connection', () => connections++)
    subject.open({ connections: 1 })
    const first = await subject.ask(origin)

    const requested = once(server, 'request')
    const second = subject.send(origin, { method: 'POST' })
    const arrived = Promise.withResolvers<void>()
    second.onData = () => {
      second.flow?.pause()
      arrived.resolve()
    }
    const [, response] = (await requested) as [unknown, http.ServerResponse]
    await arrived.promise
    let pieces = 0
    second.onData = () => pieces++
    first.flow?.pause()
    first.flow?.resume()
    first.flow?.abort()
    response.write('more')
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(pieces, 0, 'a paused answer was resumed by another')
    second.flow?.resume()
    while (pieces === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(connections, 1)
    second.flow?.abort()
  },
} satisfies Record<string, Case>
