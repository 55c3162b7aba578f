import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderList } from '../../../gateway/contract/headers.ts'
import type { Plugin } from '../../../gateway/contract/plugin.ts'
import { Rejection } from '../../../gateway/contract/rejection.ts'
import { rateLimit } from '../../../gateway/plugins/rate-limit.ts'
import { type PlainCall, plainCall, principal } from './call.ts'
import { type Memory, pluginHost } from './host.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
/** The first second of a minute, of an hour and of a day. */
const MIDNIGHT = Date.UTC(2030, 0, 1)

interface Given {
  readonly limit: number
  readonly window: number
  readonly by: 'principal' | 'address' | 'route' | 'organization'
  readonly also: { limit: number; window: number }[]
  readonly keys: number | null
  readonly announce: boolean
}

const DEFAULTS: Given = { limit: 2, window: MINUTE, by: 'address', also: [], keys: null, announce: true }

function policy(given: Partial<Given> = {}, memory: Memory = new Map()) {
  const clock = { ms: MIDNIGHT }
  const limits = rateLimit(() => clock.ms).create({ ...DEFAULTS, ...given }, pluginHost(memory))
  return { clock, limits, ask: (call: PlainCall) => outcome(limits, call) }
}

function outcome(limits: Plugin, call: PlainCall) {
  const verdict = limits.access!(call)
  if (verdict === undefined) return 'passes'
  assert.ok(verdict instanceof Rejection)
  assert.equal(verdict.code, 'GW_RATE_LIMITED')
  assert.equal(verdict.headers[0], 'retry-after')
  return `refused for ${verdict.headers[1]} s`
}

function announced(limits: Plugin, call: PlainCall, status = 200) {
  const headers = new HeaderList()
  limits.headerFilter!(call, status, headers)
  return { policy: headers.get('ratelimit-policy'), state: headers.get('ratelimit') }
}

const from = (clientAddress: string) => plainCall({ clientAddress })

test('the limit passes in a window, the next call is refused until the window ends', () => {
  const { clock, ask } = policy({ limit: 2, window: MINUTE })
  const answers = [ask(from('192.0.2.1')), ask(from('192.0.2.1'))]
  assert.deepEqual(answers, ['passes', 'passes'])
  assert.equal(ask(from('192.0.2.1')), 'refused for 60 s')
  clock.ms += 59_001
  assert.equal(ask(from('192.0.2.1')), 'refused for 1 s')
  clock.ms += 999
  assert.equal(ask(from('192.0.2.1')), 'passes')
})

test('the refusal is 429 and says what the limit is', () => {
  const { limits } = policy({ limit: 1, window: MINUTE })
  limits.access!(from('192.0.2.1'))
  const verdict = limits.access!(from('192.0.2.1'))
  assert.ok(verdict instanceof Rejection)
  assert.equal(verdict.status, 429)
  assert.equal(verdict.detail, 'The limit is 1 in 60 s for one address.')
  assert.equal(limits.access!(from('192.0.2.1')), verdict, 'built once')
})

test('by address: IPv4 addresses count alone, IPv6 addresses by their network of 64 bits', () => {
  const { ask } = policy({ limit: 1 })
  assert.equal(ask(from('192.0.2.1')), 'passes')
  assert.equal(ask(from('192.0.2.2')), 'passes')
  assert.notEqual(ask(from('::ffff:192.0.2.2')), 'passes')
  assert.notEqual(ask(from('::ffff:c000:202')), 'passes')
  assert.equal(ask(from('2001:db8:1:2::1')), 'passes')
  assert.notEqual(ask(from('2001:db8:1:2:ffff:ffff:ffff:ffff')), 'passes')
  assert.notEqual(ask(from('2001:0DB8:0001:0002::9%eth0')), 'passes')
  assert.equal(ask(from('2001:db8:1:3::1')), 'passes')
})

test('by principal: the same principal counts from any address, and without one the address counts', () => {
  const { ask } = policy({ limit: 1, by: 'principal' })
  const call = (subject: string | null, clientAddress: string) =>
    ask(plainCall({ clientAddress, principal: subject === null ? null : principal(subject) }))
  assert.equal(call('ann', '192.0.2.1'), 'passes')
  assert.notEqual(call('ann', '192.0.2.2'), 'passes')
  assert.equal(call('bob', '192.0.2.1'), 'passes')
  assert.equal(call(null, '192.0.2.1'), 'passes')
  assert.notEqual(call(null, '192.0.2.1'), 'passes')
  assert.equal(call(null, '192.0.2.2'), 'passes')
})

