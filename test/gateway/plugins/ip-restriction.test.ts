import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plugin } from '../../../gateway/plugins/ip-restriction.ts'
import { plainCall } from './call.ts'
import { pluginHost } from './host.ts'

function verdictFor(options: { allow?: string[]; deny?: string[] }, clientAddress: string) {
  const restriction = plugin.create({ allow: [], deny: [], ...options }, pluginHost())
  const verdict = restriction.precheck!(plainCall({ clientAddress }))
  if (verdict === undefined) return 'passes'
  assert.ok('code' in verdict)
  return `${verdict.status} ${verdict.code}`
}

const FORBIDDEN = '403 GW_ADDRESS_FORBIDDEN'

test('only addresses of the allow list pass', () => {
  const options = { allow: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'] }
  assert.equal(verdictFor(options, '192.0.2.255'), 'passes')
  assert.equal(verdictFor(options, '198.51.100.7'), 'passes')
  assert.equal(verdictFor(options, '2001:db8:ffff::1'), 'passes')
  assert.equal(verdictFor(options, '192.0.3.0'), FORBIDDEN)
  assert.equal(verdictFor(options, '198.51.100.8'), FORBIDDEN)
  assert.equal(verdictFor(options, '2001:db9::'), FORBIDDEN)
})

test('with a deny list alone, every other address passes', () => {
  const options = { deny: ['192.0.2.0/25'] }
  assert.equal(verdictFor(options, '192.0.2.127'), FORBIDDEN)
  assert.equal(verdictFor(options, '192.0.2.128'), 'passes')
  assert.equal(verdictFor(options, '::1'), 'passes')
})

test('deny wins over allow', () => {
  const options = { allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] }
  assert.equal(verdictFor(options, '10.2.0.1'), 'passes')
  assert.equal(verdictFor(options, '10.1.0.1'), FORBIDDEN)
})

test('an IPv4-mapped address is judged as the IPv4 address, however it is written', () => {
  for (const written of ['::ffff:10.0.0.1', '::FFFF:10.0.0.1', '::ffff:a00:1', '0:0:0:0:0:ffff:0a00:0001']) {
    assert.equal(verdictFor({ deny: ['10.0.0.0/8'] }, written), FORBIDDEN, written)
    assert.equal(verdictFor({ deny: ['::ffff:10.0.0.0/104'] }, written), FORBIDDEN, written)
  }
  assert.equal(verdictFor({ deny: ['::ffff:10.0.0.0/104'] }, '10.9.9.9'), FORBIDDEN)
})

test('a network of one family holds no address of the other', () => {
  assert.equal(verdictFor({ allow: ['::/0'] }, '10.0.0.1'), FORBIDDEN)
  assert.equal(verdictFor({ allow: ['0.0.0.0/0'] }, '2001:db8::1'), FORBIDDEN)
})

test('an address that cannot be read is refused, also by a deny list', () => {
  for (const address of ['', 'unknown', '10.0.0', '10.0.0.01', '1.2.3.4, 10.0.0.1', 'x'.repeat(1_000_000)]) {
    assert.equal(verdictFor({ deny: ['192.0.2.1'] }, address), FORBIDDEN, address.slice(0, 20))
  }
})

test('a wrong entry is refused at load and named', () => {
  for (const entry of [
    '10.0.0.0/33',
    '10.0.0',
    'example.com',
    '::/129',
    'fe80::1%eth0',
    '10.0.0.0/8/8',
    '1.2.3.4/',
    '::ffff:0.0.0.0/95',
  ]) {
    assert.throws(
      () => verdictFor({ deny: ['10.0.0.0/8', entry] }, '10.0.0.1'),
      (error: Error) => {
        assert.ok(error.message.startsWith('deny: '), error.message)
        assert.ok(error.message.includes(`"${entry}"`), error.message)
        return true
      },
    )
  }
})

test('empty lists, which would do nothing or refuse all, are refused at load', () => {
  assert.throws(() => verdictFor({}, '10.0.0.1'), /allow.*deny/)
})

test('the log is told which list refused; the caller is not', () => {
  const restriction = plugin.create({ allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] }, pluginHost())
  const reasons = ['10.1.0.1', '192.0.2.1', 'unknown'].map((clientAddress) => {
    const verdict = restriction.precheck!(plainCall({ clientAddress }))
    assert.ok(verdict !== undefined && 'reason' in verdict)
    assert.equal(verdict.detail, '')
    return verdict.reason
  })
  assert.deepEqual(reasons, [
    'the address is in the deny list',
    'the address is not in the allow list',
    'the address cannot be read',
  ])
})
