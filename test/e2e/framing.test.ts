import assert from 'node:assert/strict'
import { assertRefused, assertRefusedAndClosed, Edge, message, targets, until } from './edge.ts'
import { Wire } from './wire.ts'

/** Group A of the checklist: how HTTP/1.1 is framed. `U` there is the upstream of this Edge. */
const edge = new Edge({
  hosts: ['own.test'],
  config: () => ({
    identity: { apiKeys: { keys: [{ name: 'ci', hash: `sha256:${'0'.repeat(64)}` }] } },
    routes: [
      { path: '/*', hosts: ['private.test'], function: 'recorder' },
      {
        path: '/*',
        hosts: ['far.test'],
        function: 'recorder',
        auth: 'none',
        plugins: { 'ip-restriction': { deny: ['127.0.0.0/8'] } },
      },
      {
        path: '/*',
        hosts: ['busy.test'],
        function: 'recorder',
        auth: 'none',
        plugins: { 'rate-limit': { limit: 1, window: '1d', by: 'route' } },
      },
    ],
  }),
  answer: (request, response) => {
    if (request.target === '/streamed') response.write('he', () => response.end('llo'))
    else if (request.target !== '/never') response.end('hello')
  },
})

const POST = 'POST /target HTTP/1.1'
const GET = 'GET /target HTTP/1.1'
const HOST = 'Host: own.test'
const CHUNKED = 'Transfer-Encoding: chunked'
/** What an attacker would like to be read as a request of its own. */
const HIDDEN = message(['GET /admin HTTP/1.1', HOST])

edge.test('A01 a length beside chunked is refused, and what hides behind it is never read', async () => {
  const sent = await edge.send(message([POST, HOST, 'Content-Length: 6', CHUNKED], `0\r\n\r\nX${HIDDEN}`))
  assertRefusedAndClosed(sent, [400])
  const reversed = await edge.send(message([POST, HOST, CHUNKED, 'Content-Length: 6'], `0\r\n\r\nX${HIDDEN}`))
  assertRefusedAndClosed(reversed, [400])
})

edge.test('A02 two lengths are refused, also when they are equal', async () => {
  for (const [one, other] of [
    ['5', '6'],
    ['5', '5'],
    ['5, 5', ''],
  ]) {
    const lines = [`Content-Length: ${one}`, ...(other === '' ? [] : [`Content-Length: ${other}`])]
    assertRefusedAndClosed(await edge.send(message([POST, HOST, ...lines], `hello${HIDDEN}`)), [400], one)
  }
})

edge.test('A03 a length that is no plain number is refused', async () => {
  const lengths = [
    '+5',
    '-1',
    '5_0',
    '0x5',
    '5 5',
    '\xef\xbc\x95',
    '',
    '18446744073709551616',
    '5.0',
    '5e0',
    '5;',
    '5,',
  ]
  for (const length of lengths) {
    const sent = await edge.send(message([POST, HOST, `Content-Length: ${length}`], `hello${HIDDEN}`))
    assertRefusedAndClosed(sent, [400], JSON.stringify(length))
  }
})

edge.test('A04 a length with leading zeros is forwarded in its plain form, or refused', async () => {
  const sent = await edge.send(message([POST, HOST, 'Content-Length: 00005'], 'hello'))
  if (sent.statuses[0] === 400) return assertRefused(sent, [400])
  assert.deepEqual(sent.statuses, [200])
  assert.equal(sent.seen.length, 1)
  assert.equal(sent.seen[0]!.body.toString(), 'hello')
  assert.equal(sent.seen[0]!.headers['content-length'], '5')
})

edge.test('A05 a transfer coding other than exactly chunked is refused', async () => {
  const codings = [
    'chunked, identity',
    'identity, chunked',
    'xchunked',
    'chunked;ext=1',
    '"chunked"',
    'gzip, chunked',
    'identity',
    'chunked, chunked',
    'chunked\x0b',
    ', chunked',
  ]
  for (const coding of codings) {
    const sent = await edge.send(message([POST, HOST, `Transfer-Encoding: ${coding}`], `0\r\n\r\n${HIDDEN}`))
    assertRefusedAndClosed(sent, [400, 501], coding)
  }
})

