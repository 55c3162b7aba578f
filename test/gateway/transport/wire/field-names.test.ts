import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIELD_NAMES, fieldIndex } from '../../../../gateway/transport/wire/field-names.ts'

const indexOf = (name: string) => {
  const bytes = Buffer.from(`\r\n${name}:`, 'latin1')
  return fieldIndex(bytes, 2, bytes.length - 1)
}

test('a known name is found in any case', () => {
  for (const [index, name] of FIELD_NAMES.entries()) {
    assert.equal(indexOf(name), index)
    assert.equal(indexOf(name.toUpperCase()), index)
    assert.equal(indexOf(name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())), index)
  }
})

test('a name that only resembles a known one is not taken for it', () => {
  for (const name of FIELD_NAMES) {
    for (const other of [
      `${name}x`,
      `x${name}`,
      name.slice(1),
      name.slice(0, -1),
      name.replaceAll('-', '_'),
    ]) {
      if (other === '' || FIELD_NAMES.includes(other)) continue
      assert.equal(indexOf(other), -1, other)
    }
  }
})
