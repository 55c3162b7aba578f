import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainPlacement } from '../../../gateway/placement/explain.ts'
import type { PlacementExplanation } from '../../../gateway/placement/explanation.ts'
import { type Hint, parseHint } from '../../../gateway/placement/hint.ts'
import type { Placing } from '../../../gateway/placement/placing.ts'
import { noteTried } from '../../../gateway/placement/placing.ts'
import { anyCall, anySituation } from './any-situation.ts'
import { call, Lab } from './lab.ts'

function explain(lab: Lab, placing: Placing = call()): PlacementExplanation {
  return explainPlacement({ organization: 'default', name: 'f', placement: lab.placement }, placing, lab.now)
}

/** Places a call like this and gives everything back. */
function placeOnce(lab: Lab, like: Placing): { backend: string | null; busy: boolean } {
  const placing = call({ ...like })
  const deployment = lab.place(placing)
  if (deployment !== null) {
    deployment.slot.health.probeOver(placing.admission, lab.now)
    deployment.release()
    placing.charge?.cancel(lab.now)
  }
  return { backend: deployment?.backend ?? null, busy: placing.busy }
}

test('what is explained is what is done, in 500 random situations', async () => {
  let certain = 0
  const decisions = new Set<string>()
  for (let seed = 1; seed <= 500; seed++) {
    const lab = await anySituation(seed)
    if (lab === null) continue
    const placing = anyCall(lab)
    const explained = explain(lab, placing)
    decisions.add(explained.decision)
    const expected = explained.chosen?.backend ?? null
    const candidates = explained.tiers.flatMap(({ candidates }) => candidates)
    const note = `seed ${seed}: ${JSON.stringify(explained)}`
    const seen = new Set<string | null>()
    for (let i = 0; i < (explained.certain ? 5 : 300); i++) {
      const { backend, busy } = placeOnce(lab, placing)
      seen.add(backend)
      if (backend === null) assert.equal(explained.decision, busy ? 'busy' : 'nobody', note)
      else
        assert.ok(
          candidates.some((one) => one.backend === backend),
          note,
        )
    }
    assert.ok(seen.has(expected), `${note} but ${[...seen]}`)
    if (!explained.certain) continue
    certain++
    assert.deepEqual([...seen], [expected], note)
  }
  assert.ok(certain > 150, `${certain} situations were certain`)
  assert.deepEqual([...decisions].sort(), ['busy', 'nobody', 'placed'])
})

test('a candidate without a reason against it may be chosen, and one with a reason only when all have one', async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const lab = await anySituation(seed)
    if (lab === null) continue
    const placing = anyCall(lab)
    const explained = explain(lab, placing)
    const candidates = explained.tiers.flatMap(({ candidates }) => candidates)
    const open = candidates.filter(({ reasons }) => reasons.length === 0).map(({ backend }) => backend)
    if (open.length > 0) assert.equal(explained.decision, 'placed', `seed ${seed}`)
    for (let i = 0; i < 20; i++) {
      const { backend } = placeOnce(lab, placing)
      if (open.length > 0) assert.ok(open.includes(backend!), `seed ${seed}: ${backend}`)
    }
  }
})

test('explaining takes nothing', async () => {
  const lab = await Lab.open(
    { home: { concurrency: 1 }, cloud: { burst: true } },
    {
      burst: { budget: { concurrency: 1 } },
    },
  )
  for (let i = 0; i < 20; i++) assert.equal(explain(lab).chosen?.backend, 'home')
  assert.equal(lab.deployment('home').slot.inFlight, 0)
  lab.fill('home', 1)
  for (let i = 0; i < 20; i++) assert.equal(explain(lab).chosen?.backend, 'cloud')
  assert.equal(explain(lab).burst.budgets[0]?.inFlight, 0)
  assert.equal(explain(lab).burst.budgets[0]?.total.calls, 0)
})

test('a deployment that never serves a function is told with all that it lacks', async () => {
  const lab = await Lab.open(
    {
      right: { zone: 'eu-west-1/a', offers: { gpu: true, arch: ['arm64'], labels: { tier: 'gold' } } },
      wrong: { zone: 'us-east-1/a', offers: { arch: ['amd64'] }, drain: true },
    },
    { needs: { gpu: true, arch: 'arm64', labels: { tier: 'gold' } }, residency: ['eu-west-1'] },
    { placement: { zone: 'eu-west-1/a' } },
  )
  assert.deepEqual(explain(lab).excluded, [
    {
      backend: 'wrong',
      name: 'f',
      reasons: [
        'offers no gpu',
        'arch is amd64, needs arm64',
        'offers no label tier, needs gold',
        'is in us-east-1/a, outside of eu-west-1',
        'is draining',
      ],
    },
  ])
})

test('every reason against a candidate is told, not only the first', async () => {
  const lab = await Lab.open({
    a: { zone: 'eu-west-1/a', concurrency: 2, offers: { arch: ['amd64'] } },
    b: {},
  })
  lab.fill('a', 2)
  lab.eject('a')
  lab.deployment('a').observe('answered', 200, 900, 1, lab.now)
  const hint = parseHint('zone="us-east-1", gpu, arch="arm64", max-latency=50') as Hint
  const placing = call({ hint })
  noteTried(placing, lab.deployment('a'))
  const [candidate] = explain(lab, placing).tiers[0]!.candidates
  assert.deepEqual(candidate!.reasons, [
    'is not in us-east-1, which the caller asked for',
    'offers no gpu, as the caller asked for',
    'arch is amd64, needs arm64, as the caller asked for',
    'takes 5000 ms, and the caller asked for 50 at most',
    'is ejected',
    'was just tried',
    'its backend is full',
  ])
})

test('the reason is one sentence about what decides', async () => {
  const HERE = { placement: { zone: 'eu-west-1/a' } }
  const lab = await Lab.open(
    { home: { zone: 'eu-west-1/a', concurrency: 2 }, cloud: { burst: true } },
    { burst: { budget: { concurrency: 1 } } },
    HERE,
  )
  assert.equal(explain(lab).reason, 'Goes to home, in the same zone.')
  lab.fill('home', 2)
  assert.equal(explain(lab).reason, 'Goes to cloud, a burst backend, because the tier before it is full.')
  const none = call({ hint: parseHint('burst=?0') as Hint })
  assert.equal(
    explain(lab, none).reason,
    'Refused with 503, as there is no room: home its backend is full; cloud is a burst backend, and the caller asked for none.',
  )
  assert.equal(lab.place()?.backend, 'cloud')
  assert.equal(
    explain(lab).reason,
    'Refused with 503, as there is no room: home its backend is full; cloud the burst budget of the function has no concurrency left.',
  )
  const gpu = call({ hint: parseHint('gpu, burst=?0') as Hint })
  assert.match(explain(lab, gpu).reason, /^Refused with 503, as nobody may serve it: home offers no gpu, as/)
})

test('a call that no healthy deployment can serve is told to go to one that is not', async () => {
  const lab = await Lab.open({ only: {} })
  lab.eject('only')
  assert.equal(explain(lab).reason, 'Goes to only, elsewhere, although it is ejected.')
})