edge.test('A06 a bare line feed ends no line', async () => {
  const cases = {
    'request line': `${GET}\n${HOST}\r\n\r\n`,
    header: `${GET}\r\n${HOST}\nX: y\r\n\r\n`,
    'last header': `${GET}\r\n${HOST}\r\nX: y\n\r\n`,
    'end of the head': `${GET}\r\n${HOST}\r\n\n`,
    'whole head': `${GET}\n${HOST}\n\n`,
    'line of a chunk': message([POST, HOST, CHUNKED], '5\nhello\r\n0\r\n\r\n'),
    'end of a chunk': message([POST, HOST, CHUNKED], '5\r\nhello\n0\r\n\r\n'),
    'last chunk': message([POST, HOST, CHUNKED], '5\r\nhello\r\n0\n\r\n'),
    'end of the body': message([POST, HOST, CHUNKED], '5\r\nhello\r\n0\r\n\n'),
  }
  for (const [where, bytes] of Object.entries(cases)) {
    assertRefusedAndClosed(await edge.send(bytes), [400], where)
  }
})

edge.test('A07 a folded header is refused', async () => {
  for (const fold of ['\r\n ', '\r\n\t']) {
    const sent = await edge.send(
      message([POST, HOST, `Transfer-Encoding:${fold}chunked`], `0\r\n\r\n${HIDDEN}`),
    )
    assertRefusedAndClosed(sent, [400])
    assertRefusedAndClosed(await edge.send(message([GET, HOST, `X: a${fold}b`])), [400])
  }
})

edge.test('A08 a bare carriage return ends no header', async () => {
  const sent = await edge.send(message([POST, HOST, `X: a\r${CHUNKED}`], `0\r\n\r\n${HIDDEN}`))
  assertRefusedAndClosed(sent, [400])
})

edge.test('A09 white space around the name of a header is refused', async () => {
  for (const line of [
    ' Content-Length: 5',
    'Content-Length : 5',
    '\tContent-Length: 5',
    'Content-Length\t: 5',
  ]) {
    assertRefusedAndClosed(await edge.send(message([POST, HOST, line], `hello${HIDDEN}`)), [400], line)
    assertRefusedAndClosed(
      await edge.send(message([POST, line, HOST], `hello${HIDDEN}`)),
      [400],
      `first: ${line}`,
    )
  }
})

edge.test('A10 a carriage return alone does not end the head', async () => {
  const sent = await edge.send(`${GET}\r\n${HOST}\r\n\rX: y\r\n\r\n`)
  assertRefusedAndClosed(sent, [400])
})

edge.test('A11 a length behind a thousand headers is never lost: the request is refused', async () => {
  for (const count of [130, 1000, 2001, 3000]) {
    const many = Array.from({ length: count }, (_, i) => `a${i}: b`)
    const sent = await edge.send(message([POST, HOST, ...many, 'Content-Length: 5'], `hello${HIDDEN}`))
    assertRefusedAndClosed(sent, [431], `${count} headers`)
  }
})

edge.test('A12 a head that does not end gets no answer until its time is over', async () => {
  for (const head of [`${GET}\r\n${HOST}`, `${GET}\r\n${HOST}\r\n`, 'GE', '']) {
    const wire = new Wire(edge.port)
    wire.write(head)
    await wire.until(1, 150)
    assert.equal(wire.received.length, 0)
    assert.equal(wire.closed, false)
    await wire.until(Number.POSITIVE_INFINITY, 4000)
    assert.ok(wire.closed, 'the connection stayed open')
    for (const { status } of wire.answers) assert.equal(status, 408)
    assert.deepEqual(await edge.seen(), [])
  }
  assertRefused(await edge.send(`${GET}\r\n${HOST}`, { halfClose: true }), [400, 408])
})

