import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleeperBefore } from '../../../gateway/placement/sleeper.ts'
import { call, Lab } from './lab.ts'

test('the one that is woken by the way is not called degraded for the one that serves the call', async () => {
  const lab = await Lab.open(
    { near: { offers: { gpu: true } }, far: {} },
    { prefers: { gpu: true }, coldStart: 'warm-peer' },
  )
  lab.deployment('near').slot.latency.cold = true
  const placing = call()
  const far = lab.place(placing)!
  assert.deepEqual([far.backend, placing.degraded], ['far', true])
  assert.equal(sleeperBefore(lab.placement, placing, far, lab.now)?.backend, 'near')
  assert.equal(placing.degraded, false)
})
