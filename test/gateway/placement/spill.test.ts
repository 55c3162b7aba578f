import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthOf, saturationOf, spreadLoads } from '../../../gateway/placement/spill.ts'

function split(...health: number[]): number[] {
  const loads = new Float64Array(health.length)
  spreadLoads(health, loads, health.length)
  return [...loads]
}

/** Pairs of availabilities in percent, as Envoy's documentation gives them. */
const ENVOY = [
  { available: [100, 100], loads: [100, 0] },
  { available: [72, 100], loads: [100, 0] },
  { available: [71, 100], loads: [99, 1] },
  { available: [50, 100], loads: [70, 30] },
  { available: [25, 100], loads: [35, 65] },
  { available: [0, 100], loads: [0, 100] },
  { available: [25, 25], loads: [50, 50] },
  { available: [25, 25, 100], loads: [35, 35, 30] },
]

for (const { available, loads } of ENVOY) {
  test(`without saturation, tiers that are ${available.join(', ')} % available take ${loads.join(', ')} %`, () => {
    assert.deepEqual(split(...available.map((percent) => healthOf(percent / 100, 0))), loads)
  })
}

for (const [use, home] of [
  [0.8, 100],
  [0.85, 100],
  [0.9, 70],
  [0.95, 35],
  [1, 0],
  [1.2, 0],
] as const) {
  test(`a home tier used to ${use * 100} % keeps ${home} % when spilling begins at 80 %`, () => {
    assert.deepEqual(split(healthOf(1, saturationOf(use, 0.8)), 100), [home, 100 - home])
  })
}

test('half the home tier down and the rest used to 90 % leaves 35 % at home', () => {
  assert.deepEqual(split(healthOf(0.5, saturationOf(0.9, 0.8)), 100), [35, 65])
})

test('no tier takes any when none has health', () => {
  const loads = new Float64Array([7, 7])
  assert.equal(spreadLoads([0, 0], loads, 2), false)
  assert.deepEqual([...loads], [0, 0])
})

test('whatever the healths, the loads sum to 100 and more health never means less load', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed % below
  }
  for (let round = 0; round < 20_000; round++) {
    const health = Array.from({ length: 1 + random(6) }, () => (random(3) === 0 ? 0 : random(101)))
    const before = split(...health)
    const sum = before.reduce((all, load) => all + load, 0)
    assert.equal(sum, health.some((h) => h > 0) ? 100 : 0, `${health}`)
    for (const [i, load] of before.entries()) if (health[i] === 0) assert.equal(load, 0, `${health}`)
    // Health of the first tier alone: its share may only grow.
    const better = split(Math.min(100, health[0]! + 1 + random(50)), ...health.slice(1))
    assert.ok(better[0]! >= before[0]!, `${health}: ${before} became ${better}`)
  }
})

test('more saturation never means more health', () => {
  for (let available = 0; available <= 1; available += 0.1) {
    let before = 100
    for (let use = 0; use <= 1.1; use += 0.01) {
      const health = healthOf(available, saturationOf(use, 0.8))
      assert.ok(health <= before)
      before = health
    }
  }
})