test('by organization: everybody counts together, over all routes of the organization', () => {
  const { ask } = policy({ limit: 2, by: 'organization' })
  const call = (organization: string, name: string) =>
    ask(plainCall({ clientAddress: name, route: { name, organization, functionName: 'f' } }))
  assert.equal(call('acme', 'GET /a'), 'passes')
  assert.equal(call('acme', 'GET /b'), 'passes')
  assert.notEqual(call('acme', 'GET /c'), 'passes')
  assert.equal(call('globex', 'GET /a'), 'passes')
})

test('by route: everybody counts together, each route for itself', () => {
  const { ask } = policy({ limit: 1, by: 'route' })
  const call = (name: string, clientAddress: string) =>
    ask(plainCall({ clientAddress, route: { name, organization: 'acme', functionName: 'f' } }))
  assert.equal(call('GET /a', '192.0.2.1'), 'passes')
  assert.notEqual(call('GET /a', '192.0.2.2'), 'passes')
  assert.equal(call('GET /b', '192.0.2.1'), 'passes')
})

test('of several limits all must allow, and what one refuses counts for none', () => {
  const { clock, ask, limits } = policy({ limit: 2, window: SECOND, also: [{ limit: 3, window: MINUTE }] })
  const call = from('192.0.2.1')
  assert.deepEqual([ask(call), ask(call), ask(call)], ['passes', 'passes', 'refused for 1 s'])
  assert.match(announced(limits, call).state!, /"address-60s";r=1;/)
  clock.ms += SECOND
  assert.equal(ask(call), 'passes')
  assert.equal(ask(call), 'refused for 59 s')
  // The second limit refused: the first gave back what it had counted.
  assert.match(announced(limits, call).state!, /"address-1s";r=1;/)
})

test('when several limits are used up, the longest wait is told', () => {
  const { ask } = policy({ limit: 1, window: SECOND, also: [{ limit: 1, window: MINUTE }] })
  ask(from('192.0.2.1'))
  assert.equal(ask(from('192.0.2.1')), 'refused for 60 s')
})

test('answers announce the limits and what is left, in fields of the current draft only', () => {
  const { clock, limits, ask } = policy({
    limit: 2,
    window: MINUTE,
    also: [{ limit: 100, window: 60 * MINUTE }],
  })
  const call = from('192.0.2.1')
  ask(call)
  clock.ms += 500
  assert.deepEqual(announced(limits, call), {
    policy: '"address-60s";q=2;w=60, "address-3600s";q=100;w=3600',
    state: '"address-60s";r=1;t=60, "address-3600s";r=99;t=3600',
  })
  ask(call)
  ask(call)
  clock.ms += 20_000
  assert.equal(announced(limits, call, 429).state, '"address-60s";r=0;t=40, "address-3600s";r=98;t=3580')
})

test('what a function announces itself stays beside it', () => {
  const { limits } = policy()
  const headers = new HeaderList(['ratelimit', '"own";r=1;t=2'])
  limits.headerFilter!(from('192.0.2.1'), 200, headers)
  assert.equal(headers.all('ratelimit').length, 2)
})

test('nothing is announced when that is switched off, or to callers who did not say who they are', () => {
  const nothing = { policy: null, state: null }
  assert.deepEqual(announced(policy({ announce: false }).limits, from('192.0.2.1')), nothing)
  const { limits } = policy({ by: 'principal' })
  assert.deepEqual(announced(limits, from('192.0.2.1'), 401), nothing)
  assert.notDeepEqual(announced(limits, from('192.0.2.1'), 200), nothing)
})

test('a lower limit after a reload counts what was used already', () => {
  const memory: Memory = new Map()
  const before = policy({ limit: 10 }, memory)
  for (let i = 0; i < 5; i++) before.ask(from('192.0.2.1'))
  const after = policy({ limit: 6 }, memory)
  assert.deepEqual(
    [after.ask(from('192.0.2.1')), after.ask(from('192.0.2.1'))],
    ['passes', 'refused for 60 s'],
  )
  assert.equal(
    announced(policy({ limit: 3 }, memory).limits, from('192.0.2.1')).state,
    '"address-60s";r=0;t=60',
  )
})

test('windows that cannot be told to callers are refused at load', () => {
  assert.throws(() => policy({ window: 1500 }), /whole seconds/)
  assert.throws(() => policy({ window: 999 }), /whole seconds/)
  assert.throws(() => policy({ window: MINUTE, also: [{ limit: 5, window: MINUTE }] }), /same window of 60 s/)
})
