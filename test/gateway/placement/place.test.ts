import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Hint, parseHint } from '../../../gateway/placement/hint.ts'
import { noteTried } from '../../../gateway/placement/placing.ts'
import { call, Lab } from './lab.ts'

const HERE = { placement: { zone: 'eu-west-1/a' } }
const UNLIMITED = { budget: 'unlimited' }

test('calls stay in their zone, then in their region, then with the neighbours, nearest first', async () => {
  const lab = await Lab.open(
    {
      elsewhere: {},
      far: { zone: 'us-east-1/a' },
      near: { zone: 'eu-central-1/a' },
      region: { zone: 'eu-west-1/b' },
      zone: { zone: 'eu-west-1/a' },
    },
    {},
    {
      placement: {
        zone: 'eu-west-1/a',
        distances: [
          { between: ['eu-west-1', 'us-east-1'], distance: 80 },
          { between: ['eu-west-1', 'eu-central-1'], distance: 20 },
        ],
      },
    },
  )
  for (const backend of ['zone', 'region', 'near', 'far', 'elsewhere']) {
    assert.deepEqual(lab.shares(50), { [backend]: lab.shares(50)[backend] })
    assert.equal(lab.where(), backend)
    lab.eject(backend)
  }
})

test('a call that came in at another place goes to what is near there', async () => {
  const lab = await Lab.open({ here: { zone: 'eu-west-1/a' }, there: { zone: 'us-east-1/a' } }, {}, HERE)
  assert.equal(lab.where(), 'here')
  assert.equal(lab.where(call({ entryZone: 'us-east-1/a' })), 'there')
  assert.equal(lab.where(call({ entryZone: 'us-east-1' })), 'there', 'in the region')
})

test('without locality all but burst backends are one tier', async () => {
  const lab = await Lab.open(
    { here: { zone: 'eu-west-1/a' }, there: { zone: 'us-east-1/a' }, cloud: { burst: true } },
    { locality: 'any', burst: UNLIMITED },
    HERE,
  )
  const { here, there, cloud } = lab.shares(1000)
  assert.ok(here! > 0.3 && there! > 0.3)
  assert.equal(cloud, undefined)
})

test('a full tier passes its calls on at once', async () => {
  const lab = await Lab.open({ near: { zone: 'eu-west-1/a', concurrency: 3 }, far: {} }, {}, HERE)
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => lab.place()?.backend),
    ['near', 'near', 'near', 'far', 'far'],
  )
})

test('the limit of a backend holds for all its functions, that of a deployment for one', async () => {
  const lab = await Lab.open(
    { small: { concurrency: 5 } },
    { deployments: [{ backend: 'small', concurrency: 2 }] },
  )
  assert.equal(lab.place()?.backend, 'small')
  assert.equal(lab.place()?.backend, 'small')
  const third = call()
  assert.equal(lab.place(third), null)
  assert.equal(third.busy, true)
})

test('a slot that is given back can be taken again', async () => {
  const lab = await Lab.open({ small: { concurrency: 1 } })
  for (let i = 0; i < 10; i++) {
    const deployment = lab.place()
    assert.equal(lab.place(), null)
    deployment!.release()
  }
})

test('a function without burst never goes to a burst backend', async () => {
  const lab = await Lab.open({ home: { concurrency: 1 }, cloud: { burst: true } }, { deployments: ['home'] })
  lab.fill('home', 1)
  const refused = call()
  assert.equal(lab.place(refused), null)
  assert.equal(refused.busy, true)
})

test('a required gpu that is full refuses, and never falls back', async () => {
  const lab = await Lab.open(
    { gpu: { offers: { gpu: true }, concurrency: 1 }, plain: {} },
    { needs: { gpu: true } },
  )
  assert.equal(lab.place()?.backend, 'gpu')
  const second = call()
  assert.equal(lab.place(second), null)
  assert.equal(second.busy, true)
  lab.eject('gpu')
  assert.equal(lab.place(), null, 'not in an outage either')
})

