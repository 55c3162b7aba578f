import assert from 'node:assert/strict'
import { test } from 'node:test'
import { desiredState, serviceOf } from '../../../../kong-plugins/sync/desired/desired-state.ts'
import { configOf, desiredOf, ofKind } from '../configuration.ts'

test('I18 Kong tries nothing twice, and gives up after the gateway does', async () => {
  const config = await configOf([{ path: '/a' }])
  const { fields } = serviceOf(desiredState(config))
  const longest = Math.max(config.gateway.timeouts.body, ...config.functions.map(({ timeout }) => timeout))
  assert.equal(fields['retries'], 0)
  for (const field of ['connect_timeout', 'read_timeout', 'write_timeout'])
    assert.ok(Number(fields[field]) > longest, `${field} ${String(fields[field])}`)
})

test('a WebSocket may be idle for longer than a function may take', async () => {
  const config = await configOf([{ path: '/a' }])
  const [route] = config.routes
  const timeoutWith = (upgrade: 'none' | 'websocket') =>
    serviceOf(desiredState({ ...config, routes: [{ ...route!, upgrade }] })).fields['read_timeout']
  assert.ok(Number(timeoutWith('websocket')) > config.gateway.websocket.idle)
  assert.ok(Number(timeoutWith('none')) < config.gateway.websocket.idle)
})

test('each gateway is a target, with IPv6 addresses as Kong writes them', async () => {
  const targets = ofKind(
    await desiredOf([], { targets: ['gw-0.internal:8080', '10.0.0.1:8080', '[2001:db8::1]:8080'] }),
    'targets',
  )
  assert.deepEqual(
    targets.map(({ fields }) => fields['target']),
    ['gw-0.internal:8080', '10.0.0.1:8080', '[2001:0db8:0000:0000:0000:0000:0000:0001]:8080'],
  )
})

test('Kong asks the gateways whether they take calls, and never judges them by functions that fail', async () => {
  const [upstream] = ofKind(await desiredOf([], { health: { path: '/up', interval: '7s' } }), 'upstreams')
  const { active, passive } = upstream!.fields['healthchecks'] as Record<string, Record<string, unknown>>
  assert.equal(active!['http_path'], '/up')
  assert.deepEqual(active!['healthy'], { interval: 7, successes: 1, http_statuses: [200] })
  assert.deepEqual(passive!['unhealthy'], { http_failures: 0, tcp_failures: 0, timeouts: 0 })
})
