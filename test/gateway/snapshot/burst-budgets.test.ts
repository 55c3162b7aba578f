import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registry } from '../../../gateway/built-in.ts'
import { SharedMemory, SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'
import { parseConfig } from '../../../gateway/config/load-config.ts'
import { burstBudgets } from '../../../gateway/snapshot/burst-budgets.ts'

const NOW = Date.UTC(2030, 0, 1)
const LOG = { info() {}, warn() {}, error() {} }
const PLACED = 'deployments: [home, cloud]'
const TEXT = `
backends:
  home: { driver: http, url: "http://127.0.0.1:1" }
  cloud: { driver: http, url: "http://127.0.0.1:2", burst: true, price: { call: 0.001 } }
functions:
  never: { deployments: [home] }
  freely: { ${PLACED}, burst: { budget: unlimited } }
organizations:
  quiet: { functions: { f: { deployments: [home] } } }
  acme:
    burst: { budget: { money: 0.3 } }
    functions:
      f: { ${PLACED}, burst: { budget: { concurrency: 2, rate: 3, money: 0 } } }
      g: { ${PLACED}, burst: { budget: { rate: 1 } } }
`

test('every function that may burst has its budget and that of its organization', async () => {
  const { config } = await parseConfig(TEXT, '/dispatch.yaml', registry)
  const memory = new SharedMemory()
  const budgets = burstBudgets(config, memory, 3, 2, LOG)
  assert.deepEqual(
    budgets.all.map(({ owner, limits }) => [
      owner.organization,
      owner.functionName,
      ...Object.values(limits),
    ]),
    [
      ['default', null, null, null, null],
      ['default', 'freely', null, null, null],
      ['acme', null, null, null, 300_000_000],
      ['acme', 'f', 2, 3, 0],
      ['acme', 'g', null, 1, null],
    ],
  )
  assert.equal(budgets.of({ organization: 'default', name: 'never' }), null)
  const acme = budgets.of({ organization: 'acme', name: 'f' })!
  assert.equal(acme.shared, budgets.of({ organization: 'acme', name: 'g' })!.shared)
  // Another thread sees the same ledger.
  const elsewhere = burstBudgets(config, new SharedMemoryView(memory.map()), 3, 0, LOG)
  const { shared } = elsewhere.of({ organization: 'acme', name: 'g' })!
  assert.ok(shared.tryReserve(200_000_000, NOW))
  assert.ok(!acme.shared.tryReserve(200_000_000, NOW))
  assert.equal(acme.shared.read(NOW).inFlight, 1)
})
