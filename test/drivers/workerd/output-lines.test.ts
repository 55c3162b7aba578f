import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OutputLines } from '../../../drivers/workerd/output-lines.ts'

function collect(clock = { now: 0 }) {
  const lines: string[] = []
  let dropped = 0
  const output = new OutputLines(
    {
      line: (text) => lines.push(text),
      dropped: (count) => {
        dropped += count
      },
    },
    () => clock.now,
  )
  return { output, lines, clock, dropped: () => dropped }
}

test('lines are put together from pieces, also where a character is cut', () => {
  const { output, lines } = collect()
  const bytes = Buffer.from('one\ntw\u00f6\n\nthree')
  for (const byte of bytes) output.push(Buffer.from([byte]))
  assert.deepEqual(lines, ['one', 'tw\u00f6'])
  output.end()
  assert.deepEqual(lines, ['one', 'tw\u00f6', 'three'])
})

test('a line without end is cut, and does not grow in memory', () => {
  const { output, lines } = collect()
  for (let i = 0; i < 100; i++) output.push(Buffer.alloc(65_536, 'x'))
  output.push(Buffer.from('\nnext\n'))
  assert.equal(lines[0]!.length, 16_384)
  assert.equal(lines[1], 'next')
})

test('lines that come too fast are dropped and counted, and let in again later', () => {
  const { output, lines, clock, dropped } = collect()
  output.push(Buffer.from('line\n'.repeat(1000)))
  assert.equal(lines.length, 200)
  clock.now = 1000
  output.push(Buffer.from('later\n'))
  assert.equal(dropped(), 800)
  assert.equal(lines.at(-1), 'later')
})
