import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Endings, headText, said } from '../../../../gateway/lanes/express/answer-text.ts'

const endings = new Endings(72_000)
const text = (status: number, headers: string[], toHead = false, close = false) =>
  headText(status, headers, toHead, close, endings)

test('nothing that a function answers can end the head or begin another one', () => {
  for (const value of ['a\r\nX: b', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', 'a\u010ab', '\u560a']) {
    assert.throws(() => text(200, ['x', value]), TypeError, JSON.stringify(value))
  }
  for (const name of ['', 'a b', 'a:', 'a\r\nb', 'a\0', '\xe9', 'a\u010a']) {
    assert.throws(() => text(200, [name, 'x']), TypeError, JSON.stringify(name))
  }
  // As code without types may write it.
  assert.throws(() => text(200, ['x', undefined as unknown as string]), TypeError)
  for (const status of [0, 99, 101, 199, 1000, 200.5, Number.NaN])
    assert.throws(() => text(status, []), RangeError)
  assert.match(text(200, ['x', 'a\tb caf\xe9']), /\r\nx: a\tb caf\xe9\r\n/)
})

test('an answer is framed by its length, in chunks, or not at all', () => {
  text(200, ['content-length', '5'])
  assert.deepEqual([said.length, said.chunked], [5, false])
  assert.match(text(200, []), /\r\nTransfer-Encoding: chunked\r\n\r\n$/)
  assert.deepEqual([said.length, said.chunked], [-1, true])
  for (const head of [text(204, []), text(304, []), text(200, [], true)]) {
    assert.doesNotMatch(head, /transfer-encoding/i)
    assert.equal(said.chunked, false)
  }
  for (const length of ['', '-1', '5, 5', '1e3', '٥'])
    assert.throws(() => text(200, ['content-length', length]), TypeError)
  assert.throws(() => text(200, ['content-length', '5', 'Content-Length', '5']), TypeError)
  assert.equal(text(200, ['Transfer-Encoding', 'gzip']).match(/transfer-encoding/gi)?.length, 1)
})

test('the head says what becomes of the connection, and when', () => {
  assert.match(text(200, []), /\r\nDate: [^\r]+ GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=72\r\n/)
  assert.match(text(200, [], false, true), /\r\nConnection: close\r\n/)
  assert.equal(said.close, true)
  const own = text(200, ['connection', 'close', 'date', 'today'])
  assert.equal(said.close, true)
  assert.deepEqual([own.match(/connection:/gi)?.length, own.match(/date:/gi)?.length], [1, 1])
  assert.match(text(299, []), /^HTTP\/1\.1 299 unknown\r\n/)
})
