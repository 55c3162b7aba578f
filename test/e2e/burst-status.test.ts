import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configText, startTestGateway } from './gateway.ts'
import { readMetrics, readStatus } from './observe.ts'

const config = (money: number) => ({
  backends: {
    home: { driver: 'http', url: 'http://127.0.0.1:1' },
    cloud: { driver: 'http', url: 'http://127.0.0.1:2', burst: true, price: { call: 0.001 } },
  },
  functions: { f: { deployments: ['home', 'cloud'], burst: { budget: { money, concurrency: 3 } } } },
})

test('the status and the metrics tell of burst budgets, those of a new configuration too', async (t) => {
  const gateway = await startTestGateway(t, config(2))
  const burst = async () => (await readStatus(gateway)).burst
  const [shared, own] = await burst()
  assert.deepEqual([shared!.functionName, shared!.mostMoney, shared!.state], [null, null, 'open'])
  assert.deepEqual([own!.functionName, own!.mostMoney, own!.mostInFlight, own!.spent], ['f', 2, 3, 0])
  const { value } = await readMetrics(gateway)
  assert.equal(value('dispatch_burst_spend_total', { organization: 'default', function: 'f' }), 0)
  assert.equal(value('dispatch_burst_budget_ratio', { organization: 'default', function: 'f' }), 0)
  await gateway.write(configText(config(5)))
  await gateway.running.reload()
  assert.equal((await burst())[1]!.mostMoney, 5)
})
