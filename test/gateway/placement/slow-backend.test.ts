import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment } from '../../../gateway/placement/deployment.ts'
import { call, EPOCH, Lab } from './lab.ts'

const SERVICE_MS = 20
const BETWEEN_MS = 3
const CHANGE_AT_MS = 2000
const SETTLED_AT_MS = CHANGE_AT_MS + 2000
const END_MS = SETTLED_AT_MS + 10_000

interface Running {
  readonly deployment: Deployment
  readonly admission: number
  readonly startedAt: number
  readonly endsAt: number
}

/** In virtual time: how long the calls take that begin after things have settled. */
async function timesAfterwards(seed: number, duration: (random: number) => number): Promise<number[]> {
  const lab = await Lab.open({ b0: {}, b1: {}, b2: {} }, {}, {}, seed)
  const running: Running[] = []
  const times: number[] = []
  for (let at = 0; at < END_MS; at += BETWEEN_MS * (0.5 + lab.random())) {
    running.sort((one, other) => one.endsAt - other.endsAt)
    while (running.length > 0 && running[0]!.endsAt <= at) {
      const { deployment, admission, startedAt, endsAt } = running.shift()!
      deployment.observe('answered', 200, endsAt - startedAt, admission, EPOCH + endsAt)
      deployment.release()
    }
    lab.now = EPOCH + at
    const placing = call()
    const deployment = lab.place(placing)!
    const isSlow = deployment.backend === 'b0' && at >= CHANGE_AT_MS
    const takesMs = duration(lab.random()) + (isSlow ? 500 : 0)
    running.push({ deployment, admission: placing.admission, startedAt: at, endsAt: at + takesMs })
    if (at >= SETTLED_AT_MS) times.push(takesMs)
  }
  return times.sort((one, other) => one - other)
}

const STEADY = (random: number) => SERVICE_MS * (0.8 + 0.4 * random)
const VARIED = (random: number) => SERVICE_MS - SERVICE_MS * Math.log(1 - random)
const SOMETIMES_LONG = (random: number) => (random < 0.05 ? 5 : 1) * SERVICE_MS * (0.8 + 0.4 * random)

for (const [name, duration, mostMs] of [
  ['all take about the same', STEADY, 1.2 * SERVICE_MS],
  ['take very different times', VARIED, 8 * SERVICE_MS],
  ['are long now and then', SOMETIMES_LONG, 6 * SERVICE_MS],
] as const) {
  test(`one of three gets half a second slower: p99 is back within two seconds when calls ${name}`, async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const times = await timesAfterwards(seed, duration)
      const p99 = times[Math.floor(times.length * 0.99)]!
      assert.ok(p99 <= mostMs, `p99 is ${p99} ms (seed ${seed})`)
    }
  })
}
