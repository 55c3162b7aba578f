import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HandoverReason } from '../../../../gateway/contract/handover-reason.ts'
import { RepeatedHead } from '../../../../gateway/lanes/express/repeated-head.ts'
import { head, readHead } from '../../../../gateway/lanes/express/request-head.ts'

const bytes = (...lines: string[]) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
const GET = 'GET /a?b HTTP/1.1'
const HOST = 'Host: own.test'

test('a plain head is read as Node would give it: names as sent, values without white space around them', () => {
  const input = bytes(
    'POST /a/b?c=%20 HTTP/1.1',
    'hOST: own.test:80',
    'X: \t a b\t ',
    'x-high:caf\xe9',
    'Empty:',
    'Content-Length: 12',
  )
  assert.equal(readHead(input, 0), 'read')
  assert.equal(head.method, 'POST')
  assert.equal(head.target, '/a/b?c=%20')
  assert.deepEqual(head.rawHeaders, [
    'hOST',
    'own.test:80',
    'X',
    'a b',
    'x-high',
    'caf\xe9',
    'Empty',
    '',
    'Content-Length',
    '12',
  ])
  assert.equal(head.bodyLength, 12)
  assert.equal(head.close, false)
  assert.equal(head.end, input.length)
})

test('every beginning of a plain head is partial, at any place in the bytes', () => {
  const input = bytes(
    'OPTIONS /a.b/c%20d HTTP/1.1',
    HOST,
    'X-Y: z',
    'Connection: close',
    'Transfer-Encoding: chunked',
  )
  for (let length = 0; length < input.length; length++) {
    const shifted = Buffer.concat([Buffer.from('xx'), input.subarray(0, length)])
    if (length > 0) assert.equal(readHead(shifted, 2), 'partial', input.toString('latin1', 0, length))
  }
  assert.equal(readHead(Buffer.concat([Buffer.from('xx'), input, Buffer.from('GET /')]), 2), 'read')
  assert.equal(head.end, input.length + 2)
  assert.equal(head.bodyLength, -1)
  assert.equal(head.close, true)
})

test('behind a head the next one is read for itself, however alike they are', () => {
  const text = bytes('POST /a HTTP/1.1', HOST, 'Authorization: Bearer x', 'Content-Length: 12').toString(
    'latin1',
  )
  const closing = bytes(GET, HOST, 'Connection: close').toString('latin1')
  const again = [text, text.replace('POST /a', 'GET /bc?d'), closing, text, `${text}GET /`]
  for (let at = 0; at < text.length; at++) {
    for (const other of ['', '\n', '\r', '0', 'X'])
      again.push(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)
  }
  const all = new RepeatedHead()
  for (const next of again) {
    const one = new RepeatedHead()
    assert.equal(readHead(Buffer.from(text, 'latin1'), 0, one), 'read')
    const input = Buffer.from(`xx${next}`, 'latin1')
    const alone = { verdict: readHead(input, 2), head: { ...head } }
    for (const before of [one, all, all]) {
      const behind = { verdict: readHead(input, 2, before), head: { ...head } }
      if (alone.verdict === 'read') assert.deepEqual(behind, alone)
      else assert.equal(behind.verdict, alone.verdict, JSON.stringify(next))
    }
  }
})

const ODD: Readonly<Record<HandoverReason, readonly (readonly string[])[]>> = {
  'request-line': [
    ['BREW / HTTP/1.1', HOST],
    ['get / HTTP/1.1', HOST],
    ['GET\t/ HTTP/1.1', HOST],
    ['', GET, HOST],
  ],
  target: [
    ['GET * HTTP/1.1', HOST],
    ['GET http://own.test/ HTTP/1.1', HOST],
    ['GET  / HTTP/1.1', HOST],
    ...[
      '/..',
      '/a%2fb',
      '/%2E',
      '/%5C',
      '/%00',
      '/%25',
      '/%7f',
      '/%',
      '/%zz',
      '/a#b',
      '/a\\b',
      '/\xe9',
      '/\x7f',
    ].map((target) => [`GET ${target} HTTP/1.1`, HOST]),
  ],
  version: [
    ['GET / HTTP/1.0', HOST],
    ['GET / http/1.1', HOST],
    ['GET /', HOST],
    ['GET / HTTP/1.1 ', HOST],
    ['GET /  HTTP/1.1', HOST],
  ],
  field: [
    [GET, HOST, 'X : y'],
    [GET, HOST, ' X: y'],
    [GET, HOST, 'no colon'],
    [GET, HOST, ': y'],
    [GET, HOST, 'X: a\rb'],
    [GET, HOST, 'X: a\nb'],
    [GET, HOST, 'X: a\0b'],
    [GET, HOST, 'X: a', ' folded'],
    [GET, HOST, 'X\xe9: a'],
  ],
  host: [
    [GET],
    [GET, HOST, HOST],
    [GET, 'Host:'],
    [GET, 'Host: a,b'],
    [GET, 'Host: u@h'],
    [GET, `Host: ${'a'.repeat(256)}`],
  ],
  framing: [
    [GET, HOST, 'Content-Length: 5', 'Content-Length: 5'],
    [GET, HOST, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
    ...['', '+5', '5 ', '5\t', '5,5', '0x5', '1234567890123456'].map((length) => [
      GET,
      HOST,
      `cOnTeNt-LeNgTh: ${length}`,
    ]),
    ...['gzip', 'chunked ', 'chunked, chunked', '"chunked"', ''].map((coding) => [
      GET,
      HOST,
      `transfer-Encoding: ${coding}`,
    ]),
  ],
  connection: [
    [GET, HOST, 'Connection: close, TE'],
    [GET, HOST, 'Connection: upgrade'],
    [GET, HOST, 'Connection:'],
    [GET, HOST, 'Connection: close', 'Connection: close'],
    [GET, HOST, 'Proxy-Connection: close'],
  ],
  upgrade: [[GET, HOST, 'Upgrade: websocket']],
  expect: [[GET, HOST, 'Expect: 100-continue']],
  size: [[GET, HOST, ...Array.from({ length: 256 }, (_, i) => `h${i}: v`)]],
}

for (const [reason, heads] of Object.entries(ODD)) {
  test(`a head is left to the standard lane for its ${reason}`, () => {
    for (const lines of heads) assert.equal(verdictOf(lines), reason, JSON.stringify(lines).slice(0, 200))
  })
}

/** White space behind a length or a coding is left too, although it could be cut off: some readers do not. */
function verdictOf(lines: readonly string[]): string {
  return readHead(bytes(...lines), 0)
}
