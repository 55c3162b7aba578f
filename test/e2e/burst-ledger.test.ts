import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startGateway } from '../../gateway/main.ts'
import { call } from './call.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { readStatus, until } from './observe.ts'
import { startUpstream } from './upstream.ts'

/** A call takes 0.6 and costs 0.2 or more: three pass at most, then none has room. */
async function start(t: TestContext): Promise<TestGateway> {
  const upstream = await startUpstream(t, (_request, response) => {
    setTimeout(() => response.end('ok'), 200)
  })
  return startTestGateway(t, {
    backends: { cloud: { driver: 'http', url: upstream.url, burst: true, price: { second: 1 } } },
    functions: {
      f: { deployments: ['cloud'], timeout: '500ms', burst: { above: 0, budget: { money: 1.05 } } },
    },
    routes: [{ path: '/*', function: 'f', auth: 'none' }],
  })
}

async function startAgain(
  t: TestContext,
  { configFile, directory }: TestGateway,
): Promise<Pick<TestGateway, 'port' | 'management' | 'directory'>> {
  const running = await startGateway({ configFile, pretty: false })
  t.after(() => running.close())
  const { http, management } = running.addresses
  return { port: Number(http!.split(':')[1]), management: `http://${management}`, directory }
}

const statuses = async (port: number, calls: number) => {
  const seen: number[] = []
  for (let i = 0; i < calls; i++) seen.push((await call(port, 'GET', '/')).status)
  return seen
}

test('what was spent before a restart is spent after it', async (t) => {
  const gateway = await start(t)
  const first = await statuses(gateway.port, 5)
  assert.deepEqual([first[0], first.at(-1)], [200, 503])
  await gateway.running.close()
  const again = await startAgain(t, gateway)
  assert.deepEqual(await statuses(again.port, 2), [503, 503])
  const budget = (await readStatus(again)).burst.find(({ functionName }) => functionName === 'f')!
  assert.ok(budget.spent >= 0.2 && budget.spent <= 1.05, `${budget.spent}`)
})

test('what is spent is written while the gateway runs, for one that will be killed', async (t) => {
  const gateway = await start(t)
  await statuses(gateway.port, 1)
  const file = join(gateway.directory, '.dispatch', 'burst-ledger.json')
  await until(async () => {
    const ledger = JSON.parse(await readFile(file, 'utf8').catch(() => '{"budgets":[]}'))
    const paid = ledger.budgets.flatMap(({ payments }: { payments: { amount: number }[] }) => payments)
    return paid.length === 1 && paid[0].amount >= 200_000_000
  }, 'it is written')
})