test('a preferred gpu is taken first, even if it is farther, and the fallback says so', async () => {
  const lab = await Lab.open(
    { plain: { zone: 'eu-west-1/a' }, gpu: { zone: 'us-east-1/a', offers: { gpu: true }, concurrency: 1 } },
    { prefers: { gpu: true } },
    HERE,
  )
  const first = call()
  assert.equal(lab.place(first)?.backend, 'gpu')
  assert.equal(first.degraded, false)
  const second = call()
  assert.equal(lab.place(second)?.backend, 'plain')
  assert.equal(second.degraded, true)
})

test('calls never leave their residency', async () => {
  const lab = await Lab.open(
    { home: { zone: 'eu-west-1/a', concurrency: 1 }, abroad: { zone: 'us-east-1/a' }, unknown: {} },
    { residency: ['eu-west-1'] },
    HERE,
  )
  assert.equal(lab.place()?.backend, 'home')
  assert.equal(lab.place(), null)
  lab.eject('home')
  for (let i = 0; i < 100; i++) assert.ok([null, 'home'].includes(lab.where()))
})

test('a backend that drains gets no new calls', async () => {
  const lab = await Lab.open({ old: { drain: true }, new: {} })
  assert.deepEqual(lab.shares(100), { new: lab.shares(100)['new'] })
})

test('the better of two gets the call: less calls in flight, or faster', async () => {
  const lab = await Lab.open({ one: {}, other: {} })
  for (const deployment of lab.deployments) deployment.observe('answered', 200, 10, 1, lab.now)
  lab.fill('one', 5)
  assert.equal(lab.where(), 'other')
  lab.deployment('other').observe('answered', 200, 500, 1, lab.now)
  assert.equal(lab.where(), 'one')
})

test('one whose function answers with errors gets few calls, and is not ejected', async () => {
  const lab = await Lab.open({ good: {}, bad: {} })
  for (let i = 0; i < 100; i++) {
    lab.now += 1
    lab.deployment('good').observe('answered', 200, 10, 1, lab.now)
    lab.deployment('bad').observe('answered', 500, 1, 1, lab.now)
  }
  assert.ok((lab.shares(1000)['bad'] ?? 0) < 0.01)
  assert.ok(lab.deployment('bad').isHealthy(lab.now))
})

test('an ejected deployment gets nothing while another is well; when all are, one that may work beats a refusal', async () => {
  const lab = await Lab.open({ one: {}, other: {} })
  lab.eject('one')
  assert.equal(lab.shares(100)['one'], undefined)
  lab.eject('other')
  const { one, other } = lab.shares(200)
  assert.ok(one! > 0.1 && other! > 0.1)
})

test('after its ejection a deployment gets one call that can be repeated as a probe, and no second one', async () => {
  const lab = await Lab.open({ well: {}, ill: {} })
  lab.eject('ill')
  lab.now += 30_001
  const probe = call({ repeatable: true })
  assert.equal(lab.place(probe)?.backend, 'ill')
  for (let i = 0; i < 50; i++) assert.equal(lab.where(call({ repeatable: true })), 'well')
  lab.deployment('ill').observe('answered', 200, 5, probe.admission, lab.now)
  lab.deployment('ill').release()
  lab.fill('well', 900)
  assert.ok((lab.shares(200)['ill'] ?? 0) > 0)
})

test('while the probe of the last one runs, it gets the other calls too', async () => {
  const lab = await Lab.open({ only: { concurrency: 3 } })
  lab.eject('only')
  assert.equal(lab.where(), 'only')
  lab.now += 30_001
  for (let i = 0; i < 3; i++) assert.equal(lab.place()?.backend, 'only')
  const late = call()
  assert.equal(lab.place(late), null)
  assert.ok(late.busy, 'it is full')
})

test('home that is ejected gets the calls that no burst budget pays for, up to its limit', async () => {
  for (const budget of [{ money: 0 }, { rate: 0 }, { concurrency: 1 }]) {
    const lab = await Lab.open(
      { home: { concurrency: 2 }, cloud: { burst: true, price: { call: 1 } } },
      { burst: { budget } },
    )
    lab.eject('home')
    if ('concurrency' in budget) assert.equal(lab.place()?.backend, 'cloud')
    for (let i = 0; i < 2; i++) assert.equal(lab.place()?.backend, 'home')
    const late = call()
    assert.equal(lab.place(late), null)
    assert.ok(late.busy, 'home is full')
  }
})

