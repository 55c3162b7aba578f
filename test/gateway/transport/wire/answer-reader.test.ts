import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReadAnswer, readAnswer } from './read-answer.ts'

const HEAD = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`

/** Text of the problem, empty for a valid answer. */
const problemOf = (text: string) => readAnswer(text).reader.problem

test('whatever the pieces in which an answer arrives, it is the same answer', () => {
  const text = `HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 206 Part\t\xe9\r\nX-Unknown-Name:\t a b \t\r\nDATE: today\r\nx-empty:\r\nConnection: Keep-Alive\r\nKeep-Alive: timeout=7, max=3\r\ntransfer-encoding:  CHUNKED\r\n\r\n3;a=b;c="d\\"e"\r\nabc\r\n00C\r\ndefghijklmno\r\n0;x\r\nX-Sum: 1\r\n\r\n`
  for (let size = 1; size <= text.length; size++) {
    const { reader, status, flat, body, end } = readAnswer(text, { size })
    assert.equal(reader.problem, '')
    assert.ok(reader.done && reader.persistent)
    assert.equal(reader.timeoutHintMs, 7000)
    assert.equal(end, text.length)
    assert.equal(status, 206)
    assert.deepEqual(flat, [
      'x-unknown-name',
      'a b',
      'date',
      'today',
      'x-empty',
      '',
      'connection',
      'Keep-Alive',
      'keep-alive',
      'timeout=7, max=3',
      'transfer-encoding',
      'CHUNKED',
    ])
    assert.equal(body, 'abcdefghijklmno')
  }
})

test('the reader stops behind the answer', () => {
  for (const text of [
    `${HEAD}Content-Length: 2\r\n\r\nok`,
    `${CHUNKED}2\r\nok\r\n0\r\n\r\n`,
    `${HEAD}Content-Length: 0\r\n\r\n`,
    'HTTP/1.1 204 No\r\n\r\n',
  ]) {
    const { reader, end } = readAnswer(`${text}HTTP/1.1 200 OK\r\n\r\n`)
    assert.ok(reader.done)
    assert.equal(end, text.length)
  }
})

test('the data of all chunks of a read is told as one piece', () => {
  const { pieces } = readAnswer(`${CHUNKED}1\r\na\r\n2\r\nbc\r\n1;x=y\r\nd\r\n0\r\n\r\n`)
  assert.deepEqual(pieces, ['abcd'])
})

test('a status line is one of HTTP/1.0 or 1.1 with three digits', () => {
  for (const line of ['HTTP/1.1 200 OK', 'HTTP/1.1 200 ', 'HTTP/1.1 200', 'HTTP/1.0 999 \tx\xff'])
    assert.equal(problemOf(`${line}\r\nContent-Length: 0\r\n\r\n`), '', line)
  for (const line of [
    'HTTP/1.2 200 OK',
    'HTTP/2.0 200 OK',
    'http/1.1 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1\t200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 2x0 OK',
    'HTTP/1.1 200OK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1 200 O\rK',
    'HTTP/1.1 200 OK\n',
    ' HTTP/1.1 200 OK',
    '\r\nHTTP/1.1 200 OK',
  ])
    assert.notEqual(problemOf(`${line}\r\nContent-Length: 0\r\n\r\n`), '', JSON.stringify(line))
})

test('what is not HTTP is known by its first bytes', () => {
  assert.notEqual(problemOf('S'), '')
  assert.notEqual(problemOf('HTTP/2'), '')
  assert.equal(problemOf('HTTP/1'), '')
})

test('a header has a token for a name and text for a value', () => {
  for (const line of ["!#$%&'*+-.^_`|~09azAZ: x", 'x:', 'x:\t', 'x:  a\t\xff ', 'x: "a:b"'])
    assert.equal(problemOf(`${HEAD}${line}\r\nContent-Length: 0\r\n\r\n`), '', line)
  for (const line of [
    ': x',
    'x',
    'x y: z',
    'x : y',
    ' x: y',
    '\tx: y',
    'x\x7f: y',
    'x\xe9: y',
    'x(: y',
    'x: a\0b',
    'x: a\x7fb',
    'x: a\x0bb',
    'x: a\rb',
    'x: a\nb',
    'x: a\r\r',
  ])
    assert.notEqual(problemOf(`${HEAD}${line}\r\nContent-Length: 0\r\n\r\n`), '', JSON.stringify(line))
})