edge.test('A14 the upstream sees exactly one length, however the client spells it', async () => {
  for (const name of ['content-length', 'Content-Length', 'CONTENT-LENGTH', 'cOnTeNt-LeNgTh']) {
    for (const body of ['hello', 'x'.repeat(100_000)]) {
      const { statuses, seen } = await edge.send(message([POST, HOST, `${name}: ${body.length}`], body))
      assert.deepEqual(statuses, [200])
      assert.equal(seen.length, 1)
      const framing = seen[0]!.rawHeaders.filter(
        (_, i, all) => i % 2 === 0 && /^(content-length|transfer-encoding)$/i.test(all[i]!),
      )
      assert.equal(framing.length, 1, framing.join())
      assert.equal(seen[0]!.body.length, body.length)
    }
  }
})

edge.test('A15 HTTP/1.0 with a transfer coding is refused', async () => {
  const sent = await edge.send(message(['POST /target HTTP/1.0', HOST, CHUNKED], `0\r\n\r\n${HIDDEN}`))
  assertRefusedAndClosed(sent, [400])
  const kept = await edge.send(
    message(['POST /target HTTP/1.0', HOST, CHUNKED, 'Connection: keep-alive'], `0\r\n\r\n${HIDDEN}`),
  )
  assertRefusedAndClosed(kept, [400])
})

edge.test('A16 an HTTP/1.0 connection is kept only when both say so, and never hangs', async () => {
  for (const lines of [[], ['TE: chunked'], ['TE: chunked', 'Connection: keep-alive']]) {
    for (const target of ['/target', '/streamed']) {
      const once = await edge.send(message([`GET ${target} HTTP/1.0`, HOST, ...lines]), { timeoutMs: 1000 })
      assert.deepEqual(once.statuses, [200])
      assert.equal(once.answers[0]!.body.toString(), 'hello')
      assert.ok(once.closed || once.answers[0]!.headers.has('content-length'))
      assert.equal(once.answers[0]!.headers.get('transfer-encoding'), undefined)
    }
  }

  const kept = message(['GET /target HTTP/1.0', HOST, 'Connection: keep-alive'])
  const wire = new Wire(edge.port)
  wire.write(kept)
  await wire.until(1, 3000)
  const [answer] = wire.answers
  assert.equal(answer?.status, 200)
  assert.equal(answer?.body.toString(), 'hello')
  if (answer?.headers.get('connection')?.[0]?.toLowerCase() === 'keep-alive') {
    wire.write(kept)
    await wire.until(2, 3000)
    assert.equal(wire.answers.length, 2)
  } else {
    await wire.until(2, 3000)
    assert.ok(wire.closed)
  }
  wire.destroy()
  await edge.seen()
})

edge.test('A17 a version other than HTTP/1.0 and HTTP/1.1 is refused', async () => {
  const versions = [
    'HTTP/0.9',
    'HTTP/2.0',
    'HTTP/1.2',
    'HTTP/1.10',
    'http/1.1',
    'HTTP/1.1 x',
    'HTTP/3.0',
    'HTTP/1.',
    'HTTP/1',
    'HTTPS/1.1',
    'ICE/1.0',
    'RTSP/1.0',
    'HTTP/01.1',
    '',
  ]
  for (const version of versions) {
    const sent = await edge.send(message([`GET /target ${version}`, HOST], HIDDEN))
    assertRefusedAndClosed(sent, [400, 505], version)
  }
})

edge.test('A18 white space or a control character in the request line is refused', async () => {
  const lines = [
    'GET\t/target HTTP/1.1',
    'GET /target\tHTTP/1.1',
    'GET\x0b/target HTTP/1.1',
    'GET /target\x0cHTTP/1.1',
    ' GET /target HTTP/1.1',
    'GET /tar\0get HTTP/1.1',
    'GET /tar\x7fget HTTP/1.1',
    'GET /tar get HTTP/1.1',
    'GET /target HTTP/1.1 ',
    'G\0ET /target HTTP/1.1',
    'GET /target HTTP/1.1\0',
    'GET /tar\rget HTTP/1.1',
    'GET',
    'GET /target',
  ]
  for (const line of lines) {
    assertRefusedAndClosed(await edge.send(message([line, HOST], HIDDEN)), [400, 505], JSON.stringify(line))
  }
})

