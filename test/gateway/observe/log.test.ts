import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { Log } from '../../../gateway/contract/plugin.ts'
import { Lines, LONGEST_LINE } from '../../../gateway/observe/lines.ts'
import { createLog, type LogOptions } from '../../../gateway/observe/log.ts'

/** What a log writes while a test uses it. */
async function written(
  use: (log: Log) => void,
  options: LogOptions = { level: 'info', thread: null },
  pretty = false,
): Promise<string> {
  const stream = new PassThrough()
  const lines = new Lines({ stream, pretty })
  use(createLog(lines, options))
  await lines.close()
  stream.end()
  return text(stream)
}

const parsed = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('events are lines of JSON with their fields', async () => {
  const output = await written(
    (log) => {
      log.info({ port: 8080 }, 'listening')
      log.error({ backend: 'far' }, 'gone')
    },
    { level: 'info', thread: '1' },
  )
  const [first, second] = parsed(output)
  assert.deepEqual([first.level, first.thread, first.port, first.msg], [30, '1', 8080, 'listening'])
  assert.deepEqual([second.level, second.backend, second.msg], [50, 'far', 'gone'])
  assert.ok(!('hostname' in first) && !('pid' in first))
})

test('lines below the level are left out', async () => {
  const output = await written((log) => [log.info({}, 'a'), log.warn({}, 'b'), log.error({}, 'c')], {
    level: 'warn',
    thread: null,
  })
  assert.deepEqual(
    parsed(output).map(({ msg }) => msg),
    ['b', 'c'],
  )
})

test('an error shows its message, code and causes', async () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const output = await written((log) => log.error({ err: new TypeError('failed', { cause }) }, 'x'))
  const { err } = parsed(output)[0]
  assert.deepEqual(
    [err.name, err.message, err.cause.code, err.cause.message],
    ['TypeError', 'failed', 'ECONNREFUSED', 'refused'],
  )
  assert.match(err.stack, /log\.test\.ts/)
})

test('secrets are hidden whoever logs them (L06)', async () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl'
  const output = await written((log) => {
    log.warn({ url: 'https://user:hunter2@far.example/x' }, 'at http://a:hunter2@b')
    log.warn({ err: new Error(`upstream http://a:hunter2@b failed for ${jwt}`) }, 'failed')
    log.warn({ headers: { authorization: 'hunter2', cookie: 'hunter2', 'x-api-key': 'hunter2' } }, 'headers')
    log.warn({ note: 'Authorization: Bearer hunter2, Basic aHVudGVyMg==' }, 'note')
    log.warn({ token: 'hunter2', nested: [{ password: 'hunter2' }] }, 'nested')
  })
  assert.equal(parsed(output).length, 5)
  assert.doesNotMatch(output, /hunter2|eyJ|aHVudGVyMg/)
})

test('nothing that is logged makes a line long, broken or throw (L02)', async () => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  const hostile = {
    get a(): string {
      throw new Error('no')
    },
  }
  const output = await written((log) => {
    log.warn({ claim: 'x'.repeat(10_000_000) }, 'y'.repeat(10_000_000))
    log.warn({ many: Array.from({ length: 100_000 }, () => '\u{1f4a9}'.repeat(1_000)) }, 'many')
    log.warn(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, 'v'])), 'keys')
    log.warn(
      { circular, hostile, big: 10n, none: undefined, call: () => 1, bytes: Buffer.alloc(1_000_000) },
      'odd',
    )
    log.warn({ err: Object.assign(new Error('e\nf\u001b[2J'), { stack: 'z'.repeat(1_000_000) }) }, 'a\nb')
  })
  for (const line of output.trimEnd().split('\n')) {
    assert.ok(line.length < LONGEST_LINE)
    assert.equal(Buffer.byteLength(line), line.length)
  }
  const lines = parsed(output)
  assert.equal(lines.length, 5)
  assert.equal(lines[3].big, '10')
  assert.equal(lines[3].hostile, '[unreadable]')
})

test('on a terminal a line is made for people and cannot steer it', async () => {
  const output = await written(
    (log) => log.warn({ backend: 'far', text: '\u001b[2Jgone\u202e' }, 'bell\u0007'),
    { level: 'info', thread: null },
    true,
  )
  assert.match(output, /^\d\d:\d\d:\d\d WARN {2}"bell\\u0007" backend=far text="\\u001b\[2Jgone\\u202e"\n$/)
})
