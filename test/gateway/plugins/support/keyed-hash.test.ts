import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyedHash } from '../../../../gateway/plugins/support/keyed-hash.ts'
import { randomOf } from './random.ts'

/** HalfSipHash-c-d with 64 bits, straight from the paper's description, over bytes. */
function reference(rounds: [number, number], key: [number, number], bytes: Buffer): [number, number] {
  const v = new Uint32Array([key[0], key[1] ^ 0xee, 0x6c796765 ^ key[0], 0x74656462 ^ key[1]])
  const rotate = (i: number, by: number) => (v[i] = (v[i]! << by) | (v[i]! >>> (32 - by)))
  const mix = (count: number) => {
    for (let i = 0; i < count; i++) {
      for (const [a, b, by, then] of [
        [0, 1, 5, 16],
        [2, 3, 8, 0],
        [0, 3, 7, 0],
        [2, 1, 13, 16],
      ] as const) {
        v[a]! += v[b]!
        rotate(b, by)
        v[b]! ^= v[a]!
        if (then > 0) rotate(a, then)
      }
    }
  }
  const whole = bytes.length & ~3
  const last = Buffer.alloc(4)
  bytes.copy(last, 0, whole)
  last[3] = bytes.length
  for (const block of [bytes.subarray(0, whole), last]) {
    for (let i = 0; i < block.length; i += 4) {
      v[3]! ^= block.readUInt32LE(i)
      mix(rounds[0])
      v[0]! ^= block.readUInt32LE(i)
    }
  }
  v[2]! ^= 0xee
  mix(rounds[1])
  const low = v[1]! ^ v[3]!
  v[1]! ^= 0xdd
  mix(rounds[1])
  return [low, v[1]! ^ v[3]!]
}

test('the reference in this test gives published results of HalfSipHash-2-4', () => {
  // Key 00 01 … 07, message 00 01 … (length - 1), from the table of 64-bit results of the reference code.
  const key: [number, number] = [0x03020100, 0x07060504]
  const published = [
    '218d1f59b9b83cc8',
    'be552412f8387315',
    '064f39ef7c50eb57',
    'ce0f1a45f7060679',
    'd5e78a175be52ea1',
    'cb9d7c3f2f3db580',
    'ce3e91358aa2bc25',
    'ff202728b07bc684',
    'edfee820bce4858c',
  ]
  for (const [length, expected] of published.entries()) {
    const message = Buffer.from(Array.from({ length }, (_, i) => i))
    const result = Buffer.alloc(8)
    const [low, high] = reference([2, 4], key, message)
    result.writeInt32LE(low | 0, 0)
    result.writeInt32LE(high | 0, 4)
    assert.equal(result.toString('hex'), expected)
  }
})

test('a text hashes as HalfSipHash-1-3 of its UTF-16 code units', () => {
  const random = randomOf(3)
  for (let i = 0; i < 2000; i++) {
    const key: [number, number] = [random(2 ** 32), random(2 ** 32)]
    const text = String.fromCharCode(...Array.from({ length: i % 150 }, () => random(2 ** 16)))
    const hash = new KeyedHash(...key)
    hash.text(text)
    const [low, high] = reference([1, 3], key, Buffer.from(text, 'utf16le'))
    assert.deepEqual([hash.low, hash.high], [low | 0, high | 0])
  }
})

test('another key gives another result, and each half is spread evenly', () => {
  const [one, other] = [new KeyedHash(1, 2), new KeyedHash(1, 3)]
  const counts = { low: new Uint32Array(256), high: new Uint32Array(256) }
  let same = 0
  for (let i = 0; i < 100_000; i++) {
    one.text(`10.0.${i >> 8}.${i & 255}`)
    other.text(`10.0.${i >> 8}.${i & 255}`)
    counts.low[one.low & 255]!++
    counts.high[one.high & 255]!++
    if (one.low === other.low) same++
  }
  assert.ok(same <= 1)
  for (const half of [counts.low, counts.high]) {
    // Expected 391 each; six standard deviations are 119.
    assert.ok(Math.min(...half) > 270 && Math.max(...half) < 512)
  }
})
