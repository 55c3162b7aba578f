import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differencesOf } from '../../../kong-plugins/sync/differences.ts'
import type { Fields } from '../../../kong-plugins/sync/entities.ts'
import { normalise, writable } from '../../../kong-plugins/sync/normalise.ts'
import type { EntitySchema } from '../../../kong-plugins/sync/schema.ts'

const SCHEMA: EntitySchema = {
  fields: [
    { id: { type: 'string', auto: true } },
    { name: { type: 'string' } },
    { retries: { type: 'integer', default: 5 } },
    { methods: { type: 'set', elements: { type: 'string' } } },
    { hosts: { type: 'array', elements: { type: 'string' } } },
    { service: { type: 'foreign' } },
    { token: { type: 'string', auto: true } },
    {
      checks: {
        type: 'record',
        required: true,
        fields: [
          { interval: { type: 'number', default: 0 } },
          { path: { type: 'string', default: '/' } },
          { inner: { type: 'record', fields: [{ deep: { type: 'boolean', default: true } }] } },
        ],
      },
    },
    { headers: { type: 'map', values: { type: 'set', elements: { type: 'string' } } } },
  ],
}

const same = (one: Fields, other: Fields) =>
  differencesOf(normalise(one, SCHEMA).fields, normalise(other, SCHEMA).fields)

test('what is left out is the default of Kong, down into records', () => {
  const live = {
    id: 'x',
    created_at: 1,
    updated_at: 2,
    name: 'a',
    retries: 5,
    methods: null,
    hosts: null,
    service: null,
    token: 'chosen by Kong',
    checks: { interval: 0, path: '/', inner: null },
    headers: null,
    tags: ['t'],
  }
  assert.deepEqual(same({ name: 'a' }, live), [])
  assert.deepEqual(same({ name: 'a', checks: { interval: 5 } }, live), [
    { path: 'checks.interval', is: 0, shouldBe: 5 },
  ])
})

test('the order of a set does not matter, that of a list does', () => {
  assert.deepEqual(same({ methods: ['GET', 'PUT'] }, { methods: ['PUT', 'GET', 'GET'] }), [])
  assert.equal(same({ hosts: ['a', 'b'] }, { hosts: ['b', 'a'] }).length, 1)
  assert.deepEqual(same({ headers: { x: ['1', '2'] } }, { headers: { x: ['2', '1'] } }), [])
})

test('an empty list that Kong writes as {} is an empty list', () => {
  assert.deepEqual(same({ hosts: [] }, { hosts: {} }), [])
  assert.equal(same({ hosts: [] }, { hosts: null }).length, 1)
})

test('a reference is its id', () => {
  assert.deepEqual(same({ service: { id: 'a' } }, { service: { id: 'a', name: 'n' } }), [])
})

test('fields that this Kong does not know are neither compared nor written, and told', () => {
  const fields = { name: 'a', newer: true, checks: { interval: 1, newest: 2 } }
  assert.deepEqual(normalise(fields, SCHEMA).unknown, ['checks.newest', 'newer'])
  assert.deepEqual(writable(fields, SCHEMA), { name: 'a', checks: { interval: 1 } })
})
