import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallPrice } from '../../../gateway/capacity/call-price.ts'

const FREE = { call: 0, second: 0, gbSecond: 0 }

test('a call costs its rate by call, by second, and by memory and second', () => {
  assert.equal(new CallPrice({ ...FREE, call: 0.0000002 }, 0).nanoFor(5000), 200)
  assert.equal(new CallPrice({ ...FREE, second: 0.001 }, 0).nanoFor(2500), 2_500_000)
  // 128 MiB for 100 ms at the list price of AWS Lambda for x86.
  const lambda = new CallPrice({ call: 0.0000002, second: 0, gbSecond: 0.0000166667 }, 128 * 2 ** 20)
  assert.equal(lambda.nanoFor(100), 200 + Math.ceil(16666.7 * 0.125 * 0.1))
})

test('started milliseconds and parts of a unit are rounded up, the noise of floating point is not', () => {
  const perSecond = new CallPrice({ ...FREE, second: 1 }, 0)
  assert.equal(perSecond.nanoFor(0.2), 1_000_000)
  assert.equal(new CallPrice({ ...FREE, call: 1.5e-9 }, 0).nanoFor(0), 2)
  for (let whole = 1; whole < 5000; whole++) {
    assert.equal(new CallPrice({ ...FREE, call: whole / 1e9 }, 0).nanoFor(0), whole)
  }
})

test('only what is paid by time grows with it', () => {
  assert.ok(!new CallPrice({ ...FREE, call: 1 }, 2 ** 30).growsWithTime)
  assert.ok(!new CallPrice({ ...FREE, gbSecond: 1 }, 0).growsWithTime)
  assert.ok(new CallPrice({ ...FREE, gbSecond: 1 }, 1).growsWithTime)
})
