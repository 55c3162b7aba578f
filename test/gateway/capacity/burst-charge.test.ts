import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BurstBudget, type BurstLimits } from '../../../gateway/capacity/burst-budget.ts'
import { type BurstCharge, tryCharge } from '../../../gateway/capacity/burst-charge.ts'
import { CallPrice } from '../../../gateway/capacity/call-price.ts'
import { releaseHeldBy } from '../../../gateway/capacity/held-count.ts'
import { RollingTotal } from '../../../gateway/capacity/rolling-total.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const NOW = Date.UTC(2030, 0, 1, 12, 34, 56)
const UNLIMITED: BurstLimits = { concurrency: null, rate: null, moneyNano: null }
/** A billionth for a call and one for each millisecond. */
const PRICE = new CallPrice({ call: 1e-9, second: 1e-6, gbSecond: 0 }, 0)

interface Line {
  readonly message: string
  readonly fields: object
}

function ledgers(
  own: Partial<BurstLimits>,
  shared: Partial<BurstLimits> = {},
  thread = 0,
  memory = new SharedMemory(),
) {
  const lines: Line[] = []
  const log = {
    info: () => {},
    warn: (fields: object, message: string) => void lines.push({ fields, message }),
    error: () => {},
  }
  const budget = (functionName: string | null, limits: Partial<BurstLimits>) =>
    new BurstBudget(
      { organization: 'acme', functionName },
      { ...UNLIMITED, ...limits },
      memory,
      2,
      thread,
      log,
    )
  return { own: budget('f', own), shared: budget(null, shared), lines, memory }
}

test('a call takes the most it may cost and gives back what it did not', () => {
  const { own, shared } = ledgers({ moneyNano: 250 })
  const first = tryCharge(own, shared, PRICE, 99, NOW)!
  const second = tryCharge(own, shared, PRICE, 99, NOW)!
  assert.equal(tryCharge(own, shared, PRICE, 99, NOW), null)
  assert.equal(own.read(NOW).reservedNano, 200)
  assert.equal(own.read(NOW).refusing, 'money')
  first.settle(9.5, NOW)
  assert.equal(own.read(NOW).spentNano, 11)
  assert.equal(shared.read(NOW).spentNano, 11)
  const third = tryCharge(own, shared, PRICE, 99, NOW)!
  assert.equal(own.read(NOW).refusing, null)
  second.cancel(NOW)
  third.settle(99, NOW)
  const { spentNano, reservedNano, inFlight, refused, calls, everSpentNano } = own.read(NOW)
  assert.deepEqual(
    { spentNano, reservedNano, inFlight, calls, everSpentNano },
    { spentNano: 111, reservedNano: 0, inFlight: 0, calls: 3, everSpentNano: 111 },
  )
  assert.deepEqual(refused, { concurrency: 0, rate: 0, money: 1 })
})

test('what the budget of the organization refuses is not taken from that of the function', () => {
  for (const limits of [{ concurrency: 1 }, { rate: 1 }, { moneyNano: 100 }]) {
    const { own, shared } = ledgers({}, limits)
    const charge = tryCharge(own, shared, PRICE, 99, NOW)!
    const before = own.read(NOW)
    assert.equal(tryCharge(own, shared, PRICE, 99, NOW), null)
    assert.deepEqual(own.read(NOW), before)
    assert.deepEqual(Object.keys(limits)[0]?.replace('Nano', ''), shared.read(NOW).refusing)
    charge.settle(99, NOW)
  }
})

test('what one limit of a budget refuses is not taken from its others', () => {
  const { own } = ledgers({ concurrency: 2, rate: 2, moneyNano: 100 })
  const charge = tryCharge(own, null, PRICE, 99, NOW)!
  for (let i = 0; i < 5; i++) assert.equal(tryCharge(own, null, PRICE, 99, NOW), null)
  assert.equal(own.read(NOW).inFlight, 1)
  assert.equal(own.read(NOW).rate, 1)
  charge.settle(0, NOW)
  assert.ok(tryCharge(own, null, PRICE, 49, NOW) !== null)
  assert.equal(tryCharge(own, null, PRICE, 1, NOW), null)
  assert.deepEqual(own.read(NOW).refused, { concurrency: 0, rate: 1, money: 5 })
})

test('a budget of 0 of any kind refuses everything, even what is free', () => {
  const free = new CallPrice({ call: 0, second: 0, gbSecond: 0 }, 0)
  for (const limits of [{ concurrency: 0 }, { rate: 0 }, { moneyNano: 0 }]) {
    const { own, shared, lines } = ledgers(limits)
    for (let i = 0; i < 3; i++) assert.equal(tryCharge(own, shared, free, 1000, NOW + i * HOUR), null)
    assert.equal(own.read(NOW).calls, 0)
    const other = ledgers({}, limits)
    assert.equal(tryCharge(other.own, other.shared, free, 1000, NOW), null)
    assert.deepEqual(lines, [])
  }
})

test('no second sees more calls begin than the rate, and every call beyond a second may', () => {
  const { own } = ledgers({ rate: 10 })
  const begun: number[] = []
  for (let ms = 0; ms < 5000; ms += 7) {
    const charge = tryCharge(own, null, PRICE, 1, NOW + ms)
    if (charge === null) continue
    begun.push(ms)
    charge.settle(1, NOW + ms)
  }
  for (const from of begun) {
    const within = begun.filter((ms) => ms >= from && ms < from + 1000)
    assert.ok(within.length <= 10, `${within}`)
  }
  // The window is up to a 60th longer than a second, so in 5 s it begins anew 4 times.
  assert.equal(begun.length, 50)
})

