import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import ipaddr from 'ipaddr.js'
import { parseAddress } from '../../../../gateway/plugins/support/address.ts'
import { randomOf } from './random.ts'

function read(text: string) {
  const words = new Uint32Array(4)
  return { family: parseAddress(text, words), words: [...words] }
}

test('both families are read into words', () => {
  assert.deepEqual(read('255.0.2.1'), { family: 4, words: [0, 0, 0, 0xff000201] })
  assert.deepEqual(read('2001:db8::ff00:42:8329'), { family: 6, words: [0x20010db8, 0, 0xff00, 0x00428329] })
  assert.deepEqual(read('::'), { family: 6, words: [0, 0, 0, 0] })
  assert.deepEqual(read('1:2:3:4:5:6:7:8'), { family: 6, words: [0x10002, 0x30004, 0x50006, 0x70008] })
  assert.deepEqual(read('64:ff9b::192.0.2.33'), { family: 6, words: [0x0064ff9b, 0, 0, 0xc0000221] })
  assert.deepEqual(read('fe80::1%eth0'), { family: 6, words: [0xfe800000, 0, 0, 1] })
})

test('an IPv4-mapped address is the IPv4 address', () => {
  const expected = { family: 4, words: [0, 0, 0, 0xc0000201] }
  for (const text of ['192.0.2.1', '::ffff:192.0.2.1', '::FFFF:c000:201', '0:0:0:0:0:ffff:192.0.2.1']) {
    assert.deepEqual(read(text), expected, text)
  }
})

test('the same texts are addresses as for the net module, however they are broken', () => {
  const random = randomOf(1)
  const seeds = [
    '192.0.2.1',
    '2001:db8::ff00:42:8329',
    '::ffff:10.0.0.1',
    '::',
    '1:2:3:4:5:6:7:8',
    '1::8',
    '64:ff9b::1.2.3.4',
    '::1',
  ]
  const pieces = [':', '::', '.', '0', '00', '1', '255', '256', 'ffff', 'g', '', '1.2.3.4', '/', ' ', '10000']
  let addresses = 0
  for (let i = 0; i < 60_000; i++) {
    let text = seeds[random(seeds.length)]!
    for (let edits = random(4); edits > 0; edits--) {
      const at = random(text.length + 1)
      text = text.slice(0, at) + pieces[random(pieces.length)]! + text.slice(at + random(3))
    }
    const { family, words } = read(text)
    assert.equal(
      family !== 0,
      isIP(text) !== 0,
      `${JSON.stringify(text)} is ${family} here, ${isIP(text)} there`,
    )
    if (family === 0) continue
    addresses++
    // ipaddr.js alone takes `::1.2.3.4` for a mapped address; RFC 4291, 2.5.5 has it apart.
    const bytes = ipaddr.process(text.replace(/^::(?=\d+\.)/, '0::')).toByteArray()
    const padded = [...new Array(16 - bytes.length).fill(0), ...bytes]
    const expected = [0, 4, 8, 12].map((at) => Buffer.from(padded).readUInt32BE(at))
    assert.deepEqual(words, expected, text)
    assert.equal(family, bytes.length === 4 ? 4 : 6, text)
  }
  assert.ok(addresses > 5000)
})
