import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Look, untilReady } from '../../../drivers/support/until-ready.ts'
import type { DeployProgress } from '../../../gateway/contract/lifecycle.ts'

const seen = (isReady: boolean, ready: number, detail = 'starting'): Look => ({
  isReady,
  progress: { ready, wanted: 2, detail },
})

function looking(looks: readonly (Look | Error)[], signal = new AbortController().signal) {
  const left = [...looks]
  const told: DeployProgress[] = []
  const look = async (): Promise<Look> => {
    const next = left.length > 1 ? left.shift()! : left[0]!
    if (next instanceof Error) throw next
    return next
  }
  return { told, left, done: untilReady({ look, progress: (step) => told.push(step), everyMs: 1, signal }) }
}

test('it looks until the function is ready, and tells only what has changed', async () => {
  const { told, done } = looking([seen(false, 0), seen(false, 0), seen(false, 1), seen(true, 2, 'ready')])
  await done
  assert.deepEqual(
    told.map(({ ready, detail }) => [ready, detail]),
    [
      [0, 'starting'],
      [1, 'starting'],
      [2, 'ready'],
    ],
  )
})

test('what the look says can never be ready ends it', async () => {
  await assert.rejects(looking([seen(false, 0), new Error('no such image')]).done, {
    message: 'no such image',
  })
})

test('it ends with the reason of the signal, also between two looks', async () => {
  const aborting = new AbortController()
  const { done } = looking([seen(false, 0)], aborting.signal)
  setImmediate(() => aborting.abort(new Error('nobody waits')))
  await assert.rejects(done, { message: 'nobody waits' })
})
