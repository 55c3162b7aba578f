import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { turns } from '../../../gateway/contract/turns.ts'

test('the time stands still within a turn and is right in the next one', async () => {
  const first = turns.time
  const began = Date.now()
  while (Date.now() < began + 5);
  assert.equal(turns.time, first)
  await turnOfTheLoop()
  const before = Date.now()
  assert.ok(turns.time >= before && turns.time <= Date.now())
})
