import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reloads } from '../../../gateway/control/reloads.ts'
import type { ReloadHistory } from '../../../gateway/observe/gateway-status.ts'

const LOG = { info: () => {}, warn: () => {}, error: () => {} }

test('reloads run one at a time, and all who ask meanwhile share the next one', async () => {
  const { reloads, begun, finish } = paced()
  const first = reloads.request()
  const others = [reloads.request(), reloads.request(), reloads.request()]
  assert.equal(begun(), 1)
  finish([])
  assert.deepEqual(await first, [])
  await turn()
  assert.equal(begun(), 2, 'one more, because something may have changed since')
  const late = reloads.request()
  finish(['a mistake'])
  for (const other of others) assert.deepEqual(await other, ['a mistake'])
  await turn()
  assert.equal(begun(), 3)
  finish([])
  assert.deepEqual(await late, [])
})

test('the history counts what was taken and refused, and keeps the latest mistakes', async () => {
  const { reloads, finish } = paced()
  const run = async (mistakes: string[]) => {
    const asked = reloads.request()
    finish(mistakes)
    await asked
  }
  await run([])
  assert.deepEqual(reloads.history, { succeeded: 1, failed: 0, lastError: null })
  await run(['line 1', 'line 2'])
  const refused: ReloadHistory = reloads.history
  assert.equal(refused.failed, 1)
  assert.deepEqual(refused.lastError?.mistakes, ['line 1', 'line 2'])
  await run([])
  assert.deepEqual(reloads.history, { succeeded: 2, failed: 1, lastError: null })
})

test('idle resolves after the reload that runs and the one that waits', async () => {
  const { reloads, finish } = paced()
  void reloads.request()
  void reloads.request()
  let idle = false
  const waiting = reloads.idle().then(() => {
    idle = true
  })
  finish([])
  await turn()
  assert.equal(idle, false)
  finish([])
  await waiting
  await reloads.idle()
})

/** Reloads that end when the test says so. */
function paced() {
  const running: PromiseWithResolvers<readonly string[]>[] = []
  let begun = 0
  const reloads = new Reloads(() => {
    begun++
    const reload = Promise.withResolvers<readonly string[]>()
    running.push(reload)
    return reload.promise
  }, LOG)
  return {
    reloads,
    begun: () => begun,
    finish: (mistakes: readonly string[]) => running.shift()!.resolve(mistakes),
  }
}

/** Lets everything happen that waits for nothing. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
