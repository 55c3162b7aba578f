import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FieldLines } from '../../../gateway/contract/field-lines.ts'

test('a line is that of its value, whether it comes for the first time, again, or behind others', () => {
  const lines = new FieldLines({ host: 1 })
  const long = 'a'.repeat(1000)
  for (const value of ['', '', 'a', 'a', 'a', 'b', 'a', long, long, 'caf\xe9', 'caf\xe9', '', 'b', 'b'])
    assert.equal(lines.of('Host', 0).with(value), `\r\nHost: ${value}`)
  for (let id = 0; id < 300; id++) assert.equal(lines.of('Host', 0).with(String(id)), `\r\nHost: ${id}`)
  for (const value of ['a', 'a', 'a', 'b'])
    assert.equal(lines.of('Host', 0).with(value), `\r\nHost: ${value}`)
  assert.equal(lines.of('Host', 0).kind, 1)
  assert.equal(lines.of('Hosts', 0).kind, 0)
})

test('a value that no field can hold is refused each time, and what was there before stays', () => {
  const line = new FieldLines({}).of('x', 0)
  for (let i = 0; i < 3; i++) {
    assert.equal(line.with('a'), '\r\nx: a')
    for (const value of ['a\r\ny: z', '\u2026', '\0', 1 as unknown as string, ['a'] as unknown as string]) {
      assert.throws(() => line.with(value), TypeError)
      assert.throws(() => line.with(value), TypeError)
    }
  }
})

test('a name is found wherever it stands, also where another one stood before', () => {
  const lines = new FieldLines({ host: 1 })
  for (const place of [0, 1, 0, 63, 64, 1000, 0]) {
    for (const name of ['host', 'accept', 'Host', 'host']) {
      assert.equal(lines.of(name, place).with('a'), `\r\n${name}: a`)
      assert.equal(lines.of(name, place).kind, name.toLowerCase() === 'host' ? 1 : 0)
    }
    assert.throws(() => lines.of('no name', place), TypeError)
  }
})
