import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http from 'node:http'
import type net from 'node:net'
import { OK, rested, serveHeads, serveHttp, unusedOrigin } from './servers.ts'
import type { Case } from './subject.ts'

/** Connections are kept, bounded and given up in time. */
export const CONNECTIONS = {
  'there are never more connections than allowed, and who waits is served': async (subject) => {
    const waiting: (readonly [string, http.ServerResponse])[] = []
    let open = 0
    let most = 0
    const { origin, server } = await serveHttp(subject, (request, response) => {
      waiting.push([request.url!, response])
    })
    server.on('connection', (socket) => {
      most = Math.max(most, ++open)
      socket.on('close', () => open--)
    })
    subject.open({ connections: 2 })
    const sinks = Array.from({ length: 9 }, (_, i) => subject.send(origin, { path: `/${i}` }))
    for (let served = 0; served < 9; served++) {
      while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      const [url, response] = waiting.shift()!
      response.end(url)
    }
    for (const [i, sink] of sinks.entries()) {
      await sink.over
      assert.equal(sink.body, `/${i}`, sink.detail)
    }
    assert.equal(most, 2)
  },

  'who leaves the line is never served, and those behind move up': async (subject) => {
    const seen: string[] = []
    const { origin } = await serveHttp(subject, (request, response) => {
      seen.push(request.url!)
      setTimeout(() => response.end(), 2)
    })
    subject.open({ connections: 1 })
    const sinks = Array.from({ length: 6 }, (_, i) => subject.send(origin, { path: `/${i}` }))
    for (const i of [1, 3, 5]) sinks[i]!.flow?.abort()
    for (const i of [0, 2, 4]) await sinks[i]!.over
    assert.deepEqual(seen, ['/0', '/2', '/4'])
    assert.deepEqual(
      sinks.map(({ outcome }) => outcome),
      ['answered', 'none', 'answered', 'none', 'answered', 'none'],
    )
  },

  'a connection is used again and again': async (subject) => {
    const server = await serveHeads(subject, (socket) => void socket.write(OK))
    for (let i = 0; i < 20; i++) {
      assert.equal((await subject.ask(server.origin)).body, 'ok')
      await rested()
    }
    assert.equal(server.connections, 1)
  },

  'a connection that the server gives up with its answer is not used again': async (subject) => {
    for (const head of [
      'HTTP/1.1 200 OK\r\nConnection: close\r\n',
      'HTTP/1.1 200 OK\r\nConnection: x, Close\r\n',
      'HTTP/1.0 200 OK\r\n',
      'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\n',
    ]) {
      const server = await serveHeads(
        subject,
        (socket) => void socket.write(`${head}Content-Length: 2\r\n\r\nok`),
      )
      for (let i = 0; i < 3; i++) assert.equal((await subject.ask(server.origin)).body, 'ok')
      assert.equal(server.connections, 3, head)
    }
  },

  'an idle connection is not used after its time': async (subject) => {
    subject.open({ keepAliveMs: 30 })
    const server = await serveHeads(subject, (socket) => void socket.write(OK))
    assert.equal((await subject.ask(server.origin)).body, 'ok')
    await new Promise((resolve) => setTimeout(resolve, 80))
    assert.equal((await subject.ask(server.origin)).body, 'ok')
    assert.equal(server.connections, 2)
    while (server.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  },

  'an answer that comes while the connection is idle ends that connection': async (subject) => {
    const server = await serveHeads(subject, (socket) => void socket.write(OK))
    await subject.ask(server.origin)
    const [idle] = [...server.open] as [net.Socket]
    idle.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
    await once(idle, 'close')
    assert.equal((await subject.ask(server.origin)).body, 'ok')
  },

  'closing lets what runs and what waits finish, and takes nothing more': async (subject) => {
    const transport = subject.open({ connections: 1 })
    const answers: http.ServerResponse[] = []
    const { origin, server } = await serveHttp(subject, (_request, response) => answers.push(response))
    const running = subject.send(origin)
    await once(server, 'request')
    const waiting = subject.send(origin)
    const closed = transport.close()
    const late = await subject.ask(origin)
    assert.equal(late.outcome, 'unreachable')
    answers[0]!.end('first')
    await once(server, 'request')
    answers[1]!.end('second')
    await running.over
    await waiting.over
    assert.deepEqual([running.body, waiting.body], ['first', 'second'])
    await closed
  },

  'closing ends when those who wait cannot be served': async (subject) => {
    const transport = subject.open({ connections: 2 })
    const origin = await unusedOrigin()
    const calls = [1, 2, 3, 4, 5].map(() => subject.send(origin))
    calls[4]!.flow?.abort()
    const closed = transport.close()
    for (const call of calls.slice(0, 4)) await call.over
    assert.deepEqual(
      calls.map(({ outcome }) => outcome),
      ['unreachable', 'unreachable', 'unreachable', 'unreachable', 'none'],
    )
    await closed
  },
} satisfies Record<string, Case>
