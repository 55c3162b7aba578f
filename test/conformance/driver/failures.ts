import assert from 'node:assert/strict'
import { OUTCOMES } from '../../../gateway/contract/outcome.ts'
import type { Case, Subject } from './subject.ts'
import { TestAttempt } from './test-attempt.ts'

/** Each way to fail is told apart, because retries, health and the client's status depend on it. */
export const FAILURES = {
  'nobody listens: unreachable': async (subject) => {
    const invoker = await subject.platform.unreachable!()
    const attempt = await new TestAttempt(subject.platform.deployment, { path: '/echo' }).run(invoker).over()
    assert.equal(attempt.outcome, 'unreachable', attempt.summary())
    assert.deepEqual(attempt.offences, [])
    await invoker.close()
  },

  'the connection is reset before the head: reset': async (subject, outcome = 'reset') => {
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? Buffer.from('body') : null
      const attempt = await subject.ask({ method, path: '/fault/reset', body })
      assert.equal(attempt.outcome, outcome, attempt.summary())
      assert.equal(attempt.status, 0)
      assert.notEqual(attempt.detail, '')
    }
  },

  'an answer with a length is cut: no end': async (subject, outcome = 'reset') => {
    await cut(subject, '/fault/cut-length', outcome)
  },

  'a chunked answer is cut: no end': async (subject, outcome = 'reset') => {
    await cut(subject, '/fault/cut-chunked', outcome)
  },

  'the answer is not valid HTTP: malformed': async (subject, outcome = 'malformed') => {
    const attempt = await subject.ask({ path: '/fault/malformed' })
    assert.equal(attempt.outcome, outcome, attempt.summary())
    await subject.get('/echo')
  },

  'the function crashes: function-error': async (subject, outcome = 'function-error') => {
    for (const method of ['GET', 'HEAD', 'POST']) {
      const attempt = await subject.ask({ method, path: '/crash' })
      assert.equal(attempt.outcome, outcome, attempt.summary())
      assert.equal(attempt.status, 0, 'nothing of the crash is passed on')
    }
  },

  'the platform does not know the function: not-found': async (subject, outcome = 'not-found') => {
    for (const method of ['GET', 'HEAD', 'POST']) {
      const attempt = await subject.ask({ method, path: '/echo' }, subject.platform.unknown!)
      assert.equal(attempt.outcome, outcome, attempt.summary())
      assert.equal(attempt.status, 0)
    }
  },

  'the platform is full: overloaded, and not executed': async (subject) => {
    const { busy } = subject.platform
    const id = subject.id()
    const first = subject.attempt({ path: `/hang?id=${id}` }, busy)
    await subject.event(id, 'started', 1000)
    const second = await subject.ask({ method: 'POST', path: `/hang?id=${id}` }, busy)
    assert.equal(second.outcome, 'overloaded', second.summary())
    assert.equal(OUTCOMES[second.outcome].executed, 'no')
    assert.deepEqual(await subject.events(id), ['started'])
    first.abort()
  },

  'an answer that nobody asked for reaches nobody': async (subject) => {
    const id = subject.id()
    assert.equal((await subject.get(`/fault/idle-answer?id=${id}`)).text, 'clean')
    await subject.event(id, 'poisoned', 1000)
    for (const _ of [1, 2, 3, 4]) assert.notEqual((await subject.get('/echo')).text, 'POISON')
  },
} satisfies Record<string, Case>

async function cut(subject: Subject, path: string, outcome: string): Promise<void> {
  const attempt = await subject.ask({ path, headers: ['accept', 'text/event-stream'] })
  assert.equal(attempt.outcome, outcome, attempt.summary())
  assert.equal(attempt.status, 200)
  assert.equal(attempt.text, 'partial')
}
