import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigInvalid } from '../../../../gateway/config/mistakes.ts'
import { loadGatewayConfig } from '../../../../gateway/main.ts'
import { corsConfig } from '../../../../kong-plugins/sync/desired/cors.ts'
import { findUntranslatable } from '../../../../kong-plugins/sync/desired/untranslatable.ts'
import { configText } from '../../configuration.ts'
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

test('they are refused with the line where they stand, before anything is served', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-kong-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'dispatch.yaml')
  const plugins = { 'rate-limit': { limit: 1, window: '5m' } }
  const text = configText({ routes: [{ path: '/a', plugins, kong: { plugins: ['rate-limit'] } }] })
  await writeFile(file, JSON.stringify(JSON.parse(text), null, 2))
  await assert.rejects(loadGatewayConfig(file), (error) => {
    assert.ok(error instanceof ConfigInvalid)
    assert.equal(error.mistakes[0]!.path, 'routes[0].plugins.rate-limit')
    assert.match(error.mistakes[0]!.message, /Kong cannot be given this plugin/)
    return true
  })
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
