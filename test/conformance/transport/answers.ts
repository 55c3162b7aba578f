import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { shut } from '../../loopback.ts'
import { OK, serveBytes, serveHeads, serveHttp, serveSockets } from './servers.ts'
import type { Case } from './subject.ts'

/** Requests and answers pass unharmed, however they are framed. */
export const ANSWERS = {
  'an answer arrives with all its headers and its bytes as they were': async (subject) => {
    const sink = await subject.ask(
      await serveBytes(
        subject,
        'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nSet-Cookie: a=1\r\nX: caf\xe9\r\nset-cookie: b=2\r\nContent-Length: 3\r\n\r\nh\xe9y',
      ),
    )
    assert.equal(sink.outcome, 'answered', sink.detail)
    assert.equal(sink.status, 201)
    assert.deepEqual(sink.headers?.all('set-cookie'), ['a=1', 'b=2'])
    assert.deepEqual(sink.headers.all('x'), ['caf\xe9'])
    assert.deepEqual(sink.headers.all('content-length'), ['3'])
    assert.equal(sink.headers.flat.length, 8)
    assert.equal(sink.body, 'h\xe9y')
  },

  'a body whole in memory, streamed with a length and streamed without one arrive with right framing': async (
    subject,
  ) => {
    const seen: string[] = []
    const { origin } = await serveHttp(subject, (request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        seen.push(`${request.headers['content-length'] ?? request.headers['transfer-encoding']} ${body}`)
        response.end()
      })
    })
    const pieces = () => Readable.from([Buffer.from('stre'), Buffer.from('am')])
    await subject.ask(origin, { method: 'POST', body: Buffer.from('whole') })
    await subject.ask(origin, { method: 'PUT', body: pieces(), headers: ['content-length', '6'] })
    await subject.ask(origin, { method: 'PUT', body: pieces(), bodyLength: 6 })
    await subject.ask(origin, { method: 'POST', body: Readable.from([Buffer.from('chunks')]) })
    await subject.ask(origin, { method: 'GET', body: Buffer.from('odd') })
    await subject.ask(origin, { method: 'POST' })
    const large = Buffer.alloc(100_000, 'x')
    await subject.ask(origin, { method: 'POST', body: large })
    await subject.ask(origin, { method: 'POST', body: Readable.from([large, large.subarray(1)]) })
    assert.deepEqual(seen, [
      '5 whole',
      '6 stream',
      '6 stream',
      'chunked chunks',
      '3 odd',
      '0 ',
      `100000 ${large}`,
      `chunked ${large}${large.subarray(1)}`,
    ])
  },

  'the head of a request says what it was given, and Host once': async (subject) => {
    const heads: string[] = []
    const { origin } = await serveSockets(subject, (socket) => {
      socket.on('data', (bytes) => {
        heads.push(bytes.toString('latin1'))
        socket.write(OK)
      })
    })
    await subject.ask(origin, { headers: ['x-a', 'caf\xe9', 'x-a', '', 'accept', 'a\tb'] })
    await subject.ask(origin, { headers: ['x-a', '1', 'host', 'own.test:8'] })
    const [first, second] = heads as [string, string]
    assert.match(first, /^GET \/p\?q=1 HTTP\/1\.1\r\n/)
    assert.ok(first.includes('x-a: caf\xe9\r\nx-a: \r\naccept: a\tb\r\n'))
    assert.deepEqual(first.match(/^host: .*$/gim), [`host: ${origin.slice('http://'.length)}`])
    assert.deepEqual(second.match(/^host: .*$/gim), ['host: own.test:8'])
  },

  'an answer in pieces is the same answer': async (subject) => {
    const bytes = Buffer.from(
      'HTTP/1.1 103 E\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX-Long-Name-Of-A-Field:  v\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n',
    )
    for (const size of [1, 2, 3, 7, 50]) {
      const { origin } = await serveSockets(subject, (socket) => {
        socket.setNoDelay(true)
        socket.once('data', () => {
          const next = (at: number): void => {
            if (at >= bytes.length) return
            socket.write(bytes.subarray(at, at + size), () => setImmediate(next, at + size))
          }
          next(0)
        })
      })
      const sink = await subject.ask(origin)
      assert.equal(sink.outcome, 'answered', `${size}: ${sink.detail}`)
      assert.equal(sink.headers?.get('x-long-name-of-a-field'), 'v')
      assert.equal(sink.headers.get('x-sum'), null)
      assert.equal(sink.body, 'hello world')
    }
  },

  'an answer without a length ends with its connection': async (subject) => {
    const sink = await subject.ask(await serveBytes(subject, 'HTTP/1.1 200 OK\r\n\r\nto the end'))
    assert.equal(sink.outcome, 'answered', sink.detail)
    assert.equal(sink.body, 'to the end')
    const older = await subject.ask(await serveBytes(subject, 'HTTP/1.0 200 OK\r\n\r\n'))
    assert.equal(older.outcome, 'answered', older.detail)
    assert.equal(older.body, '')
  },

  'HEAD, 204 and 304 have no body, whatever is declared': async (subject) => {
    const cases = [
      ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
      ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
      ['HEAD', 'HTTP/1.1 200 OK\r\n\r\n'],
      ['GET', 'HTTP/1.1 204 No\r\n\r\n'],
      ['GET', 'HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n'],
      ['GET', 'HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ] as const
    for (const [method, head] of cases) {
      // The connection stays open: nothing but the head says that this is all.
      const { origin } = await serveSockets(subject, (socket) => socket.on('data', () => socket.write(head)))
      const sink = await subject.ask(origin, { method })
      assert.equal(sink.outcome, 'answered', head)
      assert.equal(sink.body, '')
    }
  },

  'a body with an answer that has none is never taken for the next answer': async (subject) => {
    subject.open({ connections: 1 })
    const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'
    for (const [method, head] of [
      ['HEAD', `HTTP/1.1 200 OK\r\nContent-Length: ${poison.length}\r\n\r\n`],
      ['GET', `HTTP/1.1 204 No\r\nContent-Length: ${poison.length}\r\n\r\n`],
      ['GET', `HTTP/1.1 304 No\r\nContent-Length: ${poison.length}\r\n\r\n`],
    ] as const) {
      const { origin } = await serveHeads(subject, (socket, _turn, connection) => {
        if (connection > 1) return void socket.write(OK)
        socket.write(head, () => setTimeout(() => socket.write(poison), 5))
      })
      await subject.ask(origin, { method })
      const next = await subject.ask(origin)
      assert.equal(next.body, 'ok', `${method} ${head}`)
    }
  },

  'an answer before the request is whole arrives, and its connection ends': async (subject) => {
    const { origin, open } = await serveSockets(subject, (socket) => {
      socket.once('data', () => {
        socket.pause()
        socket.write('HTTP/1.1 413 No\r\nContent-Length: 3\r\n\r\nbig')
      })
    })
    const body = new Readable({
      read() {
        this.push(Buffer.alloc(65_536))
      },
    })
    const sink = await subject.ask(origin, { method: 'POST', body })
    assert.equal(sink.outcome, 'answered', sink.detail)
    assert.equal(sink.body, 'big')
    if (!body.closed) await once(body, 'close')
    for (const socket of open) socket.resume()
    while (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  },

  'a server on a Unix socket is reached': async (subject) => {
    const folder = await mkdtemp(join(tmpdir(), 'dispatch-unix-'))
    subject.after(() => rm(folder, { recursive: true, force: true }))
    const server = http.createServer((request, response) => response.end(request.headers.host))
    await once(server.listen(join(folder, 's')), 'listening')
    subject.after(() => shut(server))
    const sink = await subject.ask(`unix:${join(folder, 's')}`)
    assert.equal(sink.outcome, 'answered', sink.detail)
    assert.equal(sink.body, 'localhost')
  },
} satisfies Record<string, Case>
