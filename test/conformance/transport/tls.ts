import assert from 'node:assert/strict'
import https from 'node:https'
import { Readable } from 'node:stream'
import tls, { type TLSSocket } from 'node:tls'
import {
  createAuthority,
  createServerCertificate,
} from '../../../gateway/development/certificate-authority.ts'
import { listen, shut } from '../../loopback.ts'
import { rested } from './servers.ts'
import type { Case, Subject } from './subject.ts'

const authority = createAuthority(Date.now())

/** A server with a certificate for this host. */
async function serveTls(subject: Subject, host: string): Promise<{ port: number; seen: TLSSocket[] }> {
  const seen: TLSSocket[] = []
  const { key, certificate: cert } = await createServerCertificate(await authority, [host], Date.now())
  const server = https.createServer({ key, cert, requestCert: true, rejectUnauthorized: false })
  server.on('request', (request, response) => {
    seen.push(request.socket as TLSSocket)
    request.pipe(response)
  })
  const port = await listen(server)
  subject.after(() => shut(server))
  return { port, seen }
}

/** Who answers over TLS is who the configuration names. */
export const TLS = {
  'a certificate of an authority that nobody named is unreachable, and nothing is sent': async (subject) => {
    const { port, seen } = await serveTls(subject, 'localhost')
    const sink = await subject.ask(`https://localhost:${port}`)
    assert.equal(sink.outcome, 'unreachable', sink.detail)
    assert.equal(seen.length, 0)
  },

  'a certificate for another host is unreachable, whatever Host the request brings': async (subject) => {
    const ca = (await authority).certificate
    subject.open({ ca })
    const { port, seen } = await serveTls(subject, 'other.test')
    for (const headers of [[], ['host', 'other.test']]) {
      const sink = await subject.ask(`https://localhost:${port}`, { headers })
      assert.equal(sink.outcome, 'unreachable', sink.detail)
    }
    assert.equal(seen.length, 0)
  },

  'the name in the handshake is that of the configuration, and bodies pass both ways': async (subject) => {
    const ca = (await authority).certificate
    subject.open({ ca })
    const { port, seen } = await serveTls(subject, 'localhost')
    const body = Buffer.alloc(300_000, 'b')
    for (let i = 0; i < 3; i++) {
      const sink = await subject.ask(`https://localhost:${port}`, {
        method: 'POST',
        body,
        headers: ['host', `client-${i}.test`],
      })
      assert.equal(sink.outcome, 'answered', sink.detail)
      assert.equal(sink.body.length, body.length)
      await rested()
    }
    assert.deepEqual(
      seen.map((socket) => (socket as TLSSocket & { servername: string }).servername),
      ['localhost', 'localhost', 'localhost'],
    )
    assert.equal(new Set(seen).size, 1, 'the connection was kept')
  },

  'connections go where the configuration says, verified for the host of the origin': async (subject) => {
    const ca = (await authority).certificate
    const { port, seen } = await serveTls(subject, 'one.test')
    subject.open({ ca, connectTo: { host: '127.0.0.1', port } })
    const sink = await subject.ask('https://one.test')
    assert.equal(sink.outcome, 'answered', sink.detail)
    assert.equal((seen[0] as TLSSocket & { servername: string }).servername, 'one.test')
    assert.equal(seen.length, 1)
    assert.equal((await subject.ask('https://two.test')).outcome, 'unreachable')
    assert.equal(seen.length, 1, 'nothing is sent to a server that cannot prove to be the other')
  },

  'an address is verified too, and no name is sent for it': async (subject) => {
    const ca = (await authority).certificate
    subject.open({ ca })
    const { port, seen } = await serveTls(subject, '127.0.0.1')
    const sink = await subject.ask(`https://127.0.0.1:${port}`)
    assert.equal(sink.outcome, 'answered', sink.detail)
    assert.equal((seen[0] as TLSSocket & { servername: string | false }).servername, false)
    assert.equal((await subject.ask(`https://localhost:${port}`)).outcome, 'unreachable')
  },

  'backpressure stops the reading over TLS too, and nothing is lost': async (subject) => {
    subject.open({ ca: (await authority).certificate })
    const { port } = await serveTls(subject, 'localhost')
    const piece = Buffer.alloc(65_536, 'x')
    const total = 64 * 1024 * 1024
    let pulled = 0
    const body = new Readable({
      read() {
        pulled += piece.length
        this.push(pulled > total ? null : piece)
      },
    })
    const sink = subject.send(`https://localhost:${port}`, { method: 'POST', body, bodyLength: total })
    let received = 0
    const data = sink.data.bind(sink)
    let pauses = true
    sink.data = (chunk) => {
      data(Buffer.alloc(0))
      received += chunk.length
      if (pauses) sink.flow?.pause()
    }
    await sink.begun
    for (let before = -1; pulled !== before; ) {
      before = pulled
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    assert.ok(pulled < total / 2, `${pulled} bytes pass although nobody takes them`)
    pauses = false
    sink.flow?.resume()
    await sink.over
    assert.equal(sink.outcome, 'answered', sink.detail)
    assert.equal(received, total)
  },

  'a client certificate is shown': async (subject) => {
    const ca = await authority
    const client = await createServerCertificate(ca, ['client.test'], Date.now())
    subject.open({ ca: ca.certificate, certificate: client.certificate, key: client.key })
    const { port, seen } = await serveTls(subject, 'localhost')
    assert.equal((await subject.ask(`https://localhost:${port}`)).outcome, 'answered')
    const shown = (seen[0] as TLSSocket).getPeerX509Certificate()
    assert.match(shown!.subjectAltName ?? '', /client\.test/)
  },

  'a server that answers in the clear is unreachable': async (subject) => {
    const ca = (await authority).certificate
    subject.open({ ca })
    const server = (await import('node:net')).createServer((socket) => {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 200 OK\r\n\r\n')
    })
    const port = await listen(server)
    subject.after(() => server.close())
    assert.equal((await subject.ask(`https://localhost:${port}`)).outcome, 'unreachable')
    assert.ok(tls.DEFAULT_MIN_VERSION >= 'TLSv1.2')
  },
} satisfies Record<string, Case>
