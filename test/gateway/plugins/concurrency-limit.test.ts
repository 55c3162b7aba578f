import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rejection } from '../../../gateway/contract/rejection.ts'
import { plugin } from '../../../gateway/plugins/concurrency-limit.ts'
import { type PlainCall, plainCall, principal } from './call.ts'
import { type Memory, pluginHost } from './host.ts'

interface Given {
  readonly limit: number
  readonly by: 'principal' | 'address' | 'route' | 'organization'
  readonly keys: number | null
}

function policy(given: Partial<Given> = {}, memory: Memory = new Map(), thread = 0) {
  const limits = plugin.create(
    { limit: 1, by: 'address', keys: null, ...given },
    pluginHost(memory, 2, thread),
  )
  return (call: PlainCall) => limits.access!(call)
}

const from = (clientAddress: string) => plainCall({ clientAddress })
const on = (organization: string, name: string) =>
  plainCall({ clientAddress: name, route: { name, organization, functionName: 'f' } })

test('as many calls as the limit run at once, and one that is over makes room', () => {
  const ask = policy({ limit: 2 })
  const calls = Array.from({ length: 3 }, () => from('192.0.2.1'))
  assert.equal(ask(calls[0]!), undefined)
  assert.equal(ask(calls[1]!), undefined)
  assert.ok(ask(calls[2]!) instanceof Rejection)
  // The refused one holds nothing.
  calls[2]!.end()
  assert.ok(ask(from('192.0.2.1')) instanceof Rejection)
  calls[0]!.end()
  calls[0]!.end()
  assert.equal(ask(from('192.0.2.1')), undefined)
  assert.ok(ask(from('192.0.2.1')) instanceof Rejection)
})

test('the refusal is 429, says what the limit is and when to come back, and is built once', () => {
  const ask = policy({ limit: 1, by: 'organization' })
  ask(from('192.0.2.1'))
  const verdict = ask(from('192.0.2.2'))
  assert.ok(verdict instanceof Rejection)
  assert.equal(verdict.status, 429)
  assert.equal(verdict.code, 'GW_CONCURRENCY_LIMITED')
  assert.equal(verdict.detail, 'The limit is 1 at once for one organization.')
  assert.deepEqual(verdict.headers, ['retry-after', '1'])
  assert.equal(ask(from('192.0.2.3')), verdict)
})

test('who shares a limit: an address, a principal wherever it is, a route, an organization', () => {
  const address = policy({ by: 'address' })
  assert.equal(address(from('192.0.2.1')), undefined)
  assert.equal(address(from('192.0.2.2')), undefined)
  assert.ok(address(from('192.0.2.1')) instanceof Rejection)

  const who = policy({ by: 'principal' })
  const as = (subject: string, clientAddress: string) =>
    plainCall({ clientAddress, principal: principal(subject) })
  assert.equal(who(as('ann', '192.0.2.1')), undefined)
  assert.equal(who(as('bob', '192.0.2.1')), undefined)
  assert.ok(who(as('ann', '192.0.2.2')) instanceof Rejection)
  assert.equal(who(from('192.0.2.1')), undefined)
  assert.ok(who(from('192.0.2.1')) instanceof Rejection)

  const route = policy({ by: 'route' })
  assert.equal(route(on('acme', 'GET /a')), undefined)
  assert.equal(route(on('acme', 'GET /b')), undefined)
  assert.ok(route(on('acme', 'GET /a')) instanceof Rejection)

  const organization = policy({ by: 'organization' })
  assert.equal(organization(on('acme', 'GET /a')), undefined)
  assert.ok(organization(on('acme', 'GET /b')) instanceof Rejection)
  assert.equal(organization(on('globex', 'GET /c')), undefined)
})

test('threads count together, and a reload with another limit goes on counting', () => {
  const memory: Memory = new Map()
  const call = from('192.0.2.1')
  assert.equal(policy({ limit: 1 }, memory, 0)(call), undefined)
  assert.ok(policy({ limit: 1 }, memory, 1)(from('192.0.2.1')) instanceof Rejection)
  const raised = policy({ limit: 2 }, memory, 1)
  assert.equal(raised(from('192.0.2.1')), undefined)
  assert.ok(raised(from('192.0.2.1')) instanceof Rejection)
  call.end()
  assert.equal(raised(from('192.0.2.1')), undefined)
})
