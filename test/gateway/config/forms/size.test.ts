import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSize } from '../../../../gateway/config/forms/size.ts'

test('a size is a number and its unit, powers of 1024 with an i, else of 1000', () => {
  const written = {
    '0': 0,
    '500B': 500,
    '64KiB': 65_536,
    '10MiB': 10_485_760,
    '1GiB': 2 ** 30,
    '1TiB': 2 ** 40,
    '64KB': 64_000,
    '1MB': 1e6,
    '2GB': 2e9,
    '1.5KiB': 1536,
  }
  for (const [text, bytes] of Object.entries(written)) assert.deepEqual(parseSize(text), { value: bytes })
})

test('what is nearly a size is refused with the size that was meant', () => {
  const meant = {
    '100': '100B',
    '64k': '64KiB',
    '64K': '64KiB',
    '64kb': '64KB',
    '64kib': '64KiB',
    '10 MiB': '10MiB',
    '1g': '1GiB',
    '5bytes': '5B',
    '1Mb': '1MB',
  }
  for (const [text, suggestion] of Object.entries(meant)) {
    const refused = parseSize(text)
    assert.ok('message' in refused, text)
    assert.equal(refused.suggestion, suggestion)
  }
})

test('what is no size at all is refused without a guess', () => {
  for (const text of ['', 'KiB', '-1B', '1PB', '10x', '1KiB2', '999999999999999TiB']) {
    const refused = parseSize(text)
    assert.ok('message' in refused, text)
    assert.equal(refused.suggestion ?? null, null, text)
  }
})

test('bounds are part of the field', () => {
  assert.deepEqual(parseSize('1KiB', { min: '1KiB', max: '1KiB' }), { value: 1024 })
  assert.equal((parseSize('1023B', { min: '1KiB' }) as { expected: string }).expected, 'at least 1KiB')
  assert.equal((parseSize('2MiB', { max: '1MiB' }) as { suggestion: string }).suggestion, '1MiB')
})
