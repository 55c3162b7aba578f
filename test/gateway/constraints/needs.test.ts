import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lacksOf, type Needs, type Offers, offersAll } from '../../../gateway/constraints/needs.ts'

const GiB = 2 ** 30
const NOTHING: Needs = { gpu: null, arch: null, memory: null, labels: {} }
const BARE: Offers = { gpu: null, arch: [], memory: null, labels: {} }
const RICH: Offers = {
  gpu: { model: 'a100', count: 2 },
  arch: ['amd64', 'arm64'],
  memory: 16 * GiB,
  labels: { tier: 'gold' },
}

test('who needs nothing can go anywhere', () => {
  assert.deepEqual(lacksOf(BARE, NOTHING), [])
  assert.deepEqual(lacksOf(RICH, NOTHING), [])
})

const MET: Partial<Needs>[] = [
  { gpu: { model: null, count: 1 } },
  { gpu: { model: 'a100', count: 2 } },
  { arch: 'arm64' },
  { memory: 16 * GiB },
  { labels: { tier: 'gold' } },
]
for (const needs of MET) {
  test(`an offer that has it meets ${JSON.stringify(needs)}, one that says nothing does not`, () => {
    assert.deepEqual(lacksOf(RICH, { ...NOTHING, ...needs }), [])
    assert.equal(lacksOf(BARE, { ...NOTHING, ...needs }).length, 1)
  })
}

const LACKS: [Offers, Partial<Needs>, string][] = [
  [BARE, { gpu: { model: null, count: 1 } }, 'offers no gpu'],
  [RICH, { gpu: { model: 't4', count: 1 } }, 'gpu model is a100, needs t4'],
  [
    { ...BARE, gpu: { model: null, count: 1 } },
    { gpu: { model: 't4', count: 1 } },
    'gpu model is not said, needs t4',
  ],
  [RICH, { gpu: { model: 'a100', count: 3 } }, 'gpu count is 2, needs 3'],
  [BARE, { arch: 'arm64' }, 'offers no arch, needs arm64'],
  [RICH, { arch: 'riscv64' }, 'arch is amd64, arm64, needs riscv64'],
  [BARE, { memory: GiB }, 'offers no memory, needs 1GiB'],
  [RICH, { memory: 16 * GiB + 1 }, 'memory is 16GiB, needs 17179869185B'],
  [RICH, { memory: 1.5 * 1024 * GiB }, 'memory is 16GiB, needs 1536GiB'],
  [BARE, { labels: { tier: 'gold' } }, 'offers no label tier, needs gold'],
  [RICH, { labels: { tier: 'silver' } }, 'label tier is gold, needs silver'],
]
for (const [offers, needs, sentence] of LACKS) {
  test(`what is missing is told: ${sentence}`, () => {
    assert.deepEqual(lacksOf(offers, { ...NOTHING, ...needs }), [sentence])
    assert.equal(offersAll(offers, { ...NOTHING, ...needs }), false)
  })
}

test('everything that is missing is told at once', () => {
  const needs: Needs = {
    gpu: { model: null, count: 1 },
    arch: 'arm64',
    memory: GiB,
    labels: { tier: 'gold', team: 'x' },
  }
  assert.equal(lacksOf(BARE, needs).length, 5)
  assert.deepEqual(lacksOf(RICH, needs), ['offers no label team, needs x'])
})

test('labels with names that JavaScript gives a meaning are labels like any other', () => {
  const needs: Needs = { ...NOTHING, labels: { constructor: 'x' } }
  assert.deepEqual(lacksOf(BARE, needs), ['offers no label constructor, needs x'])
  assert.ok(offersAll({ ...BARE, labels: { constructor: 'x' } }, needs))
})

test('the yes or no and the sentences always agree', () => {
  const gpus = [null, { model: null, count: 1 }, { model: 'a100', count: 2 }, { model: 't4', count: 1 }]
  const memories = [null, GiB, 2 * GiB]
  const labels: Record<string, string>[] = [{}, { a: '1' }, { a: '2', b: '1' }]
  for (const offered of gpus)
    for (const gpu of gpus)
      for (const there of memories)
        for (const memory of memories)
          for (const have of labels)
            for (const want of labels) {
              const offers: Offers = { gpu: offered, arch: ['amd64'], memory: there, labels: have }
              const needs: Needs = { gpu, arch: memory === null ? 'amd64' : null, memory, labels: want }
              assert.equal(offersAll(offers, needs), lacksOf(offers, needs).length === 0)
            }
})