test('a call that outlives its time is paid a second ahead, before its time is over', () => {
  const { own, shared } = ledgers({ moneyNano: 3000 })
  const charge = tryCharge(own, shared, PRICE, 99, NOW)!
  assert.ok(charge.keepPaid(49, 50, NOW))
  assert.equal(own.read(NOW).reservedNano, 100)
  assert.ok(charge.keepPaid(50, 50, NOW))
  assert.equal(own.read(NOW).reservedNano, 1101)
  assert.ok(charge.keepPaid(1050, 50, NOW))
  assert.equal(shared.read(NOW).reservedNano, 1101)
  charge.settle(1100, NOW)
  assert.equal(own.read(NOW).spentNano, 1101)
  assert.equal(own.read(NOW).reservedNano, 0)
})

test('a call that is ended when a budget has no more never passes it', () => {
  for (const [mine, ours] of [
    [{ moneyNano: 1500 }, {}],
    [{}, { moneyNano: 1500 }],
  ]) {
    const { own, shared } = ledgers(mine!, ours)
    const charge = tryCharge(own, shared, PRICE, 99, NOW)!
    let ranMs = 0
    while (charge.keepPaid(ranMs, 20, NOW)) ranMs += 20
    assert.deepEqual(own.read(NOW).reservedNano, shared.read(NOW).reservedNano)
    charge.settle(ranMs, NOW)
    assert.ok(own.read(NOW).spentNano > 1000 && own.read(NOW).spentNano <= 1500)
    assert.equal(own.read(NOW).reservedNano, 0)
  }
})

test('what runs on unpaid is owed as it runs, by both, and no other call passes until it has aged', () => {
  const { own, shared } = ledgers({}, { moneyNano: 500 })
  const charge = tryCharge(own, shared, PRICE, 399, NOW)!
  assert.ok(!charge.keepPaid(350, 100, NOW))
  assert.equal(shared.read(NOW).reservedNano, 400)
  assert.ok(!charge.keepPaid(450, 100, NOW))
  assert.equal(shared.read(NOW).reservedNano, 451)
  assert.equal(own.read(NOW).reservedNano, 451)
  assert.ok(!charge.keepPaid(700, 100, NOW))
  assert.equal(shared.read(NOW).reservedNano, 701)
  assert.equal(tryCharge(own, shared, PRICE, 0, NOW), null)
  charge.settle(800, NOW)
  assert.equal(shared.read(NOW).spentNano, 801)
  assert.ok(shared.read(NOW).moneyShare > 1)
  assert.equal(tryCharge(own, shared, PRICE, 0, NOW + HOUR), null)
  assert.ok(tryCharge(own, shared, PRICE, 499, NOW + HOUR + MINUTE) !== null)
})

test('what costs the same however long it runs is always paid', () => {
  const { own } = ledgers({ moneyNano: 10 })
  const charge = tryCharge(
    own,
    null,
    new CallPrice({ call: 1e-8, second: 0, gbSecond: 0 }, 2 ** 30),
    99,
    NOW,
  )!
  assert.ok(charge.keepPaid(1e9, 1000, NOW))
  charge.settle(1e9, NOW)
  assert.equal(own.read(NOW).spentNano, 10)
})

test('the operator is told once an hour at four fifths, and once when it is used up', () => {
  const { own, lines } = ledgers({ moneyNano: 1000 })
  const fill = (now: number) => {
    let charge: BurstCharge | null = null
    for (let i = 0; i < 12; i++) {
      charge = tryCharge(own, null, PRICE, 99, now)
      charge?.settle(99, now)
    }
  }
  for (let i = 0; i < 7; i++) tryCharge(own, null, PRICE, 99, NOW)!.settle(99, NOW)
  assert.deepEqual(lines, [])
  fill(NOW)
  assert.deepEqual(lines, [
    {
      message: 'a burst budget is nearly used up',
      fields: { organization: 'acme', functionName: 'f', limit: 1e-6, spent: 7e-7, reserved: 1e-7 },
    },
    {
      message: 'a burst budget is used up',
      fields: { organization: 'acme', functionName: 'f', limit: 1e-6, spent: 1e-6, reserved: 0 },
    },
  ])
  fill(NOW + 59 * MINUTE)
  assert.equal(lines.length, 2)
  fill(NOW + 61 * MINUTE)
  assert.equal(lines.length, 4)
})

test('a dead thread runs no call any more, and has paid for what it ran', () => {
  const { own: dying, shared, memory } = ledgers({ concurrency: 2, moneyNano: 400 }, {}, 1)
  tryCharge(dying, shared, PRICE, 99, NOW)
  tryCharge(dying, shared, PRICE, 99, NOW)
  releaseHeldBy(1, memory)
  RollingTotal.forfeitAllOf(1, memory, NOW)
  const { own } = ledgers({ concurrency: 2, moneyNano: 400 }, {}, 0, memory)
  const { inFlight, spentNano, reservedNano } = own.read(NOW)
  assert.deepEqual({ inFlight, spentNano, reservedNano }, { inFlight: 0, spentNano: 200, reservedNano: 0 })
  assert.ok(tryCharge(own, null, PRICE, 199, NOW) !== null)
  assert.equal(tryCharge(own, null, PRICE, 0, NOW), null)
})

test('a reload that changes the limits keeps what was spent', () => {
  const before = ledgers({ moneyNano: 1000 })
  tryCharge(before.own, null, PRICE, 899, NOW)!.settle(899, NOW)
  const after = ledgers({ moneyNano: 1500, rate: 100 }, {}, 0, before.memory)
  assert.equal(after.own.read(NOW).spentNano, 900)
  assert.equal(tryCharge(after.own, null, PRICE, 600, NOW), null)
  assert.ok(tryCharge(after.own, null, PRICE, 599, NOW) !== null)
})
