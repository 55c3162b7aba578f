import assert from 'node:assert/strict'
import { test } from 'node:test'
import { areTagsRight, readOwnership, tagsOf } from '../../../kong-plugins/sync/ownership.ts'

const tags = tagsOf('edge', { digest: 'd1' }, 1700, 's1')

test('what is written into tags is read from them', () => {
  assert.deepEqual(readOwnership(tags), {
    owner: 'edge',
    digest: 'd1',
    record: { generation: 1700, state: 's1' },
  })
  assert.deepEqual(readOwnership(['team:a']), { owner: null, digest: null, record: null })
})

test('tags hold no character that Kong refuses', () => {
  for (const tag of tags) assert.match(tag, /^[\x20-\x7e]+$/)
  for (const tag of tags) assert.doesNotMatch(tag, /[,/]/)
})

test('tags are right whoever wrote them when, and wrong when somebody added or took one', () => {
  assert.ok(areTagsRight(tags, 'edge', 'd1'))
  assert.ok(areTagsRight(tagsOf('edge', { digest: 'd1' }, 99, null), 'edge', 'd1'))
  assert.ok(!areTagsRight([...tags, 'team:a'], 'edge', 'd1'))
  assert.ok(!areTagsRight(tags.slice(1), 'edge', 'd1'))
  assert.ok(!areTagsRight(tags, 'edge', 'd2'))
  assert.ok(!areTagsRight(tags, 'other', 'd1'))
})