test('a length is digits, once, and a number that can be counted', () => {
  for (const [value, length] of [
    ['0', 0],
    ['2 ', 2],
    ['\t2', 2],
    ['0002', 2],
    ['9007199254740991', 9007199254740991],
  ] as const) {
    const { reader, status } = readAnswer(`${HEAD}Content-Length: ${value}\r\n\r\n`)
    assert.equal(reader.problem, '')
    assert.equal(status, 200)
    assert.equal(reader.done, length === 0)
  }
  for (const value of [
    '',
    ' ',
    '+1',
    '-1',
    '1.0',
    '1e3',
    '0x1',
    '1,1',
    '1 1',
    '\xb2',
    '9007199254740992',
    '9'.repeat(400),
  ])
    assert.notEqual(problemOf(`${HEAD}Content-Length: ${value}\r\n\r\n`), '', value)
})

test('a tab behind the coding is refused, because other parsers do not see `chunked` then', () => {
  assert.equal(problemOf(`${HEAD}Transfer-Encoding: \tchunked  \r\n\r\n`), '')
  assert.notEqual(problemOf(`${HEAD}Transfer-Encoding: chunked\t\r\n\r\n`), '')
  assert.notEqual(problemOf(`${HEAD}Transfer-Encoding: chunked \t \r\n\r\n`), '')
})

test('chunks in HTTP/1.0 are refused', () => {
  assert.notEqual(problemOf('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'), '')
})

test('chunks have sizes of hexadecimal digits, extensions of tokens and quoted text, and line ends', () => {
  for (const body of [
    '0\r\n\r\n',
    '000\r\n\r\n',
    '0000000000000001\r\na\r\n0\r\n\r\n',
    '0;a\r\n\r\n',
    '0;a=b;c\r\n\r\n',
    '0;a="\\\\\xff"\r\n\r\n',
    'A\r\n0123456789\r\n0\r\n\r\n',
  ]) {
    const { reader } = readAnswer(CHUNKED + body)
    assert.equal(reader.problem, '', JSON.stringify(body))
    assert.ok(reader.done, JSON.stringify(body))
  }
  for (const body of [
    '\r\n',
    'g\r\n',
    ' 0\r\n',
    '0 \r\n',
    '0x1\r\n',
    '-1\r\n',
    '+1\r\n',
    '1_0\r\n',
    `${'0'.repeat(17)}\r\n`,
    '20000000000000\r\n',
    '0\n',
    '0\r0',
    '0;\r\n',
    '0; a\r\n',
    '0;a =b\r\n',
    '0;a=\r\n',
    '0;a="b\r\n',
    '0;a="b"c\r\n',
    '0;a="\0"\r\n',
    '1\r\nab\r\n',
    '1\r\na\n',
    '1\r\na\r\r',
    '0\r\nx\r\n\r\n',
    '0\r\n x: y\r\n\r\n',
    '0\r\nContent-Length: 1\r\n\r\n',
    '0\r\ntransfer-encoding: chunked\r\n\r\n',
  ])
    assert.notEqual(problemOf(CHUNKED + body), '', JSON.stringify(body))
})

test('bounds hold: bytes and fields of heads and trailers, extensions, interim answers', () => {
  const field = (bytes: number) => `X: ${'x'.repeat(bytes)}\r\n`
  assert.equal(problemOf(`${HEAD}${field(65_000)}\r\n`), '')
  for (const size of [1000, 1e9]) {
    const refused = (text: string) => readAnswer(text, { size }).reader.problem !== ''
    assert.ok(refused(`${HEAD}${field(66_000)}\r\n`))
    assert.ok(refused(`${HEAD}X: ${'x'.repeat(70_000)}`), 'a line without end')
    assert.ok(refused(HEAD + 'X: y\r\n'.repeat(1001)))
    assert.ok(refused(`${CHUNKED}0\r\n${field(66_000)}`))
    assert.ok(refused(`${CHUNKED}1;${'x'.repeat(20_000)}`))
    assert.ok(refused(`${CHUNKED}${'1;abcdefghij\r\nx\r\n'.repeat(2000)}`))
    assert.ok(refused('HTTP/1.1 103 E\r\n\r\n'.repeat(65)))
    assert.ok(refused(`HTTP/1.1 103 E\r\n${field(3000)}\r\n`.repeat(30)))
  }
  assert.equal(problemOf(`${'HTTP/1.1 103 E\r\n\r\n'.repeat(64)}${HEAD}\r\n`), '')
})