edge.test(
  'A18 spaces between the words of the request line count as one, which RFC 9112 allows',
  async () => {
    for (const line of ['GET  /target HTTP/1.1', 'GET /target  HTTP/1.1']) {
      const sent = await edge.send(message([line, HOST, 'X-Last: 1'], HIDDEN), { answers: 2 })
      // They run at the same time: either may be the first to arrive.
      assert.deepEqual(targets(sent).sort(), ['GET /admin', 'GET /target'])
      assert.deepEqual(sent.statuses, [200, 200])
    }
  },
)

edge.test('A19 a method that is none, too long or in small letters is refused', async () => {
  for (const method of [
    'G=":<>(e),[T];?"',
    'M'.repeat(65_536),
    'get',
    'Get',
    'GETS',
    'BREW',
    'PROPFIND',
    'QUERY',
    '',
  ]) {
    const sent = await edge.send(message([`${method} /target HTTP/1.1`, HOST]))
    assertRefused(sent, [400, 405, 431, 501], method.slice(0, 20))
  }
})

edge.test(
  'A20 a chunk size that is no plain hexadecimal number is refused, and the upstream request cut',
  async () => {
    const sizes = [
      '0x5',
      '5g',
      ' 5',
      '5 ',
      '-5',
      '5_0',
      '10000000000000005',
      '+5',
      '',
      '5\t',
      '\xef\xbc\x95',
      'FFFFFFFFFFFFFFFFF',
      '5\x0b',
    ]
    for (const size of sizes) {
      const { aborted, heads } = edge.upstream
      const sent = await edge.send(
        message([POST, HOST, CHUNKED], `1\r\na\r\n${size}\r\nhello\r\n0\r\n\r\n${HIDDEN}`),
      )
      assertRefusedAndClosed(sent, [400], JSON.stringify(size))
      const begun = edge.upstream.heads - heads - 1
      assert.equal(edge.upstream.aborted - aborted, begun, 'the upstream request was not cut')
    }
  },
)

edge.test('A20 the upstream request is cut also when the bad chunk comes late', async () => {
  const { aborted } = edge.upstream
  const wire = new Wire(edge.port)
  const before = edge.upstream.heads
  wire.write(message([POST, HOST, CHUNKED], '5\r\nhello\r\n'))
  await until(() => edge.upstream.heads > before)
  wire.write('5g\r\nhello\r\n0\r\n\r\n')
  await wire.until(Number.POSITIVE_INFINITY, 3000)
  assert.ok(wire.closed)
  for (const { status } of wire.answers) assert.equal(status, 400)
  assert.deepEqual(await edge.seen(), [])
  assert.equal(edge.upstream.aborted, aborted + 1)
})

// A small body is awaited whole before the upstream hears of the call, any other is streamed.
for (const [id, streamed, head, part] of [
  ['A23 a chunked body without its last chunk', true, message([POST, HOST, CHUNKED]), '5\r\nhello\r\n'],
  ['A24 a body shorter than its length', true, message([POST, HOST, 'Content-Length: 100000']), 'hello'],
  ['A24 a small body shorter than its length', false, message([POST, HOST, 'Content-Length: 10']), 'hello'],
] as const) {
  edge.test(`${id} never looks whole to the upstream`, async () => {
    for (const how of ['FIN', 'RST']) {
      const wire = new Wire(edge.port)
      const { heads, aborted } = edge.upstream
      wire.write(head + part)
      if (streamed) await until(() => edge.upstream.heads > heads)
      else await edge.alive()
      if (how === 'FIN') wire.end()
      else wire.destroy()
      if (streamed) await until(() => edge.upstream.aborted > aborted)
      else await edge.alive()
      assert.deepEqual(await edge.seen(), [])
      wire.destroy()
    }
  })
}

