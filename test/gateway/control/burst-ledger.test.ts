import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { BurstBudget } from '../../../gateway/capacity/burst-budget.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import { BurstLedger, restoreLedger } from '../../../gateway/control/burst-ledger.ts'
import { StateDirectory } from '../../../gateway/development/state-directory.ts'
import { KeptLog } from '../../drivers/driver-hosts.ts'

const FILE = 'burst-ledger.json'

async function stateIn(t: TestContext): Promise<StateDirectory> {
  const directory = await mkdtemp(join(tmpdir(), 'dispatch-test-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return new StateDirectory(directory)
}

function budgetOf(functionName: string | null, moneyNano: number | null = 1000): BurstBudget {
  const owner = { organization: 'o', functionName }
  const limits = { concurrency: null, rate: null, moneyNano }
  return new BurstBudget(owner, limits, new SharedMemory(), 1, 0, new KeptLog())
}

function pay(budget: BurstBudget, nano: number): void {
  const now = Date.now()
  assert.ok(budget.tryReserve(nano, now))
  budget.commit(now)
  budget.settle(nano, nano, now)
}

test('each budget gets what was paid from it and not from others', async (t) => {
  const state = await stateIn(t)
  const before = [budgetOf('f'), budgetOf('g'), budgetOf(null)]
  pay(before[0]!, 300)
  pay(before[2]!, 700)
  const ledger = new BurstLedger(state, () => before, new KeptLog())
  await ledger.close()
  const after = [budgetOf('f'), budgetOf('g'), budgetOf(null), budgetOf('h')]
  const log = new KeptLog()
  await restoreLedger(state, after, log)
  assert.deepEqual(
    after.map((budget) => budget.read(Date.now()).spentNano),
    [300, 0, 700, 0],
  )
  assert.deepEqual(log.entries, [])
})

test('nothing is written where no budget is of money, or nothing was paid', async (t) => {
  const state = await stateIn(t)
  const free = budgetOf('f', null)
  pay(free, 5)
  for (const budgets of [[], [free], [budgetOf('g', 0)], [budgetOf('g')]]) {
    await new BurstLedger(state, () => budgets, new KeptLog()).close()
  }
  assert.equal(await state.read(FILE), null)
})

test('a ledger that cannot be read is said once, and budgets begin anew', async (t) => {
  const state = await stateIn(t)
  for (const content of [
    '',
    '{',
    '[]',
    '{"budgets":[{"organization":1}]}',
    '{"budgets":[{"organization":"o","functionName":"f","payments":[{"atMs":1,"amount":-1}]}]}',
  ]) {
    await state.write(FILE, content)
    const budget = budgetOf('f')
    const log = new KeptLog()
    await restoreLedger(state, [budget], log)
    assert.equal(log.entries.length, 1, content)
    assert.equal(budget.read(Date.now()).spentNano, 0)
  }
})

test('a ledger that cannot be written is said once until it can', async (t) => {
  const state = await stateIn(t)
  await state.write(FILE, 'old')
  const log = new KeptLog()
  const broken = new StateDirectory(state.path(FILE))
  const budget = budgetOf('f')
  pay(budget, 1)
  const ledger = new BurstLedger(broken, () => [budget], log)
  await ledger.save()
  await ledger.save()
  assert.equal(log.entries.length, 1)
  assert.equal(await readFile(state.path(FILE), 'utf8'), 'old')
})
