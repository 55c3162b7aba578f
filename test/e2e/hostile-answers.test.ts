import assert from 'node:assert/strict'
import { afterEach, before, test } from 'node:test'
import { call, openCall } from './call.ts'
import { fileCleanup } from './file-cleanup.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, slotsTaken, until } from './observe.ts'
import { OK, type RawBackend, startRawBackend } from './raw-backend.ts'

/** Functions are tenant code: no answer, whatever its bytes, may harm another call. */
let backend: RawBackend
let gateway: TestGateway
const cleanup = fileCleanup()

before(async () => {
  backend = await startRawBackend(cleanup)
  gateway = await startTestGateway(cleanup, {
    backends: { raw: { driver: 'http', url: backend.url } },
    functions: { hostile: { deployments: ['raw'], timeout: '1s' } },
    routes: [{ path: '/', function: 'hostile', auth: 'none' }],
  })
})

afterEach(async () => {
  backend.answer = ({ socket }) => void socket.write(OK)
  assert.equal((await call(gateway.port, 'GET', '/')).body, 'ok')
  await until(async () => (await slotsTaken(gateway)) === 0, 'all slots are given back')
  assert.equal((await readMetrics(gateway)).value('dispatch_unhandled_rejections_total', {}), 0)
})

/** Answers that are none, or odd, and what becomes of them. */
const HOSTILE: readonly (readonly [what: string, fate: 'refused' | 'cut' | 'relayed', bytes: string])[] = [
  ['nothing but garbage', 'refused', '\0\x01\x02\xff\xfe garbage \r\n\r\n'],
  ['another protocol', 'refused', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['a status of two digits', 'refused', 'HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['a status below 100', 'refused', 'HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok'],
  ['a status of four digits', 'refused', 'HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['a version that does not exist', 'refused', 'HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['two lengths', 'refused', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
  [
    'a length and chunks',
    'refused',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  ['a negative length', 'refused', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok'],
  ['a length that is no number', 'refused', 'HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok'],
  [
    'a length beyond all numbers',
    'refused',
    `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\nok`,
  ],
  ['a NUL in a header', 'refused', 'HTTP/1.1 200 OK\r\nX-Bad: a\0b\r\nContent-Length: 2\r\n\r\nok'],
  ['a header without a name', 'refused', 'HTTP/1.1 200 OK\r\n: value\r\nContent-Length: 2\r\n\r\nok'],
  ['a header without a colon', 'refused', 'HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\nok'],
  ['a folded header', 'refused', 'HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\nok'],
  ['a space before a colon', 'refused', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok'],
  [
    'a bare carriage return',
    'refused',
    'HTTP/1.1 200 OK\r\nX: a\rX-Injected: b\r\nContent-Length: 2\r\n\r\nok',
  ],
  ['line feeds alone', 'refused', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
  ['a head without end', 'refused', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`],
  ['headers without end', 'refused', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(30_000)}`],
  [
    'an upgrade nobody asked for',
    'refused',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  ],
  [
    'a chunk size that is none',
    'cut',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n',
  ],
  [
    'a chunk longer than its size',
    'cut',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n',
  ],
  [
    'a chunk size of 17 digits',
    'cut',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'f'.repeat(17)}\r\nok\r\n`,
  ],
  ['a coding that is not chunked', 'refused', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok'],
  [
    'names of our prototypes',
    'relayed',
    'HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\nContent-Length: 2\r\n\r\nok',
  ],
  ['thousands of interim answers', 'refused', 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'.repeat(5000)],
  [
    'a 100 that nobody asked for',
    'refused',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  ],
  [
    'an answer after a close',
    'relayed',
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n',
  ],
]

for (const [what, fate, bytes] of HOSTILE) {
  test(`an answer with ${what} is ${fate}, and harms nobody else`, async () => {
    backend.answer = ({ socket }) => void socket.end(Buffer.from(bytes, 'latin1'))
    const wire = openCall(gateway.port, 'POST', '/')
    await wire.until(1, 3000)
    const [answer, second] = wire.answers
    assert.equal(second, undefined)
    if (fate === 'cut') {
      assert.ok(wire.closed && answer === undefined, wire.received.toString('latin1'))
      return
    }
    assert.equal(answer?.status, fate === 'relayed' ? 200 : 502)
    assert.equal(answer.headers.has('x-injected'), false)
  })
}

test('answers that are random bytes harm nobody else', async () => {
  let seed = 1
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648
  }
  const valid = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
  for (let i = 0; i < 150; i++) {
    const bytes = Buffer.from(valid, 'latin1')
    for (let j = 0; j < 1 + random() * 4; j++)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
    backend.answer = ({ socket }) => void socket.end(bytes)
    const wire = openCall(gateway.port, 'POST', '/')
    await wire.until(1, 2000)
    const received = wire.received.toString('latin1')
    assert.ok(wire.closed || wire.answers.length === 1, JSON.stringify([bytes.toString('latin1'), received]))
    wire.destroy()
  }
})