test('where the budget has not what one cloud costs, one of the same tier that costs less gets the call', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const lab = await Lab.open(
      { dear: { burst: true, price: { call: 2 } }, cheap: { burst: true, price: { call: 1 } } },
      { burst: { budget: { money: 1.5 } } },
      {},
      seed,
    )
    assert.equal(lab.place()?.backend, 'cheap')
    assert.equal(lab.place(), null)
  }
})

test('a call that only a burst backend may serve finds it busy while no budget pays', async () => {
  const lab = await Lab.open(
    { home: { zone: 'here/a' }, cloud: { zone: 'far/a', burst: true } },
    { burst: { budget: { concurrency: 1 } } },
    { placement: { zone: 'here/a' } },
  )
  const hint = parseHint('zone="far"') as Hint
  assert.equal(lab.place(call({ hint }))?.backend, 'cloud')
  const late = call({ hint })
  assert.equal(lab.place(late), null)
  assert.ok(late.busy)
})

test('a further attempt goes to those that were not tried, then not to the last one', async () => {
  const lab = await Lab.open({ a: {}, b: {}, c: {} })
  for (let round = 0; round < 50; round++) {
    const placing = call()
    const order: string[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      const deployment = lab.place(placing)!
      deployment.release()
      noteTried(placing, deployment)
      order.push(deployment.backend)
    }
    assert.equal(new Set(order.slice(0, 3)).size, 3)
    assert.notEqual(order[3], order[2])
  }
})

test('a further attempt goes to an ejected one rather than to the same again', async () => {
  const lab = await Lab.open({ a: {}, b: {} })
  lab.eject('b')
  const placing = call()
  noteTried(placing, lab.deployment('a'))
  assert.equal(lab.where(placing), 'b')
})

test('a warm deployment of a tier comes before a cold one', async () => {
  const lab = await Lab.open({ cold: {}, warm: {} })
  lab.deployment('cold').slot.latency.cold = true
  assert.equal(lab.shares(100)['cold'], undefined)
  lab.eject('warm')
  assert.equal(lab.where(), 'cold')
})

test('a farther warm deployment is taken before a near cold one only where the function says so', async () => {
  for (const [coldStart, expected] of [
    ['wait', 'near'],
    ['warm-peer', 'far'],
  ] as const) {
    const lab = await Lab.open(
      { near: { zone: 'eu-west-1/a' }, far: { zone: 'us-east-1/a' } },
      { coldStart },
      HERE,
    )
    lab.deployment('near').slot.latency.cold = true
    assert.equal(lab.where(), expected)
  }
})

test('more than 31 deployments are told apart', async () => {
  const lab = await Lab.open(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`b${i}`, {}])))
  const placing = call()
  let before: string | null = null
  for (let attempt = 0; attempt < 60; attempt++) {
    const deployment = lab.place(placing)!
    deployment.release()
    assert.notEqual(deployment.backend, before)
    before = deployment.backend
    noteTried(placing, deployment)
  }
})

test('a hint narrows, and never widens', async () => {
  const lab = await Lab.open(
    {
      plain: { zone: 'eu-west-1/a' },
      gpu: { zone: 'us-east-1/a', offers: { gpu: true } },
      cloud: { zone: 'us-east-1/a', burst: true, offers: { gpu: true } },
      outside: { zone: 'ap-south-1/a', offers: { gpu: true } },
    },
    { residency: ['eu-west-1', 'us-east-1'] },
    HERE,
  )
  const asked = (text: string) => call({ hint: parseHint(text) as Hint })
  assert.equal(lab.where(), 'plain')
  assert.equal(lab.where(asked('gpu')), 'gpu')
  assert.equal(lab.where(asked('zone="us-east-1/a"')), 'gpu')
  assert.equal(lab.where(asked('zone="ap-south-1"')), null, 'not outside of the residency')
  assert.equal(lab.where(asked('arch="arm64"')), null)
  lab.eject('gpu')
  assert.equal(
    lab.where(asked('gpu, burst')),
    'gpu',
    'not to a burst backend that the function does not allow',
  )
  lab.now += 200_000
  lab.deployment('plain').observe('answered', 200, 300, 1, lab.now)
  assert.equal(lab.where(asked('max-latency=200, burst=?0')), 'gpu')
})
