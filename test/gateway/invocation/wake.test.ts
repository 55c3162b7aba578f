import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FixedPlatform, startFixedPlatform } from '../../e2e/fixed-platform.ts'
import type { Cleanup } from '../../e2e/gateway.ts'
import { openPipeline, type Pipeline, spyPlugin } from '../pipeline.ts'

interface Sleeping {
  readonly pipeline: Pipeline
  /** Takes five seconds to wake. */
  readonly near: FixedPlatform
  readonly far: FixedPlatform
}

/** A near platform on which no instance runs, and a far one that is awake. */
async function openSleeping(t: Cleanup, fn: Record<string, unknown>): Promise<Sleeping> {
  const near = await startFixedPlatform(t, 5000)
  const far = await startFixedPlatform(t, 1)
  const pipeline = await openPipeline(
    {
      placement: { zone: 'here/a' },
      backends: {
        near: { driver: 'http', url: near.url, zone: 'here/a' },
        far: { driver: 'http', url: far.url, zone: 'there/a' },
      },
      functions: { f: { deployments: ['near', 'far'], coldStart: 'warm-peer', ...fn } },
      routes: [{ path: '/*', function: 'f', auth: 'none' }],
    },
    spyPlugin('idle', {}),
  )
  t.after(() => pipeline.close())
  pipeline.snapshot.functions.get('default/f')!.deployments[0]!.slot.latency.cold = true
  return { pipeline, near, far }
}

async function status({ pipeline }: Sleeping, method = 'GET'): Promise<number> {
  return (await fetch(pipeline.url, { method })).status
}

test('while a near deployment sleeps a warm one answers, and one call wakes the near one by the way', async (t) => {
  const sleeping = await openSleeping(t, { hedge: { after: '4s' } })
  for (let i = 0; i < 5; i++) assert.equal(await status(sleeping), 200)
  assert.deepEqual([sleeping.near.ids.length, sleeping.far.ids.length], [1, 5])
})

test('a call with effects wakes nobody by the way', async (t) => {
  const sleeping = await openSleeping(t, { hedge: { after: '4s' } })
  for (let i = 0; i < 5; i++) assert.equal(await status(sleeping, 'POST'), 200)
  assert.deepEqual([sleeping.near.ids.length, sleeping.far.ids.length], [0, 5])
})

test('without hedging no call is sent twice, not even to wake', async (t) => {
  const sleeping = await openSleeping(t, {})
  for (let i = 0; i < 5; i++) assert.equal(await status(sleeping), 200)
  assert.deepEqual([sleeping.near.ids.length, sleeping.far.ids.length], [0, 5])
})

test('when the warm one is gone the sleeping one gets the call', async (t) => {
  const sleeping = await openSleeping(t, {})
  sleeping.far.kill()
  sleeping.near.serviceMs = 5
  assert.equal(await status(sleeping), 200)
  assert.equal(sleeping.near.ids.length, 1)
})
