import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { OUTCOMES, type Outcome } from '../../gateway/contract/outcome.ts'
import { type Asked, TestAttempt } from '../conformance/driver/test-attempt.ts'
import { facts } from './deployment-facts.ts'
import { invokeComplete, payloadChunk } from './lambda-frames.ts'
import { INVOKERS, RawPlatform, reset } from './raw-platform.ts'

const MEBIBYTE = 1024 * 1024

/** What is a function's answer to most drivers: a body, a result, and the record of an activation. */
const SAID = '{"activationId":"a1","response":{"status":"success","result":{"fine":1}}}'

/** One that is framed, and whole to this driver. */
function wholeAnswer(name: string, said = SAID): Buffer {
  const body =
    name === 'lambda, streaming' ? Buffer.concat([payloadChunk(said), invokeComplete()]) : Buffer.from(said)
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

function call(invoker: Invoker, asked: Partial<Asked>): TestAttempt {
  return new TestAttempt(facts('kit'), { path: '/', ...asked }).run(invoker)
}

async function ask(invoker: Invoker, asked: Partial<Asked> = {}): Promise<TestAttempt> {
  const attempt = await call(invoker, asked).over()
  assert.deepEqual(attempt.offences, [])
  return attempt
}

async function stillServes(invoker: Invoker): Promise<void> {
  const attempt = await ask(invoker)
  assert.equal(attempt.outcome, 'answered', attempt.summary())
  assert.match(attempt.text, /fine/)
}

const maybe = (outcome: Outcome | null) => OUTCOMES[outcome!].executed === 'maybe'

type Row = (t: TestContext, name: string) => Promise<void>

/** Each row of the checklist that a driver could break, against a platform that does nothing but this. */
const ROWS: Readonly<Record<string, Row>> = {
  'F02 F06 F07 a reset before the head is one request and may have run': async (t, name) => {
    const platform = new RawPlatform((socket) => reset(socket))
    const invoker = await platform.open(t, name)
    const tries: Partial<Asked>[] = [
      { method: 'GET' },
      { method: 'POST', body: Buffer.alloc(0) },
      { method: 'POST', body: Buffer.from('{}') },
      { method: 'PUT', body: Readable.from([Buffer.from('{"a":'), Buffer.from('1}')]) },
    ]
    for (const asked of tries) {
      const attempt = await ask(invoker, asked)
      assert.ok(maybe(attempt.outcome), attempt.summary())
      assert.equal(attempt.status, 0)
    }
    assert.equal(platform.requests, tries.length)
  },

  'F05 F06 F07 a kept connection that breaks is one request, and the next call has a fresh one': async (
    t,
    name,
  ) => {
    const platform = new RawPlatform((socket, _request, nth) => {
      if (nth === 2 || nth === 4) reset(socket)
      else socket.write(wholeAnswer(name))
    })
    const invoker = await platform.open(t, name)
    for (const method of ['GET', 'POST']) {
      await stillServes(invoker)
      const attempt = await ask(invoker, { method, body: method === 'POST' ? Buffer.from('{}') : null })
      assert.ok(maybe(attempt.outcome), attempt.summary())
    }
    await stillServes(invoker)
    assert.equal(platform.requests, 5)
  },

  'F08 what fails behind the head is one end, and none that says well': async (t, name) => {
    const platform = new RawPlatform((socket) => {
      const whole = wholeAnswer(name)
      socket.write(whole.subarray(0, whole.length - 3), () => reset(socket))
    })
    const invoker = await platform.open(t, name)
    const attempt = await ask(invoker, { method: 'PUT', body: Buffer.from('{}') })
    assert.ok(OUTCOMES[attempt.outcome!].unhealthy, attempt.summary())
    assert.equal(platform.requests, 1)
  },

  'F12 an answer on an idle connection ends it, and the next call never sees it': async (t, name) => {
    const platform = new RawPlatform((socket, _request, nth) => {
      socket.write(wholeAnswer(name))
      if (nth === 1) setTimeout(() => socket.write(wholeAnswer(name, '{"POISON":1}')), 10)
    })
    const invoker = await platform.open(t, name)
    await stillServes(invoker)
    const first = platform.connections[0]!
    if (!first.closed) await once(first, 'close')
    await stillServes(invoker)
    assert.equal(platform.connections.length, 2)
  },

  'F21 a body behind the answer to HEAD reaches nobody': async (t, name) => {
    const platform = new RawPlatform((socket) => socket.write(wholeAnswer(name)))
    const invoker = await platform.open(t, name)
    for (let i = 0; i < 3; i++) {
      const attempt = await ask(invoker, { method: 'HEAD' })
      assert.equal(attempt.received, 0)
      await stillServes(invoker)
    }
  },

  'F22 a body behind 204 and 304 reaches nobody': async (t, name) => {
    for (const status of ['204 No Content', '304 Not Modified']) {
      for (const framing of [
        'content-length: 5\r\n\r\nhello',
        'transfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      ]) {
        const platform = new RawPlatform((socket, _request, nth) =>
          socket.write(nth === 1 ? `HTTP/1.1 ${status}\r\n${framing}` : wholeAnswer(name)),
        )
        const invoker = await platform.open(t, name)
        const attempt = await ask(invoker, { method: 'POST', body: Buffer.from('{}') })
        assert.equal(attempt.received, 0, attempt.summary())
        await stillServes(invoker)
      }
    }
  },

  'F26 an upload that nobody reads is not taken without end': async (t, name) => {
    const platform = new RawPlatform((socket) => socket.pause())
    const invoker = await platform.open(t, name)
    const piece = Buffer.alloc(64 * 1024, 'u')
    let pulled = 0
    const body = new Readable({
      read() {
        pulled += piece.length
        this.push(pulled > 256 * MEBIBYTE ? null : piece)
      },
    })
    const attempt = call(invoker, { method: 'POST', path: '/', body, bodyLength: 256 * MEBIBYTE })
    for (let before = -1; before !== pulled; await delay(50)) before = pulled
    assert.ok(pulled < 40 * MEBIBYTE, `${pulled} bytes`)
    attempt.abort()
    assert.deepEqual(attempt.offences, [])
  },

  'F27 an answer before the upload is over arrives, and the connection carries no other call': async (
    t,
    name,
  ) => {
    const platform = new RawPlatform((socket) => socket.write(wholeAnswer(name)))
    const invoker = await platform.open(t, name)
    const body = new Readable({ read() {} })
    body.push('{"half":')
    const attempt = call(invoker, { method: 'POST', path: '/', body, bodyLength: 1000 })
    if (!TAKE_WHOLE.has(name)) await attempt.until(({ status }) => status === 200, 'the head')
    else assert.equal(platform.requests, 0)
    attempt.abort()
    await stillServes(invoker)
    for (const socket of platform.connections.slice(0, -1)) if (!socket.closed) await once(socket, 'close')
  },
}

/** They send nothing before the body of a request is whole. */
const TAKE_WHOLE = new Set([
  'lambda',
  'lambda, streaming',
  'lambda, signed Function URLs',
  'openwhisk',
  'riff',
])

/** Rows in which drivers have no part of their own: which file holds them, and why once is enough. */
const ONCE: Readonly<Record<string, readonly [file: string, because: string]>> = {
  F09: [
    '../e2e/faults.test.ts',
    'how many attempts there are, and by when, is decided for all drivers alike',
  ],
  F31: ['../e2e/health.test.ts', 'health goes by the outcome alone, whichever driver said it'],
  K05: ['../e2e/websocket-ends.test.ts', 'who may open a WebSocket is known before a driver hears of it'],
  K08: [
    '../e2e/websocket-ends.test.ts',
    'the open connection is not the driver’s; the kit has both ends of each',
  ],
}

for (const name of Object.keys(INVOKERS)) {
  for (const [title, row] of Object.entries(ROWS)) test(`${name}: ${title}`, (t) => row(t, name))
}

test('each row of the checklist that concerns drivers is held for every driver, or once for a reason', async () => {
  const all = 'F02 F03 F04 F05 F06 F07 F08 F09 F11 F12 F21 F22 F23 F24 F25 F26 F27 F31 K05 K06 K08'
  const read = (file: string) => readFile(join(import.meta.dirname, file), 'utf8')
  const cuts = await read('raw-platform.test.ts')
  for (const row of all.split(' ')) {
    const once = ONCE[row]
    if (once !== undefined) assert.match(await read(once[0]), new RegExp(`test\\('${row} `), row)
    else assert.ok(cuts.includes(row) || Object.keys(ROWS).some((title) => title.includes(row)), row)
  }
})
