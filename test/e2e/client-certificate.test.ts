import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import tls from 'node:tls'
import { claimsFor, KEY, signAssertion } from '../kong-plugins/dispatch-edge/assertion.ts'
import { type Certified, createClientAuthority } from './client-certificates.ts'
import { Edge, message } from './edge.ts'
import { configText } from './gateway.ts'
import { parseAnswers } from './raw-client.ts'

/** A listener that only holders of certificates reach, who are then trusted proxies whatever their address. */
process.env['TEST_ASSERTION_KEY'] = KEY.secret
const authority = await createClientAuthority()
const stranger = await createClientAuthority()
const subjects = ['kong', 'kong.internal', 'spiffe://mesh/kong', 'odd, name']
const kong = await authority.issue({ cn: 'kong' })

const https = {
  address: '127.0.0.1:0',
  clientCertificate: { ca: authority.certificate, subjects },
}
const edge = new Edge({
  gateway: { https },
  config: () => ({
    identity: { kong: { keys: [{ id: 'k1', secret: { env: 'TEST_ASSERTION_KEY' } }] } },
    routes: [{ path: '/who', function: 'recorder' }],
  }),
})

interface Connection {
  readonly socket: tls.TLSSocket
  /** Sends a request and waits for its answer; null when the connection was cut instead. */
  ask(head: readonly string[]): Promise<number | null>
}

async function connect(shown: Certified | null, session?: Buffer): Promise<Connection> {
  const ca = await readFile(edge.gateway.running.authorityFile!)
  const socket = tls.connect({
    port: Number(edge.gateway.running.addresses.https?.split(':').at(-1)),
    host: '127.0.0.1',
    ca,
    servername: 'localhost',
    ...(shown !== null && { cert: shown.certificate, key: shown.key }),
    ...(session !== undefined && { session }),
  })
  socket.on('error', () => {})
  let received = Buffer.alloc(0)
  return {
    socket,
    ask: (head) =>
      new Promise((resolve) => {
        const look = (): void => {
          const [answer] = parseAnswers(received)
          if (answer === undefined) return
          received = Buffer.alloc(0)
          resolve(answer.status)
        }
        socket.removeAllListeners('data')
        socket.on('data', (piece: Buffer) => {
          received = Buffer.concat([received, piece])
          look()
        })
        socket.once('close', () => resolve(null))
        socket.write(message(head))
      }),
  }
}

const PLAIN = ['GET /x HTTP/1.1', 'Host: own.test']

function asserting(): string[] {
  const text = signAssertion(claimsFor({ method: 'GET', host: 'own.test', path: '/who' }, Date.now()))
  return [
    'GET /who HTTP/1.1',
    'Host: own.test',
    'X-Forwarded-Host: own.test',
    'X-Forwarded-For: 203.0.113.9',
    'X-Consumer-ID: 42',
    `Dispatch-Assertion: ${text}`,
  ]
}

edge.test('whoever holds a certificate of the configuration is a trusted proxy', async () => {
  const { socket, ask } = await connect(kong)
  assert.equal(await ask(asserting()), 200)
  assert.equal(await ask(asserting()), 200)
  socket.destroy()
  for (const { headers } of await edge.seen()) {
    assert.equal(headers['x-forwarded-for'], '203.0.113.9')
    assert.equal(headers['x-consumer-id'], '42')
    assert.equal(headers['dispatch-issuer'], 'kong')
  }
})

edge.test('on another listener the same peer is nobody', async () => {
  const sent = await edge.send(message(asserting()))
  assert.deepEqual(sent.statuses, [401])
  assert.deepEqual(sent.seen, [])
})

edge.test('a certificate is known by its common name, a DNS name or a URI', async () => {
  for (const names of [
    { cn: 'kong' },
    { dns: 'kong.internal' },
    { cn: 'other', uri: 'spiffe://mesh/kong' },
    { cn: 'odd, name' },
  ]) {
    const { socket, ask } = await connect(await authority.issue(names))
    assert.equal(await ask(asserting()), 200, JSON.stringify(names))
    socket.destroy()
  }
  assert.equal((await edge.seen()).length, 4)
})

edge.test(
  'whoever shows none, an expired one, or one of others is cut off and reaches no function',
  async () => {
    for (const [why, shown] of [
      ['none', null],
      ['another name', await authority.issue({ cn: 'kong2', dns: 'Kong.internal' })],
      ['no name', await authority.issue({})],
      ['a name within another', await authority.issue({ cn: 'x', dns: 'evil, DNS:kong.internal, x' })],
      ['a URI as a DNS name of another', await authority.issue({ cn: 'URI:spiffe://mesh/kong' })],
      ['expired', await authority.issue({ cn: 'kong', daysLeft: -1 })],
      ['of another authority', await stranger.issue({ cn: 'kong' })],
    ] as const) {
      const { ask } = await connect(shown)
      assert.equal(await ask(PLAIN), null, why)
    }
    assert.deepEqual(await edge.seen(), [])
  },
)

edge.test('a resumed session is that of whom it began with', async () => {
  const sessionOf = async (shown: Certified): Promise<Buffer | undefined> => {
    const { socket } = await connect(shown)
    const session = await new Promise<Buffer | undefined>((resolve) => {
      socket.resume().once('session', resolve)
      socket.once('close', () => resolve(undefined))
    })
    socket.destroy()
    return session
  }
  const resumed = async (shown: Certified): Promise<{ reused: boolean; status: number | null }> => {
    const { socket, ask } = await connect(shown, await sessionOf(shown))
    const status = await ask(asserting())
    const reused = socket.isSessionReused()
    socket.destroy()
    return { reused, status }
  }
  assert.deepEqual(await resumed(kong), { reused: true, status: 200 })
  assert.equal((await resumed(await authority.issue({ cn: 'kong2' }))).status, null)
  await edge.seen()
})

edge.test(
  'authorities and subjects may change while the gateway runs; old sessions end with them',
  async () => {
    const { socket, ask } = await connect(kong)
    const session = new Promise<Buffer>((resolve) => socket.once('session', resolve))
    assert.equal(await ask(PLAIN), 200)
    const ticket = await session
    socket.destroy()
    const text = JSON.parse(await readFile(edge.gateway.configFile, 'utf8'))
    const become = async (clientCertificate: unknown): Promise<void> => {
      text.gateway.https = { ...https, clientCertificate }
      await edge.gateway.write(configText(text))
      await edge.gateway.running.reload()
    }
    const statusOf = async (shown: Certified, old?: Buffer): Promise<number | null> => {
      const next = await connect(shown, old)
      const status = await next.ask(PLAIN)
      next.socket.destroy()
      return status
    }
    await become({ ca: stranger.certificate, subjects: ['new'] })
    assert.equal(await statusOf(kong), null)
    assert.equal(await statusOf(kong, ticket), null)
    assert.equal(await statusOf(await stranger.issue({ cn: 'kong' })), null)
    assert.equal(await statusOf(await stranger.issue({ cn: 'new' })), 200)
    await become(https.clientCertificate)
    assert.equal(await statusOf(kong), 200)
    await edge.seen()
  },
)
