import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Agent } from 'undici'
import { functionLogs } from '../../../drivers/lambda/function-logs.ts'
import { AwsService } from '../../../drivers/lambda/service.ts'
import type { LogLine, LogsWanted } from '../../../gateway/contract/lifecycle.ts'
import { KEY } from '../lambda-platform.ts'
import { REGION } from '../lambda-words.ts'
import { LogsPlatform } from '../logs-platform.ts'

const GROUP = '/aws/lambda/f'
const HOUR_MS = 3_600_000
const forever = new AbortController().signal

async function open(t: TestContext) {
  const platform = new LogsPlatform()
  const agent = new Agent()
  const service = new AwsService(await platform.listen(), REGION, 'logs', agent, () => KEY)
  t.after(async () => {
    platform.close()
    await agent.destroy()
  })
  const read = (wanted: Partial<LogsWanted>, signal = forever, group = GROUP) =>
    functionLogs(service, group, { follow: false, tail: null, sinceMs: null, ...wanted }, signal)
  const textsOf = async (lines: AsyncIterable<LogLine>) =>
    (await Array.fromAsync(lines)).map(({ text }) => text)
  return { platform, read, textsOf }
}

test('lines come oldest first, over all pages, with their time and environment', async (t) => {
  const { platform, read } = await open(t)
  for (let i = 9; i >= 0; i--) platform.write(GROUP, 1_000_000 + i, `line ${i}\n`, `stream-${i % 2}`)
  const lines = await Array.fromAsync(read({}))
  assert.deepEqual(
    lines.map(({ text }) => text),
    Array.from({ length: 10 }, (_, i) => `line ${i}`),
  )
  assert.deepEqual(lines[3], { timeMs: 1_000_003, instance: 'stream-1', text: 'line 3' })
})

test('the last lines are looked for backwards, in as much of the past as it takes', async (t) => {
  const { platform, read, textsOf } = await open(t)
  const now = Date.now()
  for (const [ageMs, text] of [
    [400 * 24 * HOUR_MS, 'last year'],
    [30 * HOUR_MS, 'yesterday'],
    [2000, 'one'],
    [1000, 'two'],
    [10, 'three'],
  ] as const) {
    platform.write(GROUP, now - ageMs, text)
  }
  assert.deepEqual(await textsOf(read({ tail: 2 })), ['two', 'three'])
  assert.ok(
    platform.asked.every(({ startTime }) => startTime! > now - 2 * 60_000),
    'no more than a minute',
  )
  assert.deepEqual(await textsOf(read({ tail: 4 })), ['yesterday', 'one', 'two', 'three'])
  assert.deepEqual(await textsOf(read({ tail: 50 })), ['last year', 'yesterday', 'one', 'two', 'three'])
  assert.deepEqual(await textsOf(read({ tail: 50, sinceMs: now - HOUR_MS })), ['one', 'two', 'three'])
  assert.deepEqual(await textsOf(read({ sinceMs: now - 1500 })), ['two', 'three'])
  assert.deepEqual(await textsOf(read({ tail: 0 })), [])
})

test('a function that has said nothing yet has no lines, and a refusal is told', async (t) => {
  const { platform, read, textsOf } = await open(t)
  assert.deepEqual(await textsOf(read({}, forever, '/aws/lambda/new')), [])
  platform.close()
  await assert.rejects(textsOf(read({})), /ECONNREFUSED|other side closed/)
})

test('what comes is followed until nobody wants it: also late lines, each once', async (t) => {
  const { platform, read } = await open(t)
  const leaving = new AbortController()
  const now = Date.now()
  platform.write(GROUP, now - 5000, 'old')
  platform.write(GROUP, now - 100, 'before')
  const texts: string[] = []
  const following = (async () => {
    for await (const { text } of read({ follow: true, sinceMs: now - 20_000 }, leaving.signal)) {
      texts.push(text)
      if (text === 'before') {
        platform.write(GROUP, Date.now() + 1, 'new')
        platform.write(GROUP, now - 200, 'late')
      }
      if (texts.length === 4) platform.write(GROUP, Date.now() + 2, 'newer')
      if (text === 'newer') leaving.abort(new Error('enough'))
    }
  })()
  await assert.rejects(following, /enough/)
  assert.deepEqual(texts, ['old', 'before', 'late', 'new', 'newer'])
})

test('only what comes is followed when no line of the past is wanted', async (t) => {
  const { platform, read } = await open(t)
  const leaving = new AbortController()
  platform.write(GROUP, Date.now() - 1000, 'past')
  const lines = read({ follow: true, tail: 0 }, leaving.signal)[Symbol.asyncIterator]()
  const first = lines.next()
  platform.write(GROUP, Date.now() + 5, 'new')
  assert.equal((await first).value.text, 'new')
  const rest = lines.next()
  leaving.abort()
  await assert.rejects(rest)
})
