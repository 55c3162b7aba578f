import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogLine } from '../../../gateway/contract/lifecycle.ts'
import { boundedLines } from '../../../gateway/control/bounded-lines.ts'

const NEVER = new AbortController().signal
const line = (text: string): LogLine => ({ timeMs: null, instance: null, text })

async function all(lines: AsyncIterable<unknown>): Promise<unknown[]> {
  const read: unknown[] = []
  for await (const each of lines) read.push(each)
  return read
}

test('lines pass as they come, and a long one is cut', async () => {
  async function* read() {
    yield line('short')
    yield line('x'.repeat(100_000))
  }
  const lines = (await all(boundedLines(read, false, NEVER))) as LogLine[]
  assert.deepEqual(
    lines.map(({ text }) => text.length),
    [5, 16_384],
  )
})

test('more than the bound is ended with a word on it, and its reader is told', async () => {
  let isEnded = false
  async function* read() {
    try {
      for (;;) yield line('x'.repeat(16_384))
    } finally {
      isEnded = true
    }
  }
  const lines = await all(boundedLines(read, false, NEVER))
  assert.equal(lines.length, 4097)
  assert.deepEqual(lines.at(-1), { ended: 'There is more than 64 MiB: ask for less, by tail or since.' })
  assert.equal(isEnded, true)
})

test('who leaves ends it also where the platform never says a thing', async () => {
  const leaving = new AbortController()
  const read = (): AsyncIterable<LogLine> => ({
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
  })
  const reading = all(boundedLines(read, true, leaving.signal))
  leaving.abort()
  assert.deepEqual(await reading, [])
})

test('what breaks is an error, unless the reader has left', async () => {
  const leaving = new AbortController()
  async function* breaking(): AsyncGenerator<LogLine> {
    yield line('one')
    throw new Error('it broke')
  }
  await assert.rejects(all(boundedLines(breaking, true, leaving.signal)), { message: 'it broke' })
  leaving.abort()
  assert.deepEqual(await all(boundedLines(breaking, true, leaving.signal)), [])
})
