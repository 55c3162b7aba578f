import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Case } from './subject.ts'

const MEBIBYTE = 1024 * 1024

/** What kernel, runtime and parser may hold between two ends of which one stands still. */
const IN_TRANSIT = 16 * MEBIBYTE

const WANTS_STREAM = ['accept', 'text/event-stream']

/** Bodies flow while both ends are at work, and stop flowing when one end stops. */
export const STREAMS = {
  'pieces pass both ways before either end is done': async (subject) => {
    const body = new PassThrough()
    const attempt = subject.attempt({ method: 'POST', path: '/pipe', headers: WANTS_STREAM, body })
    for (const piece of ['first', 'second', 'third']) {
      const expected = attempt.received + piece.length
      body.write(piece)
      await attempt.until(({ received }) => received === expected, `the echo of "${piece}"`)
      assert.equal(attempt.outcome, null, 'the answer goes on')
    }
    body.end('last')
    await attempt.over()
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.equal(attempt.text, 'firstsecondthirdlast')
  },

  'a receiver that pauses stops the function': async (subject) => {
    const id = subject.id()
    const total = 96 * MEBIBYTE
    const attempt = subject.attempt({ path: `/flood/${total}?id=${id}`, headers: WANTS_STREAM })
    attempt.onData = () => attempt.flow!.pause()
    await attempt.until(({ received }) => received > 0, 'the first piece')
    const sent = async () => Number((await subject.events(id))[0]!.split(' ')[1])
    let before = -1
    for (let now = await sent(); now !== before; now = await sent()) {
      before = now
      await delay(100)
    }
    assert.ok(before < IN_TRANSIT, `${before} bytes sent to a receiver that stands still`)
    attempt.onData = null
    attempt.flow!.resume()
    await attempt.over()
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.equal(attempt.received, total)
  },

  'a function that does not read stops the sender': async (subject) => {
    const id = subject.id()
    let pulled = 0
    const piece = Buffer.alloc(65_536, 'u')
    const body = new Readable({
      read() {
        pulled += piece.length
        this.push(piece)
      },
    })
    const attempt = subject.attempt({
      method: 'POST',
      path: `/deaf?id=${id}`,
      body,
      bodyLength: 1024 * MEBIBYTE,
    })
    await subject.event(id, 'started', 1000)
    for (let before = -1; pulled !== before; await delay(100)) before = pulled
    assert.ok(pulled < IN_TRANSIT, `${pulled} bytes taken for a function that does not read`)
    assert.equal(attempt.outcome, null)
    attempt.abort()
  },

  'an answer before the body is read arrives': async (subject) => {
    // As much as leaves in one write: a platform that closes while more is sent may take its answer with it (RFC 9112, 9.6).
    const body = new PassThrough()
    body.write(Buffer.alloc(32_768))
    const attempt = subject.attempt({ method: 'POST', path: '/early', body, bodyLength: 64 * MEBIBYTE })
    await attempt.until(({ status, outcome }) => status !== 0 || outcome !== null, 'the head')
    assert.equal(attempt.status, 413, attempt.summary())
    attempt.abort()
    await subject.get('/echo')
  },
} satisfies Record<string, Case>