edge.test('A25 a trailer never becomes a header, and one that must not be a trailer is refused', async () => {
  for (const trailer of ['Host: evil.test', 'Content-Length: 3', 'Authorization: Bearer x', CHUNKED]) {
    const sent = await edge.send(
      message([POST, HOST, CHUNKED, 'X-Last: 1'], `5\r\nhello\r\n0\r\n${trailer}\r\n\r\n`),
    )
    assertRefused(sent, [400], trailer)
  }
  const plain = await edge.send(message([POST, HOST, CHUNKED], '5\r\nhello\r\n0\r\nX-Checksum: abc\r\n\r\n'))
  assert.deepEqual(plain.statuses, [200])
  assert.equal(plain.seen[0]!.body.toString(), 'hello')
  assert.ok(!plain.seen[0]!.rawHeaders.join().includes('abc'))
})

edge.test('A26 two fields that say chunked are refused', async () => {
  const sent = await edge.send(message([POST, HOST, CHUNKED, CHUNKED], `0\r\n\r\n${HIDDEN}`))
  assertRefusedAndClosed(sent, [400])
})

edge.test('A29 a header name that is no token is refused', async () => {
  const lines = [
    'X\0Y: a',
    'X\x01Y: a',
    'X\x7f: a',
    '\xc3\xa9: a',
    'no colon',
    ': a',
    'X Y: a',
    'X(Y): a',
    'X@: a',
    '"X": a',
    'X/Y: a',
    'X\x0b: a',
  ]
  for (const line of lines) {
    assertRefusedAndClosed(await edge.send(message([GET, HOST, line], HIDDEN)), [400], JSON.stringify(line))
  }
})

edge.test('A29 a control character in the value of a header is refused', async () => {
  for (const value of ['a\0b', 'a\x01b', 'a\x7fb', 'a\x0bb', 'a\rb']) {
    assertRefusedAndClosed(await edge.send(message([GET, HOST, `X: ${value}`])), [400], JSON.stringify(value))
  }
})

edge.test('a body on GET, HEAD or OPTIONS goes on with its frame, and is no request of its own', async () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE']) {
    const size = HIDDEN.length
    const whole = message([`${method} /target HTTP/1.1`, HOST, `Content-Length: ${size}`], HIDDEN)
    const chunks = `${size.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`
    const chunked = message([`${method} /target HTTP/1.1`, HOST, CHUNKED], chunks)
    for (const bytes of [whole, chunked]) {
      const sent = await edge.send(bytes)
      assert.deepEqual(sent.statuses, [200], method)
      assert.deepEqual(targets(sent), [`${method} /target`])
      assert.equal(sent.seen[0]!.body.toString(), HIDDEN)
    }
  }
})

edge.test('A31 what is refused before its body was read leaves no request behind in the body', async () => {
  const post = (host: string, ...lines: string[]) =>
    message(['POST /target HTTP/1.1', `Host: ${host}`, ...lines])
  await edge.send(message(['GET / HTTP/1.1', 'Host: busy.test']))
  for (const [host, status] of [
    ['private.test', 401],
    ['far.test', 403],
    ['nowhere.test', 404],
    ['busy.test', 429],
  ] as const) {
    for (const body of [HIDDEN, HIDDEN.repeat(5000)]) {
      const length = `Content-Length: ${body.length}`
      const whole = await edge.send(post(host, length) + body)
      assertRefused(whole, [status], host)
      const size = body.length.toString(16)
      const chunked = await edge.send(`${post(host, CHUNKED)}${size}\r\n${body}\r\n0\r\n\r\n`)
      assertRefused(chunked, [status], host)

      // The body comes after the answer. What follows it is the next request, or the connection is gone.
      const wire = new Wire(edge.port)
      wire.write(post(host, length))
      await wire.until(1, 3000)
      assert.deepEqual(wire.statuses, [status], host)
      wire.write(body + message(['GET /next HTTP/1.1', HOST]))
      await wire.until(2, 3000)
      assert.ok(wire.closed || wire.answers[1]?.status === 200, host)
      await edge.alive()
      for (const { target } of await edge.seen()) assert.equal(target, '/next', host)
      wire.destroy()
    }
  }
})

