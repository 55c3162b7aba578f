import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChunkLine } from '../../../../gateway/lanes/express/chunk-line.ts'

function read(text: string): ChunkLine {
  const line = new ChunkLine()
  line.begin()
  for (const byte of Buffer.from(text, 'latin1')) line.read(Buffer.of(byte), 0)
  return line
}

test('the size of a chunk may be padded with zeros, and is a number that can be counted', () => {
  for (const [text, size] of [
    ['0', 0],
    ['1A', 26],
    ['0000000000000005', 5],
    ['1fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['5;a', 5],
    ['5;a=b;c="\\"d"', 5],
  ] as const) {
    const line = read(`${text}\r\n`)
    assert.ok(line.done, text)
    assert.equal(line.size, size)
  }
  for (const text of [
    '',
    '20000000000000',
    '0'.repeat(17),
    '-1',
    '0x1',
    ' 5',
    '5 ',
    '5;',
    '5;;a',
    '5;a=b"c"',
    '5;a="b',
  ])
    assert.equal(read(`${text}\r\n`).fault, 'GW_BAD_REQUEST', text)
})
