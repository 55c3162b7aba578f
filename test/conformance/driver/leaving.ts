import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { Case } from './subject.ts'

/** What "at once" may take on a busy machine. */
const AT_ONCE_MS = 1000

/** A client that leaves and a deadline that passes are the same to a driver: it is told to abort. */
export const LEAVING = {
  'who leaves before the head stops the function at once': async (subject) => {
    const id = subject.id()
    const attempt = subject.attempt({ path: `/hang?id=${id}` })
    await subject.event(id, 'started', AT_ONCE_MS)
    attempt.abort()
    await subject.event(id, 'left', AT_ONCE_MS)
  },

  'who leaves with a body in memory stops the function at once': async (subject) => {
    const id = subject.id()
    const attempt = subject.attempt({ method: 'POST', path: `/hang?id=${id}`, body: Buffer.from('body') })
    await subject.event(id, 'started', AT_ONCE_MS)
    attempt.abort()
    await subject.event(id, 'left', AT_ONCE_MS)
  },

  'who leaves in the middle of an answer stops the function at once': async (subject) => {
    const id = subject.id()
    const attempt = subject.attempt({ path: `/drip?id=${id}`, headers: ['accept', 'text/event-stream'] })
    await attempt.until(({ received }) => received > 0, 'the first piece')
    attempt.abort()
    await subject.event(id, 'left', AT_ONCE_MS)
  },

  'who leaves while a paused answer waits stops the function at once': async (subject) => {
    const id = subject.id()
    const attempt = subject.attempt({ path: `/drip?id=${id}`, headers: ['accept', 'text/event-stream'] })
    await attempt.until(({ received }) => received > 0, 'the first piece')
    attempt.flow!.pause()
    attempt.abort()
    await subject.event(id, 'left', AT_ONCE_MS)
  },

  'a request that is left during its upload is never complete': async (subject) => {
    const id = subject.id()
    const body = new PassThrough()
    body.write('half')
    const attempt = subject.attempt({ method: 'POST', path: `/upload?id=${id}`, body })
    await subject.event(id, 'started', AT_ONCE_MS)
    attempt.abort()
    await subject.event(id, 'left', AT_ONCE_MS)
    assert.ok(!(await subject.events(id)).includes('complete'))
  },

  'a request whose body breaks is never complete': async (subject) => {
    const id = subject.id()
    const body = new PassThrough()
    body.on('error', () => {})
    body.write('half')
    const attempt = subject.attempt({ method: 'POST', path: `/upload?id=${id}`, body })
    await subject.event(id, 'started', AT_ONCE_MS)
    body.destroy(new Error('the client broke off'))
    await attempt.over()
    assert.notEqual(attempt.outcome, 'answered')
    await subject.event(id, 'left', AT_ONCE_MS)
    assert.ok(!(await subject.events(id)).includes('complete'))
  },

  'an abort before the connection is there ends the attempt in silence': async (subject) => {
    const body = new PassThrough()
    const attempt = subject.attempt({ method: 'POST', path: '/digest', body })
    attempt.abort()
    attempt.abort()
    attempt.flow!.pause()
    attempt.flow!.resume()
    if (!body.closed) await once(body, 'close')
    await turn()
    assert.equal(attempt.outcome, null, attempt.summary())
    await subject.get('/echo')
  },

  'closing lets a running attempt finish': async (subject) => {
    const body = new PassThrough()
    const attempt = subject.attempt({
      method: 'POST',
      path: '/pipe',
      headers: ['accept', 'text/event-stream'],
      body,
    })
    body.write('a')
    await attempt.until(({ received }) => received === 1, 'the first piece')
    const closed = subject.platform.invoker.close()
    body.end('b')
    await attempt.over()
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.equal(attempt.text, 'ab')
    await closed
  },
} satisfies Record<string, Case>
