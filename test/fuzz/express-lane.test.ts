import assert from 'node:assert/strict'
import { test } from 'node:test'
import { target } from './express-lane.ts'

test('a short run finds no request that the express lane and Node read differently', async (t) => {
  const { cases, accepted, refused, failures } = await target.run({ seed: 1, count: 20_000 })
  assert.deepEqual(failures, [])
  t.diagnostic(`${accepted} of ${cases} accepted, ${refused.size} reasons to leave or to refuse`)
  // Otherwise it would prove nothing.
  assert.ok(accepted > cases / 10 && refused.size > 15)
})
