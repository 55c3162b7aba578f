import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Distances,
  ELSEWHERE,
  SAME_REGION,
  SAME_ZONE,
  sayDistance,
} from '../../../gateway/constraints/distance.ts'

const distances = new Distances([
  { between: ['eu-west', 'eu-central'], distance: 20 },
  { between: ['eu-west/a', 'eu-central'], distance: 15 },
  { between: ['eu-west', 'eu-central/b'], distance: 12 },
  { between: ['eu-west/a', 'eu-central/b'], distance: 0.5 },
])

test('the own zone is nearer than the own region, that than all neighbours, and these than the rest', () => {
  const all = [
    distances.between('eu-west/a', 'eu-west/a'),
    distances.between('eu-west/a', 'eu-west/b'),
    distances.between('eu-west/a', 'eu-central/b'),
    distances.between('eu-west/c', 'eu-central/c'),
    distances.between('eu-west/a', 'us-east/a'),
  ]
  assert.deepEqual(all, [SAME_ZONE, SAME_REGION, 0.5, 20, ELSEWHERE])
  assert.deepEqual(
    all,
    all.toSorted((one, other) => one - other),
  )
})

test('what is said of zones counts more than what is said of their regions, in both directions', () => {
  const cases: [string, string, number][] = [
    ['eu-west/a', 'eu-central/b', 0.5],
    ['eu-west/a', 'eu-central/c', 15],
    ['eu-west/a', 'eu-central', 15],
    ['eu-west/c', 'eu-central/b', 12],
    ['eu-west/c', 'eu-central/c', 20],
    ['eu-west', 'eu-central', 20],
  ]
  for (const [from, to, expected] of cases) {
    assert.equal(distances.between(from, to), expected, `${from} ${to}`)
    assert.equal(distances.between(to, from), expected, `${to} ${from}`)
  }
})

test('a place that is unknown is elsewhere', () => {
  assert.equal(distances.between(null, 'eu-west/a'), ELSEWHERE)
  assert.equal(distances.between('eu-west/a', null), ELSEWHERE)
  assert.equal(distances.between(null, null), ELSEWHERE)
})

test('a region that names no zone is the same region and never the same zone', () => {
  assert.equal(distances.between('eu-west', 'eu-west'), SAME_REGION)
  assert.equal(distances.between('eu-west', 'eu-west/a'), SAME_REGION)
})

test('distances have names for people', () => {
  assert.deepEqual([SAME_ZONE, SAME_REGION, 12.5, ELSEWHERE].map(sayDistance), [
    'same zone',
    'same region',
    'distance 12.5',
    'elsewhere',
  ])
})
