import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from '../../../../gateway/config/reading/nearest.ts'

test('a name is found by a slip of the finger, another spelling or a missing ending', () => {
  const names = ['timeout', 'methods', 'function', 'trustedProxies', 'rate-limit', 'local', 'warn']
  const meant = {
    timout: 'timeout',
    Timeout: 'timeout',
    method: 'methods',
    func: 'function',
    trusted_proxies: 'trustedProxies',
    rateLimit: 'rate-limit',
    ratelimit: 'rate-limit',
    loacl: 'local',
    warning: 'warn',
  }
  for (const [name, expected] of Object.entries(meant)) assert.equal(nearest(name, names), expected, name)
})

test('what resembles nothing gets no suggestion', () => {
  for (const name of ['', 'x', 'zzzzzz', 'to', 'a'.repeat(10_000)])
    assert.equal(nearest(name, ['timeout', 'url', 'on']), null, name)
  assert.equal(nearest('anything', []), null)
})

test('the closest of several wins', () => {
  assert.equal(nearest('hosst', ['hosts', 'host', 'http']), 'hosts')
})
