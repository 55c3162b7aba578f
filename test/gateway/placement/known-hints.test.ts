import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HintMistake } from '../../../gateway/placement/hint.ts'
import { hintOf } from '../../../gateway/placement/known-hints.ts'

test('a hint that was seen before is the same object', () => {
  assert.equal(hintOf('gpu, burst=?0'), hintOf('gpu, burst=?0'))
  assert.notEqual(hintOf('gpu, burst=?0'), hintOf('gpu,burst=?0'))
})

test('a mistake is told again each time', () => {
  const one = hintOf('zoen="a"')
  assert.ok(one instanceof HintMistake)
  assert.notEqual(one, hintOf('zoen="a"'))
  assert.deepEqual(one, hintOf('zoen="a"'))
})

test('of a flood of hints only the last are kept', () => {
  const first = hintOf('max-latency=7')
  for (let i = 0; i < 2000; i++) hintOf(`label.flood="${i}"`)
  assert.notEqual(hintOf('max-latency=7'), first)
  assert.deepEqual(hintOf('max-latency=7'), first)
})
