import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { OK, rested, serveBytes, serveHeads, serveSockets, unusedOrigin } from './servers.ts'
import type { Case } from './subject.ts'

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

/** Answers by what is wrong with them. */
const MALFORMED: Readonly<Record<string, string>> = {
  'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'the same length twice': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na',
  'a list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na',
  'a length and chunks':
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'chunks and a length':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'two transfer codings': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'an upgrade nobody asked for': 'HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  'a 100 nobody asked for': `HTTP/1.1 100 Continue\r\n\r\n${OK}`,
  'a head too large': `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
  'a folded header': 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
  'a space before a colon': 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n',
  'a NUL in a header': 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n',
  'a bare carriage return': 'HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n',
  'a chunk size that is none': `${CHUNKED}zz\r\nok\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${CHUNKED}1\r\nok\r\n0\r\n\r\n`,
  'a chunk size of 17 digits': `${CHUNKED}${'f'.repeat(17)}\r\nok\r\n`,
}
for (const coding of ['gzip', 'gzip, chunked', 'identity', 'chunked, chunked', 'chunked;a=b', 'xchunked', ''])
  (MALFORMED as Record<string, string>)[`the coding "${coding}"`] =
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n2\r\nok\r\n0\r\n\r\n`

/** Each way to fail is told apart: retries, health and the client's status depend on it. */
export const FAILURES = {
  'who cannot be reached is unreachable': async (subject) => {
    for (const origin of [await unusedOrigin(), 'http://nowhere.invalid', 'unix:/nowhere/at/all']) {
      const body = Readable.from([Buffer.from('x')])
      assert.equal((await subject.ask(origin)).outcome, 'unreachable', origin)
      assert.equal((await subject.ask(origin, { method: 'POST', body })).outcome, 'unreachable', origin)
    }
  },

  'a connection that takes too long is unreachable': async (subject) => {
    subject.open({ connectTimeoutMs: 30 })
    // An address of documentation (RFC 5737): packets to it go nowhere, or are refused at once.
    assert.equal((await subject.ask('http://192.0.2.1')).outcome, 'unreachable')
  },

  'what ends too early is a reset': async (subject) => {
    for (const bytes of [
      '',
      'HTTP/1.1 200 OK\r\nX: ',
      'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
      `${CHUNKED}3\r\nabc\r\n`,
      `${CHUNKED}3\r\nabc\r\n0\r\n`,
      'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n',
    ]) {
      const sink = await subject.ask(await serveBytes(subject, bytes))
      assert.equal(sink.outcome, 'reset', `${JSON.stringify(bytes)}: ${sink.detail}`)
      assert.notEqual(sink.detail, '')
    }
  },

  'what is no answer is malformed': async (subject) => {
    for (const [what, bytes] of Object.entries(MALFORMED)) {
      const sink = await subject.ask(await serveBytes(subject, bytes))
      assert.equal(sink.outcome, 'malformed', `${what}: ${sink.detail}`)
    }
  },

  'what cannot be written as HTTP is a fault of the driver, and nothing is sent': async (subject) => {
    let heard = ''
    const { origin } = await serveSockets(subject, (socket) => {
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1')
        socket.write(OK)
      })
    })
    const evil = 'a\r\nx-injected: 1'
    for (const asked of [
      { headers: ['x', evil] },
      { headers: ['x', 'a\0b'] },
      { headers: ['x', '\u20ac'] },
      { headers: [evil, 'x'] },
      { headers: ['', 'x'] },
      { headers: ['a b', 'x'] },
      { headers: ['host', evil] },
      { headers: ['host', 'a', 'host', 'b'] },
      { headers: ['transfer-encoding', 'chunked'] },
      { headers: ['Transfer-Encoding', 'chunked'] },
      { headers: ['upgrade', 'x'] },
      { headers: ['content-length', '1', 'Content-Length', '1'] },
      { headers: ['content-length', '1x'] },
      { path: `/${evil}` },
      { path: '/a b' },
      { method: 'G T' },
      { method: evil },
      { method: 'POST', body: Buffer.from('body'), headers: ['content-length', '3'] },
    ]) {
      const sink = await subject.ask(origin, asked)
      assert.notEqual(sink.outcome, 'answered', JSON.stringify(asked))
    }
    assert.equal(heard, '')
    assert.equal((await subject.ask(origin)).body, 'ok')
  },

  'a request whose body breaks is never complete': async (subject) => {
    for (const breakOff of [
      (body: PassThrough) => body.destroy(new Error('the client broke off')),
      (body: PassThrough) => body.destroy(),
    ]) {
      let heard = ''
      const arrived = Promise.withResolvers<void>()
      const closed = Promise.withResolvers<void>()
      const { origin } = await serveSockets(subject, (socket) => {
        socket.on('close', closed.resolve)
        socket.on('data', (bytes) => {
          heard += bytes.toString('latin1')
          if (heard.includes('half')) arrived.resolve()
        })
      })
      const body = new PassThrough()
      body.on('error', () => {})
      body.write('half')
      const sink = subject.send(origin, { method: 'POST', body })
      await arrived.promise
      breakOff(body)
      await sink.over
      assert.notEqual(sink.outcome, 'answered')
      await closed.promise
      assert.ok(!heard.includes('\r\n0\r\n'), heard)
    }
  },

  'a body that has another length than declared is never complete': async (subject) => {
    for (const [pieces, bodyLength] of [
      [['too', 'long'], 5],
      [['short'], 9],
    ] as const) {
      const { origin } = await serveSockets(subject, (socket) => socket.resume())
      const body = Readable.from(pieces.map((piece) => Buffer.from(piece)))
      const sink = await subject.ask(origin, { method: 'POST', body, bodyLength })
      assert.notEqual(sink.outcome, 'answered')
    }
  },

  'a kept connection that breaks under a request is a reset, one that closed before is not used': async (
    subject,
  ) => {
    const server = await serveHeads(subject, (socket, turn) => {
      if (turn === 2) socket.destroy()
      else socket.write(OK)
    })
    await subject.ask(server.origin)
    await rested()
    assert.equal((await subject.ask(server.origin, { method: 'POST' })).outcome, 'reset')
    for (let i = 0; i < 10; i++) {
      assert.equal((await subject.ask(server.origin)).outcome, 'answered')
      for (const socket of server.open) socket.destroy()
      while (server.open.size > 0) await new Promise((resolve) => setImmediate(resolve))
      assert.equal((await subject.ask(server.origin, { method: 'POST' })).outcome, 'answered')
      for (const socket of server.open) socket.destroy()
    }
  },

  'an answer that nobody asked for reaches nobody': async (subject) => {
    const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'
    const { origin } = await serveHeads(subject, (socket, turn) => {
      if (turn % 3 === 0) socket.write(OK + poison)
      else if (turn % 3 === 1) socket.write(OK, () => socket.write(poison))
      else socket.write(OK, () => setTimeout(() => socket.write(poison), 2))
    })
    subject.open({ connections: 4 })
    for (let i = 0; i < 30; i++) {
      const sinks = Array.from({ length: 6 }, () => subject.send(origin))
      for (const sink of sinks) {
        await sink.over
        if (sink.outcome === 'answered') assert.equal(sink.body, 'ok')
      }
    }
  },
} satisfies Record<string, Case>