edge.test('A31 a refused body that does not end is given up', async () => {
  const head = message(['POST /target HTTP/1.1', 'Host: nowhere.test', 'Content-Length: 1000000000'])
  const silent = new Wire(edge.port)
  silent.write(head)
  await silent.until(1, 3000)
  assert.deepEqual(silent.statuses, [404])
  await silent.until(2, 5000)
  assert.ok(silent.closed, 'the gateway waits for ever')

  const flood = new Wire(edge.port)
  flood.write(head)
  for (let i = 0; i < 200 && !flood.closed; i++) {
    flood.write(Buffer.alloc(65_536))
    await flood.until(2, 2)
  }
  await flood.until(2, 1000)
  assert.ok(flood.closed, 'a body without end was taken')
})

edge.test('A31 bytes that break a refused body get no second answer', async () => {
  const head = message(['POST /target HTTP/1.1', 'Host: nowhere.test', CHUNKED])
  const sent = await edge.send(`${head}zz\r\n${HIDDEN}`, { answers: 2 })
  assert.ok(sent.closed)
  assertRefused(sent, [400, 404])

  const late = new Wire(edge.port)
  late.write(head)
  await late.until(1, 3000)
  late.write(`zz\r\n${HIDDEN}`)
  await late.until(2, 3000)
  assert.ok(late.closed)
  assert.deepEqual(late.statuses, [404])
})

edge.test(
  'A38 of ten requests at once those before a malformed one are answered, none behind it is read',
  async () => {
    const good = (i: number) => message([`GET /nth/${i} HTTP/1.1`, HOST])
    const bad = {
      'no HTTP': 'G@T / HTTP/1.1\r\n\r\n',
      'two lengths': message([POST, HOST, 'Content-Length: 0', 'Content-Length: 0']),
      'two hosts': message([GET, HOST, HOST]),
      'no host': message([GET]),
      'a coding twice': message([POST, HOST, CHUNKED, CHUNKED], '0\r\n\r\n'),
      'a version to come': message(['GET / HTTP/2.0', HOST]),
      'a connect': message(['CONNECT own.test:443 HTTP/1.1', HOST]),
      'a bad chunk': message([POST, HOST, CHUNKED], 'x\r\n'),
    }
    for (const [kind, bytes] of Object.entries(bad)) {
      const ten = [0, 1, 2, 3].map(good).join('') + bytes + [5, 6, 7, 8, 9].map(good).join('')
      const sent = await edge.send(ten, { answers: 10 })
      assert.ok(sent.closed, `${kind}: the connection stayed open`)
      assert.deepEqual(sent.statuses.slice(0, 4), [200, 200, 200, 200], kind)
      assert.equal(sent.statuses.length, 5, kind)
      assert.ok([400, 501, 505].includes(sent.statuses[4]!), `${kind}: ${sent.statuses[4]}`)
      const targets = sent.seen.map(({ target }) => target).sort()
      assert.deepEqual(targets, ['/nth/0', '/nth/1', '/nth/2', '/nth/3'], kind)
    }
  },
)

edge.test('A38 calls that wait behind another end at once when their client leaves', async () => {
  const ended = () => edge.metric(/^\w*requests_total\{.*outcome="aborted"/)
  for (const last of ['', message(['CONNECT own.test:443 HTTP/1.1', HOST])]) {
    const before = await ended()
    const { heads } = edge.upstream
    const wire = new Wire(edge.port)
    wire.write(message(['GET /never HTTP/1.1', HOST]).repeat(3) + last)
    await until(() => edge.upstream.heads === heads + 3)
    wire.reset()
    await until(async () => (await ended()) === before + 3)
  }
})