test('an interim answer that ends the connection or has a body is refused, as is one that was not asked for', () => {
  for (const head of [
    'HTTP/1.1 103 E\r\nConnection: close\r\n',
    'HTTP/1.0 103 E\r\n',
    'HTTP/1.1 103 E\r\nContent-Length: 2\r\n',
    'HTTP/1.1 103 E\r\nTransfer-Encoding: chunked\r\n',
    'HTTP/1.1 100 Continue\r\n',
    'HTTP/1.1 101 Switching\r\n',
  ])
    assert.notEqual(problemOf(`${head}\r\n${HEAD}Content-Length: 0\r\n\r\n`), '', head)
})

test('who keeps the connection says so, and a close is final', () => {
  for (const [head, persistent] of [
    ['HTTP/1.1 200 OK\r\n', true],
    ['HTTP/1.1 200 OK\r\nConnection: close\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: foo , CLOSE\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: closed\r\n', true],
    ['HTTP/1.0 200 OK\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n', true],
    ['HTTP/1.0 200 OK\r\nConnection: x, Keep-Alive\r\n', true],
  ] as const)
    assert.equal(readAnswer(`${head}Content-Length: 0\r\n\r\n`).reader.persistent, persistent, head)
  for (const head of [
    'HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\n',
    'HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n',
  ])
    assert.equal(readAnswer(head).reader.persistent, false, 'a declared body may come all the same')
})

test('an answer to HEAD ends with its head; one without a length ends with the connection', () => {
  const { reader } = readAnswer(`${HEAD}Content-Length: 5\r\n\r\n`, { toHead: true })
  assert.ok(reader.done)
  const open = readAnswer(`${HEAD}\r\nto the end`)
  assert.equal(open.reader.done, false)
  assert.equal(open.reader.finish(), true)
  assert.equal(open.body, 'to the end')
  assert.equal(readAnswer(`${HEAD}Content-Length: 5\r\n\r\nto`).reader.finish(), false)
  assert.equal(readAnswer(`${CHUNKED}0\r\n`).reader.finish(), false)
  assert.equal(readAnswer(HEAD).reader.finish(), false)
})

test('behind an answer the next one is read for itself, however alike they are', () => {
  const text = `${HEAD}Date: today\r\nContent-Length: 12\r\nKeep-Alive: timeout=7\r\nConnection: close\r\n\r\nhello, world`
  const first = Buffer.from(text, 'latin1')
  const again = [text, `${HEAD}Content-Length: 0\r\n\r\n`, text]
  for (let at = 0; at < text.length; at++) {
    for (const other of ['', '\r', '0', 'X']) again.push(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)
  }
  const answer = new ReadAnswer()
  for (const next of again) {
    answer.reader.begin(false)
    assert.equal(answer.reader.read(first, 0, first.length), first.length)
    // Who gets the fields may do with them what it likes.
    ;(answer.flat as string[]).splice(0, 3, 'x')
    answer.reader.begin(false)
    answer.pieces.length = 0
    const bytes = Buffer.from(next, 'latin1')
    const end = answer.reader.read(bytes, 0, bytes.length)
    const alone = readAnswer(next)
    const { problem, done, persistent, timeoutHintMs } = alone.reader
    assert.equal(answer.reader.problem, problem, JSON.stringify(next))
    if (problem !== '') continue
    assert.equal(end, alone.end)
    assert.deepEqual([answer.status, answer.flat, answer.body], [alone.status, alone.flat, alone.body])
    assert.deepEqual(
      [answer.reader.done, answer.reader.persistent, answer.reader.timeoutHintMs],
      [done, persistent, timeoutHintMs],
    )
  }
})
