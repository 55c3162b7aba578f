import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBudgets } from '../../../bench/guard/budgets.ts'
import { micros } from '../../../bench/micro/index.ts'
import { measureMicro } from '../../../bench/micro/micro.ts'

/** A slow machine, and one on which much else runs, may take so much longer. What is broken takes longer still. */
const PATIENCE = 6

test('every micro-benchmark has a budget, and every budget a micro-benchmark', () => {
  assert.deepEqual(micros.map(({ name }) => name).toSorted(), Object.keys(readBudgets().micro).toSorted())
})

for (const micro of micros) {
  test(`${micro.name}: within ${PATIENCE} times its budget`, async () => {
    const { nanoseconds } = await measureMicro(micro, 3, 50)
    const most = readBudgets().micro[micro.name]! * PATIENCE
    assert.ok(nanoseconds < most, `${nanoseconds.toFixed(0)} ns, at most ${most}`)
  })
}
