import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Lines } from '../../../gateway/observe/lines.ts'

function start(t: TestContext, file: string, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

test('lines of several threads reach a slow pipe whole and none is lost', async (t) => {
  const lines = 2_000
  const child = start(t, './log-from-threads.ts', String(lines))
  const errors = text(child.stderr!)
  let output = ''
  child.stdout!.setEncoding('utf8')
  for await (const piece of child.stdout!) {
    output += piece
    // Reading slower than the threads write fills the pipe, which is when writes would be split.
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  assert.equal(await errors, '')
  const parsed = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const ids = parsed.filter(({ type }) => type === 'access').map(({ id }) => id)
  assert.equal(ids.length, 3 * lines)
  assert.equal(new Set(ids).size, 3 * lines)
  assert.equal(parsed.filter(({ msg }) => msg === 'something happened').length, 3 * (lines / 100))
})

test('a reader that stalls costs lines, not memory, not name look-ups and not the exit', {
  timeout: 30_000,
}, async (t) => {
  const child = start(t, './log-to-nobody.ts')
  const told = text(child.stderr!)
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
  const { dropped, rss } = JSON.parse(await told)
  assert.ok(dropped > 40_000, `${dropped} of 120000`)
  assert.ok(rss < 400 * 1024 * 1024, `${rss}`)
})

test('a line is on its way soon after it was written', async () => {
  const stream = new PassThrough()
  const lines = new Lines({ stream })
  lines.write('{"a":1}\n')
  const [piece] = await once(stream, 'data')
  assert.equal(String(piece), '{"a":1}\n')
  await lines.close()
})

test('closing writes what waits', async () => {
  const stream = new PassThrough()
  const lines = new Lines({ stream })
  for (let i = 0; i < 100; i++) lines.write(`{"i":${i}}\n`)
  const closed = lines.close()
  stream.end()
  assert.equal((await text(stream)).trimEnd().split('\n').length, 100)
  await closed
})

test('a reader that goes away costs the lines and nothing else', async () => {
  let dropped = 0
  const stream = new PassThrough()
  const lines = new Lines({ stream, dropped: (count) => (dropped += count) })
  stream.destroy(new Error('EPIPE'))
  await new Promise((resolve) => setImmediate(resolve))
  lines.write('{}\n')
  lines.write('{}\n')
  await lines.close()
  assert.equal(dropped, 2)
})
