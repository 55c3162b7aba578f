import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KongError } from '../../../kong-plugins/sync/kong-error.ts'
import { waitMs, withRetries } from '../../../kong-plugins/sync/retry.ts'

const NEVER = new AbortController().signal

function patienceOf(waits: number[]) {
  return { tries: 5, random: () => 1, pause: async (ms: number) => void waits.push(ms) }
}

async function failing(errors: KongError[], waits: number[] = []): Promise<string> {
  return withRetries(
    async () => {
      const error = errors.shift()
      if (error !== undefined) throw error
      return 'done'
    },
    NEVER,
    patienceOf(waits),
  )
}

test('what may succeed later is tried again, with waits that grow', async () => {
  const waits: number[] = []
  const errors = (['unreachable', 'timeout', 'failed'] as const).map((kind) => new KongError(kind, kind))
  assert.equal(await failing(errors, waits), 'done')
  assert.deepEqual(waits, [100, 200, 400])
})

test('a wait that Kong asks for is kept', () => {
  assert.ok(waitMs(1, new KongError('busy', '', { retryAfterMs: 3000 }), () => 0) >= 3000)
  assert.ok(waitMs(9, new KongError('busy', '', { retryAfterMs: 9_999_000 }), () => 1) <= 60_000)
})

test('what will fail again is not tried again', async () => {
  const waits: number[] = []
  await assert.rejects(failing([new KongError('invalid', 'no')], waits), /no/)
  assert.deepEqual(waits, [])
})

test('it is not tried for ever', async () => {
  const errors = Array.from({ length: 9 }, () => new KongError('failed', 'again'))
  await assert.rejects(failing(errors), /again/)
  assert.equal(errors.length, 4)
})
