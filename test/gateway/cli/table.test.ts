import assert from 'node:assert/strict'
import { test } from 'node:test'
import { table } from '../../../gateway/cli/table.ts'

test('columns are aligned, without spaces at the end of a line', () => {
  const rows = [
    ['a', 'long name', ''],
    ['bcd', 'x', 'last'],
  ]
  assert.equal(table(rows, '> '), '> a    long name\n> bcd  x          last\n')
  assert.equal(table([]), '')
})

test('nothing in a cell can steer the terminal', () => {
  assert.equal(table([['a\u001b[31mred\u0007\r\nb\u202e']]), 'a [31mred b\n')
})
