import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSameRegion, isSameZone, isWithin, isZone, regionOf } from '../../../gateway/constraints/zone.ts'

test('a zone is a region, or a region and a zone, in lower case', () => {
  for (const text of ['eu-west-1', 'eu-west-1/a', 'berlin/rack-3', '1/2', 'a'.repeat(63)]) {
    assert.ok(isZone(text), text)
  }
  const no = ['', '/', 'a/', '/a', 'a/b/c', 'A', 'a b', 'a_b', '-a', 'a-', 'ä', 'a/b\n', 'a'.repeat(64)]
  for (const text of no) assert.ok(!isZone(text), JSON.stringify(text))
})

test('the region of a zone is the part before its slash, and that of a region itself', () => {
  assert.equal(regionOf('eu-west-1/a'), 'eu-west-1')
  assert.equal(regionOf('eu-west-1'), 'eu-west-1')
})

test('two places are in one zone only when both say which', () => {
  assert.ok(isSameZone('r/a', 'r/a'))
  assert.ok(!isSameZone('r/a', 'r/b'))
  assert.ok(!isSameZone('r/a', 'r'))
  assert.ok(!isSameZone('r', 'r'))
  assert.ok(isSameRegion('r', 'r'))
  assert.ok(isSameRegion('r/a', 'r'))
  assert.ok(!isSameRegion('r/a', 'r2/a'))
})

test('a zone is within itself and its region, a region is not within a zone', () => {
  assert.ok(isWithin('r/a', 'r'))
  assert.ok(isWithin('r/a', 'r/a'))
  assert.ok(isWithin('r', 'r'))
  assert.ok(!isWithin('r', 'r/a'))
  assert.ok(!isWithin('r/a', 'r/b'))
  assert.ok(!isWithin('r2/a', 'r'))
})
