import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plugin } from '../../../gateway/plugins/request-size.ts'
import { plainCall } from './call.ts'
import { pluginHost } from './host.ts'

function accessWith(limit: number, bodyLength: number) {
  const call = plainCall({ bodyLength, method: 'POST' })
  const verdict = plugin.create({ limit }, pluginHost()).access!(call)
  return { call, verdict }
}

test('a declared length up to the limit passes, one more byte is refused at once', () => {
  assert.equal(accessWith(1000, 999).verdict, undefined)
  assert.equal(accessWith(1000, 1000).verdict, undefined)
  const { verdict } = accessWith(1000, 1001)
  assert.ok(verdict !== undefined && 'code' in verdict)
  assert.equal(verdict.status, 413)
  assert.equal(verdict.code, 'GW_BODY_TOO_LARGE')
  assert.match(verdict.detail, /1000 bytes/)
})

test('a body of unknown length is counted while it arrives', () => {
  const { call, verdict } = accessWith(1000, -1)
  assert.equal(verdict, undefined)
  assert.equal(call.bodyLimit, 1000)
})

test('a limit of 0 takes no body at all', () => {
  assert.equal(accessWith(0, 0).verdict, undefined)
  assert.notEqual(accessWith(0, 1).verdict, undefined)
  assert.equal(accessWith(0, -1).call.bodyLimit, 0)
})

test('the refusal is built once', () => {
  const policy = plugin.create({ limit: 1 }, pluginHost())
  const call = plainCall({ bodyLength: 2 })
  assert.equal(policy.access!(call), policy.access!(call))
})
