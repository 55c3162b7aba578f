import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corsConfig } from '../../../../kong-plugins/sync/desired/cors.ts'
import { findUntranslatable } from '../../../../kong-plugins/sync/desired/untranslatable.ts'
import { configOf } from '../configuration.ts'

async function sentenceFor(plugin: string, options: unknown): Promise<string | null> {
  const route = { path: '/a', plugins: { [plugin]: options }, kong: { plugins: [plugin] } }
  return findUntranslatable(await configOf([route]))?.sentence ?? null
}

test('settings that Kong has no word for are told, not left out', async () => {
  assert.match((await sentenceFor('rate-limit', { limit: 1, window: '5m' }))!, /no window of 300 s/)
  assert.match(
    (await sentenceFor('rate-limit', { limit: 1, window: '1m', by: 'organization' }))!,
    /calls of an organization/,
  )
  assert.match((await sentenceFor('cors', { origins: ['null'] }))!, /origin "null"/)
})

test('settings that Kong has words for are not', async () => {
  assert.equal(await sentenceFor('rate-limit', { limit: 1, window: '1h', by: 'route' }), null)
  assert.equal(
    await sentenceFor('rate-limit', { limit: 1, window: '1s', also: [{ limit: 9, window: '1d' }] }),
    null,
  )
  assert.equal(await sentenceFor('cors', { origins: ['*'] }), null)
})

test('a wildcard in an origin is an expression that takes the same origins', () => {
  const { origins } = corsConfig({
    origins: ['https://*.example.com', 'https://app-*.example.com'],
    methods: ['GET'],
    headers: null,
    exposedHeaders: [],
    credentials: false,
    maxAge: 0,
    privateNetwork: false,
  })
  const [label, part] = (origins as string[]).map((one) => new RegExp(`^${one}$`))
  assert.match('https://a.example.com', label!)
  assert.doesNotMatch('https://a.b.example.com', label!)
  assert.doesNotMatch('https://aXexampleYcom', label!)
  assert.match('https://app-1.example.com', part!)
  assert.doesNotMatch('https://web-1.example.com', part!)
})
