import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startUpstream } from '../../e2e/upstream.ts'
import { openPipeline, spyPlugin } from '../pipeline.ts'

/** Of a machine that is busy with other things. That none waits for another's time is seen by the order of the ends. */
const LATE_MS = 2000

/** A data plane whose functions never answer; the one at `/N` has N milliseconds, at most, to do so. */
async function openSilence(t: { after(end: () => unknown): void }, timesMs: readonly number[]) {
  const upstream = await startUpstream(t, () => {})
  const pipeline = await openPipeline(
    {
      identity: { development: true },
      backends: { b: { driver: 'http', url: upstream.url, connections: 1000 } },
      functions: Object.fromEntries(
        timesMs.map((ms) => [`f${ms}`, { deployments: ['b'], timeout: `${ms}ms` }]),
      ),
      routes: timesMs.map((ms) => ({ path: `/${ms}`, function: `f${ms}`, auth: 'none' })),
    },
    spyPlugin('spy', {}),
  )
  t.after(() => pipeline.close())
  return async (ms: number) => {
    const from = performance.now()
    const response = await fetch(`${pipeline.url}/${ms}`)
    await response.arrayBuffer()
    return { ms, status: response.status, tookMs: performance.now() - from }
  }
}

test('every call gets its own time, whatever was asked for before it', async (t) => {
  const call = await openSilence(t, [2000, 900, 300, 60])
  const ended: number[] = []
  const calls = [900, 300, 60, 300, 60].map((ms) =>
    call(ms).then((end) => {
      ended.push(ms)
      return end
    }),
  )
  for (const { ms, status, tookMs } of await Promise.all(calls)) {
    assert.equal(status, 504)
    assert.ok(tookMs >= ms && tookMs < ms + LATE_MS, `${tookMs} ms instead of ${ms}`)
  }
  assert.deepEqual(ended, [60, 60, 300, 300, 900])
})

test('calls that begin after others have ended are ended too', async (t) => {
  const call = await openSilence(t, [40, 80])
  for (let i = 0; i < 3; i++) {
    const { status, tookMs } = await call(i % 2 === 0 ? 40 : 80)
    assert.equal(status, 504)
    assert.ok(tookMs < 80 + LATE_MS, `${tookMs} ms`)
  }
})

test('many ends that lie close together all come', async (t) => {
  const times = Array.from({ length: 40 }, (_, i) => 50 + 3 * i)
  const call = await openSilence(t, times)
  const ends = await Promise.all([...times, ...times].map(call))
  for (const { ms, status, tookMs } of ends) {
    assert.equal(status, 504)
    assert.ok(tookMs >= ms && tookMs < ms + LATE_MS, `${tookMs} ms instead of ${ms}`)
  }
})
