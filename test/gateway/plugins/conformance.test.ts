// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of a plugin look like placeholders
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PluginDefinition } from '../../../gateway/contract/plugin.ts'
import { plugins } from '../../../gateway/plugins/index.ts'
import { pluginConformance } from '../../conformance/plugin.ts'

const subject = '${principal.subject}'

/** Options as people write them, one for each path through a plugin. */
const SAMPLES: Record<string, [object, ...object[]]> = {
  'ip-restriction': [{ deny: ['192.0.2.0/24'] }, { allow: ['10.0.0.0/8', '::/0'], deny: ['10.1.0.0/16'] }],
  cors: [
    { origins: ['*'] },
    {
      origins: ['null', 'https://*.example.com'],
      credentials: true,
      privateNetwork: true,
      exposedHeaders: ['etag'],
    },
    { origins: ['https://a.example'], headers: ['X-A'], methods: ['GET'], maxAge: '1h' },
  ],
  'request-size': [{}, { limit: '0B' }, { limit: '64KiB' }],
  'rate-limit': [
    { limit: 10, window: '1s', by: 'address' },
    { limit: 1, window: '1d', by: 'principal', also: [{ limit: 100_000, window: '1m' }], keys: 10 },
    { limit: 3, window: '1m', by: 'route', announce: false },
  ],
  'concurrency-limit': [
    { limit: 1, by: 'organization' },
    { limit: 10 },
    { limit: 3, by: 'address', keys: 1 },
    { limit: 1_000_000, by: 'route', keys: 10_000 },
  ],
  headers: [
    {},
    {
      request: {
        set: { 'X-User': subject },
        add: { 'x-from': '${client.address} ${call.host}${call.path}' },
        remove: ['cookie'],
      },
      response: {
        set: { 'x-frame-options': 'DENY' },
        add: { 'x-call': '${call.id}', 'x-who': `to ${subject}` },
        remove: ['server', 'vary'],
      },
    },
  ],
}

for (const definition of plugins) pluginConformance(definition, SAMPLES[definition.name]!)

test('the plugins that are built in have one name each, and run in this order', () => {
  const names = plugins.map(({ name }) => name)
  assert.deepEqual(names, [
    'ip-restriction',
    'cors',
    'request-size',
    'concurrency-limit',
    'rate-limit',
    'headers',
  ])
  assert.deepEqual(names.toSorted(), Object.keys(SAMPLES).toSorted())
})

const outside: { plugin: PluginDefinition } = await import(
  new URL('./outside/require-header.ts', import.meta.url).href
)
pluginConformance(outside.plugin, [{}, { header: 'X-Api-Version' }])
