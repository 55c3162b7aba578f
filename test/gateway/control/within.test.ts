import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TooLate, within } from '../../../gateway/control/within.ts'

const NEVER = new AbortController().signal

test('work that is done in time gives its result, and is told that nobody waits any more', async () => {
  let seen: AbortSignal | null = null
  const result = await within(60_000, NEVER, async (signal) => {
    seen = signal
    assert.equal(signal.aborted, false)
    return 7
  })
  assert.equal(result, 7)
  assert.equal(seen!.aborted, true)
})

test('work that takes too long is not waited for, and is told', async () => {
  let reason: unknown = null
  const work = (signal: AbortSignal) =>
    new Promise<never>(() => signal.addEventListener('abort', () => (reason = signal.reason)))
  await assert.rejects(within(5, NEVER, work), (error) => error instanceof TooLate && error === reason)
})

test('who leaves is not kept, also one who had left before', async () => {
  const leaving = new AbortController()
  const hanging = () => new Promise<never>(() => {})
  const waiting = within(60_000, leaving.signal, hanging)
  leaving.abort(new Error('left'))
  await assert.rejects(waiting, { message: 'left' })
  await assert.rejects(within(60_000, leaving.signal, hanging), { message: 'left' })
})
