import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KEY, LambdaPlatform } from '../drivers/lambda-platform.ts'
import { startTestGateway } from './gateway.ts'
import { readMetrics, readStatus } from './observe.ts'
import { startUpstream } from './upstream.ts'

const CALLS = 400
const AT_ONCE = 8

test('a function that Lambda throttles by its rate gets what it bears; the rest goes elsewhere without a try', async (t) => {
  const platform = new LambdaPlatform()
  t.after(() => platform.close())
  platform.deploy('f', { run: (_event, replies) => replies.result('"lambda"'), perSecond: 5 })
  const elsewhere = await startUpstream(t)
  process.env['TEST_LAMBDA_SECRET'] = KEY.secretAccessKey
  const gateway = await startTestGateway(t, {
    placement: { zone: 'eu/a' },
    backends: {
      cloud: {
        driver: 'lambda',
        zone: 'eu/a',
        region: 'eu-central-1',
        endpoint: await platform.listen(),
        credentials: { accessKeyId: KEY.accessKeyId, secretAccessKey: { env: 'TEST_LAMBDA_SECRET' } },
      },
      other: { driver: 'http', zone: 'us/a', url: elsewhere.url },
    },
    functions: { f: { deployments: ['cloud', 'other'] } },
    routes: [{ path: '/f', function: 'f', auth: 'none' }],
  })
  let left = CALLS
  const statuses: number[] = []
  const caller = async () => {
    while (left-- > 0) {
      const answer = await fetch(`${gateway.url}/f`, { method: 'POST', signal: AbortSignal.timeout(9000) })
      await answer.text()
      statuses.push(answer.status)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, caller))
  assert.deepEqual(new Set(statuses), new Set([200]))
  const sent = platform.requests.filter((each) => each.includes('/invocations')).length
  const answered = CALLS - elsewhere.seen.length
  assert.ok(answered >= 1 && answered < CALLS, `Lambda answered ${answered}`)
  // One round of calls hears the first refusal; a few more find the rate, the more the longer it takes.
  assert.ok(sent - answered <= 4 * AT_ONCE + CALLS / 10, `${sent - answered} calls refused by Lambda`)
  const { deployments } = await readStatus(gateway)
  assert.ok(deployments.find(({ backend }) => backend === 'cloud')!.perSecond! > 0)
  const { samples } = await readMetrics(gateway)
  const pace = samples.find(
    ({ name, labels }) => name.endsWith('deployment_pace_calls_per_second') && labels['backend'] === 'cloud',
  )
  assert.ok(pace!.value > 0)
  assert.ok(samples.some(({ labels }) => labels['outcome'] === 'rate-limited'))
})
