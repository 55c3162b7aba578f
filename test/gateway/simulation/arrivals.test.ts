import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivalsOf } from '../../../gateway/simulation/arrivals.ts'
import { parseScenario } from '../../../gateway/simulation/load-scenario.ts'

function timesOf(flow: Record<string, unknown>): number[] {
  const load = [{ function: 'f', ...flow }]
  const scenario = parseScenario(JSON.stringify({ load, platforms: {} }), '/s.yaml', [])
  return [...arrivalsOf(scenario)].map(({ atMs }) => atMs)
}

const within = (times: readonly number[], from: number, to: number) =>
  times.filter((at) => at >= from && at < to).length

test('even arrivals come at equal distances', () => {
  assert.deepEqual(timesOf({ arrivals: 'even', rate: [{ for: '1s', rate: 4 }] }), [125, 375, 625, 875])
})

test('a ramp brings what stands under its line, more and more of them', () => {
  const times = timesOf({ arrivals: 'even', rate: [{ for: '10s', rate: 0, to: 100 }] })
  assert.equal(times.length, 500)
  assert.equal(within(times, 0, 5000), 125)
  assert.ok(times.every((at, i) => i === 0 || at > times[i - 1]!))
})

test('independent arrivals come as often as was said, phase by phase, and as irregularly as chance', () => {
  const times = timesOf({
    rate: [
      { for: '100s', rate: 50 },
      { for: '100s', rate: 0 },
      { for: '100s', rate: 100 },
    ],
  })
  assert.ok(Math.abs(within(times, 0, 100_000) - 5000) < 250)
  assert.equal(within(times, 100_000, 200_000), 0)
  assert.ok(Math.abs(within(times, 200_000, 300_000) - 10_000) < 400)
  const seconds = Array.from({ length: 100 }, (_, i) => within(times, i * 1000, (i + 1) * 1000))
  const mean = seconds.reduce((sum, one) => sum + one, 0) / 100
  const variance = seconds.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 100
  assert.ok(variance / mean > 0.6 && variance / mean < 1.5, `variance by mean is ${variance / mean}`)
})

test('calls of several flows come in the order of time', () => {
  const load = [
    { function: 'f', rate: [{ for: '10s', rate: 20 }] },
    { function: 'g', rate: [{ for: '10s', rate: 30 }] },
  ]
  const all = [...arrivalsOf(parseScenario(JSON.stringify({ load, platforms: {} }), '/s.yaml', []))]
  assert.deepEqual(new Set(all.map(({ functionName }) => functionName)), new Set(['f', 'g']))
  assert.ok(all.every(({ atMs }, i) => i === 0 || atMs >= all[i - 1]!.atMs))
})
