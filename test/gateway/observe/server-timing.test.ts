import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serverTiming } from '../../../gateway/observe/server-timing.ts'

test('the phases are given in milliseconds with two decimals', () => {
  assert.equal(serverTiming(0.0512, 12.3456, 0), 'access;dur=0.05, upstream;dur=12.35')
  assert.equal(serverTiming(0, 0, 0), 'access;dur=0, upstream;dur=0')
  assert.equal(serverTiming(1e3, 1e7, 0), 'access;dur=1000, upstream;dur=10000000')
})

test('a wait for a free slot is told, none is not', () => {
  assert.equal(serverTiming(0.5, 20, 12.345), 'access;dur=0.5, queue;dur=12.35, upstream;dur=20')
  assert.equal(serverTiming(0.5, 20, 0), 'access;dur=0.5, upstream;dur=20')
})

test('an answer of the gateway itself has no upstream', () => {
  assert.equal(serverTiming(0.5, -1, 0), 'access;dur=0.5')
})

test('a clock that goes backwards shows as 0', () => {
  assert.equal(serverTiming(-5, 2, 0), 'access;dur=0, upstream;dur=2')
})
