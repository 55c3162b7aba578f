import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { idOf, isIdOf } from '../../../../kong-plugins/sync/desired/identifiers.ts'

test('an id that was given is known again by whom and for what it was given, and no other is', () => {
  const id = idOf('one', 'routes', 'a')
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.ok(isIdOf('one', 'routes', id))
  assert.ok(!isIdOf('two', 'routes', id))
  assert.ok(!isIdOf('one', 'plugins', id))
  for (const other of [id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), randomUUID(), 'name', ''])
    assert.ok(!isIdOf('one', 'routes', other), other)
})
