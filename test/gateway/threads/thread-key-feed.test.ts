import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JwksState } from '../../../gateway/identity/key-feed.ts'
import type { FromThread } from '../../../gateway/threads/messages.ts'
import { ThreadKeyFeed } from '../../../gateway/threads/thread-key-feed.ts'

const stateOf = (issuer: string, version: number): JwksState => ({
  issuer,
  version,
  state: 'ready',
  attemptedAt: 1,
  fetchedAt: 1,
  keys: [],
})

test('a thread knows the keys that it began with, and those that are told it later', () => {
  const feed = new ThreadKeyFeed([stateOf('a', 1)], () => {})
  assert.deepEqual(feed.current('a'), stateOf('a', 1))
  assert.equal(feed.current('b'), null)
  const heard: JwksState[] = []
  const stop = feed.subscribe((state) => heard.push(state))
  feed.take(stateOf('a', 2))
  stop()
  feed.take(stateOf('a', 3))
  assert.deepEqual(feed.current('a'), stateOf('a', 3))
  assert.deepEqual(heard, [stateOf('a', 2)])
})

test('each question gets its own answer, in whatever order they come', async () => {
  const asked: FromThread[] = []
  const feed = new ThreadKeyFeed([], (message) => asked.push(message))
  const first = feed.refresh('a', 'k')
  const second = feed.refresh('b', null)
  assert.deepEqual(asked, [
    { kind: 'keys-wanted', id: 0, issuer: 'a', keyId: 'k' },
    { kind: 'keys-wanted', id: 1, issuer: 'b', keyId: null },
  ])
  feed.answer(1, stateOf('b', 1))
  feed.answer(0, stateOf('a', 1))
  assert.deepEqual(await first, stateOf('a', 1))
  assert.deepEqual(await second, stateOf('b', 1))
})

test('a question that the main thread cannot answer fails, and an answer to nothing is passed over', async () => {
  const feed = new ThreadKeyFeed([], () => {})
  const asked = feed.refresh('a', null)
  feed.answer(0, null)
  await assert.rejects(asked, /no keys of this issuer/)
  feed.answer(0, stateOf('a', 1))
  feed.answer(99, null)
})
