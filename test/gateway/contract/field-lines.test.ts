import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FieldLines } from '../../../gateway/contract/field-lines.ts'

test('a line is that of its value, whether it comes for the first time, again, or behind others', () => {
  const lines = new FieldLines({ host: 1 })
  const long = 'a'.repeat(1000)
  for (const value of ['', '', 'a', 'a', 'a', 'b', 'a', long, long, 'caf\xe9', 'caf\xe9', '', 'b', 'b'])
    assert.equal(lines.of('Host').with(value), `\r\nHost: ${value}`)
  for (let id = 0; id < 300; id++) assert.equal(lines.of('Host').with(String(id)), `\r\nHost: ${id}`)
  for (const value of ['a', 'a', 'a', 'b']) assert.equal(lines.of('Host').with(value), `\r\nHost: ${value}`)
  assert.equal(lines.of('Host').kind, 1)
  assert.equal(lines.of('Hosts').kind, 0)
})

test('a value that no field can hold is refused each time, and what was there before stays', () => {
  const line = new FieldLines({}).of('x')
  for (let i = 0; i < 3; i++) {
    assert.equal(line.with('a'), '\r\nx: a')
    for (const value of ['a\r\ny: z', '\u2026', '\0', 1 as unknown as string, ['a'] as unknown as string]) {
      assert.throws(() => line.with(value), TypeError)
      assert.throws(() => line.with(value), TypeError)
    }
  }
})
