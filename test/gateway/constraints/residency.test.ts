import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isResident, residencyLack } from '../../../gateway/constraints/residency.ts'

test('without residency a function may run anywhere, also where the zone is unknown', () => {
  assert.ok(isResident('us-east/a', null))
  assert.ok(isResident(null, null))
  assert.equal(residencyLack(null, null), null)
})

test('a region holds its zones, a zone only itself, and an unknown zone is nowhere', () => {
  const residency = ['eu-west', 'eu-central/b']
  for (const zone of ['eu-west', 'eu-west/a', 'eu-central/b']) assert.ok(isResident(zone, residency), zone)
  for (const zone of ['eu-central', 'eu-central/a', 'us-east/a', 'eu-west-2/a', null])
    assert.ok(!isResident(zone, residency), String(zone))
  assert.ok(!isResident('eu-west', []))
})

test('why a function may not run somewhere is told', () => {
  assert.equal(
    residencyLack('us-east/a', ['eu-west', 'eu-central/b']),
    'is in us-east/a, outside of eu-west, eu-central/b',
  )
  assert.equal(residencyLack(null, ['eu-west']), 'says no zone, must be in eu-west')
  assert.equal(residencyLack('eu-west/a', ['eu-west']), null)
})
