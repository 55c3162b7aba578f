import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TrustedPeers } from '../../../gateway/snapshot/trusted-peers.ts'

test('nobody is trusted by default', () => {
  const peers = new TrustedPeers([])
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', '']) assert.ok(!peers.has(address))
})

test('addresses and networks are trusted, asked once or twice', () => {
  const peers = new TrustedPeers(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1/128'])
  for (let i = 0; i < 2; i++) {
    for (const address of ['10.0.0.1', '10.255.255.255', '192.0.2.7', '2001:db8::1', '::1']) {
      assert.ok(peers.has(address), address)
    }
    for (const address of ['11.0.0.1', '9.255.255.255', '192.0.2.8', '2001:db9::1', '::2', '127.0.0.1']) {
      assert.ok(!peers.has(address), address)
    }
  }
})

test('what is no address is not trusted and does not throw', () => {
  const peers = new TrustedPeers(['0.0.0.0/0', 'fe80::/10'])
  for (const address of ['', 'unknown', '/tmp/socket', '10.0.0', '10.0.0.1:80', '::g']) {
    assert.ok(!peers.has(address), address)
  }
})

test('a link-local peer is trusted whatever its zone', () => {
  const peers = new TrustedPeers(['fe80::/10'])
  assert.ok(peers.has('fe80::1%eth0'))
  assert.ok(!new TrustedPeers(['2001:db8::/32']).has('fe80::1%eth0'))
})

test('many peers in a row are still told apart', () => {
  const peers = new TrustedPeers(['10.0.0.0/16'])
  for (let i = 0; i < 25_000; i++) {
    const address = `10.${i % 3}.${(i >> 8) & 255}.${i & 255}`
    assert.equal(peers.has(address), i % 3 === 0, address)
  }
})
