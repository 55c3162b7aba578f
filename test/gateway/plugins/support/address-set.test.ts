import assert from 'node:assert/strict'
import { BlockList, isIPv6 } from 'node:net'
import { test } from 'node:test'
import { parseAddress } from '../../../../gateway/plugins/support/address.ts'
import { AddressSet } from '../../../../gateway/plugins/support/address-set.ts'
import { randomOf } from './random.ts'

function has(set: AddressSet, address: string): boolean {
  const words = new Uint32Array(4)
  return set.has(parseAddress(address, words), words)
}

test('first and last address of a network are in it, their neighbours are not', () => {
  const set = new AddressSet(['10.20.0.0/14', '2001:db8:8000::/33', '192.0.2.77', '255.255.255.255/32'])
  for (const address of [
    '10.20.0.0',
    '10.23.255.255',
    '2001:db8:8000::',
    '2001:db8:ffff:ffff::',
    '192.0.2.77',
    '255.255.255.255',
  ]) {
    assert.ok(has(set, address), address)
  }
  for (const address of [
    '10.19.255.255',
    '10.24.0.0',
    '2001:db8:7fff:ffff::',
    '2001:db9::',
    '192.0.2.76',
    '192.0.2.78',
    '::',
  ]) {
    assert.ok(!has(set, address), address)
  }
})

test('host bits of an entry do not matter, and /0 is all of its family', () => {
  assert.ok(has(new AddressSet(['10.1.2.3/8']), '10.200.0.1'))
  assert.ok(has(new AddressSet(['0.0.0.0/0']), '255.255.255.255'))
  assert.ok(has(new AddressSet(['::/0']), 'ffff::'))
  assert.ok(!has(new AddressSet([]), '10.0.0.1'))
})

test('it agrees with net.BlockList on random networks of any size', () => {
  const random = randomOf(2)
  const word = () => random(2 ** 16)
  for (let round = 0; round < 40; round++) {
    const entries: string[] = []
    const list = new BlockList()
    for (let i = random(30); i >= 0; i--) {
      // Few different first bits, so that networks lie within one another.
      const [v4, v6] = [
        `10.${random(4)}.${random(256)}.${random(256)}`,
        `2001:${random(4)}:${word().toString(16)}::${word().toString(16)}`,
      ]
      const address = random(2) === 0 ? v4 : v6
      const bits = isIPv6(address) ? 16 + random(113) : 8 + random(25)
      entries.push(`${address}/${bits}`)
      list.addSubnet(address, bits, isIPv6(address) ? 'ipv6' : 'ipv4')
    }
    const set = new AddressSet(entries)
    for (let i = 0; i < 300; i++) {
      const v4 = `10.${random(5)}.${random(256)}.${random(256)}`
      const v6 = `2001:${random(5)}:${word().toString(16)}::${word().toString(16)}`
      const [near] = entries[random(entries.length)]!.split('/')
      for (const address of [v4, v6, near!]) {
        const expected = list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
        assert.equal(has(set, address), expected, `${address} in ${entries.join(' ')}`)
      }
    }
  }
})
