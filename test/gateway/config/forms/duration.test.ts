import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDuration } from '../../../../gateway/config/forms/duration.ts'

test('a duration is a number and its unit, held in milliseconds', () => {
  const written = {
    '0': 0,
    '0s': 0,
    '250ms': 250,
    '10s': 10_000,
    '5m': 300_000,
    '1h': 3_600_000,
    '1d': 86_400_000,
    '1.5s': 1500,
    '0.1s': 100,
  }
  for (const [text, ms] of Object.entries(written)) assert.deepEqual(parseDuration(text), { value: ms })
})

test('what is nearly a duration is refused with the duration that was meant', () => {
  const meant = {
    '10': '10s',
    '5000': '5000ms',
    '10sec': '10s',
    '10 s': '10s',
    '5 minutes': '5m',
    '2Hours': '2h',
    '100msec': '100ms',
    '3days': '3d',
    '1h30m': '90m',
    '1d12h': '36h',
  }
  for (const [text, suggestion] of Object.entries(meant)) {
    const refused = parseDuration(text)
    assert.ok('message' in refused, text)
    assert.equal(refused.suggestion, suggestion)
  }
})

test('what is no duration at all is refused without a guess', () => {
  for (const text of ['', 's', '-1s', '1e3s', '10x', '1s 2', '1.5ms', '١s', '1_000ms', 'Infinitys']) {
    const refused = parseDuration(text)
    assert.ok('message' in refused, text)
    assert.equal(refused.suggestion ?? null, null, text)
  }
})

test('bounds are part of the field, and no timer waits longer than it can', () => {
  assert.deepEqual(parseDuration('1s', { min: '1s', max: '1m' }), { value: 1000 })
  assert.equal((parseDuration('999ms', { min: '1s' }) as { expected: string }).expected, 'at least 1s')
  assert.equal((parseDuration('61s', { max: '1m' }) as { expected: string }).expected, 'at most 1m')
  assert.equal((parseDuration('25d') as { expected: string }).expected, 'at most 24d')
  assert.deepEqual(parseDuration('365d', { max: '3650d' }), { value: 365 * 86_400_000 })
})
