import { ConfigInvalid } from '../../../gateway/config/mistakes.ts'
import { Hint } from '../../../gateway/placement/hint.ts'
import { noteTried, type Placing } from '../../../gateway/placement/placing.ts'
import { call, Lab } from './lab.ts'

const ZONES = ['eu-west-1/a', 'eu-west-1/b', 'eu-central-1/a', 'us-east-1/a', null]

/** Numbers that only the seed decides (xorshift32, Marsaglia). */
function dice(seed: number): (sides: number) => number {
  let state = Math.imul(seed, 2_654_435_761) | 1
  return (sides) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % sides
  }
}

/** A configuration and a state of load and health that the seed decides; null when the configuration is refused. */
export async function anySituation(seed: number): Promise<Lab | null> {
  const roll = dice(seed)
  const one = <Item>(items: readonly Item[]): Item => items[roll(items.length)]!
  const names = ['a', 'b', 'c', 'd'].slice(0, 1 + roll(4))
  const backends = Object.fromEntries(
    names.map((name) => [
      name,
      {
        zone: one(ZONES),
        burst: roll(4) === 0,
        drain: roll(8) === 0,
        ...(roll(2) === 0 && { concurrency: 1 + roll(4) }),
        offers: { ...(roll(2) === 0 && { gpu: true }), arch: one([[], ['amd64'], ['amd64', 'arm64']]) },
        price: { call: roll(3) },
      },
    ]),
  )
  const fn = {
    ...(roll(4) === 0 && { needs: { arch: 'amd64' } }),
    ...(roll(4) === 0 && { prefers: { gpu: true } }),
    ...(roll(5) === 0 && { residency: ['eu-west-1'] }),
    locality: one(['nearest', 'any']),
    coldStart: one(['wait', 'warm-peer']),
    ...(Object.values(backends).some(({ burst }) => burst) && {
      burst: {
        above: 0.5,
        budget: one<unknown>(['unlimited', { concurrency: 1 }, { rate: 0 }, { money: 2 }]),
      },
    }),
  }
  const rest = {
    placement: {
      zone: one(ZONES),
      distances: [{ between: ['eu-west-1', 'eu-central-1'], distance: 20 }],
    },
  }
  let lab: Lab
  try {
    lab = await Lab.open(backends, fn, rest, seed)
  } catch (error) {
    if (error instanceof ConfigInvalid) return null
    throw error
  }
  for (const name of names) {
    const deployment = lab.deployment(name)
    const { health, latency } = deployment.slot
    if (roll(2) === 0) deployment.observe('answered', 200, 5 + roll(400), 1, lab.now)
    if (roll(3) === 0) lab.fill(name, roll(5))
    if (roll(4) === 0) lab.eject(name)
    if (roll(6) === 0) latency.cold = true
    if (roll(8) === 0) health.setReady(false, lab.now)
    if (roll(10) === 0) deployment.backendSlot.ready = false
  }
  // Some come back from their ejection, and the tiers are measured for a while.
  const steps = one([0, 5, 400])
  for (let i = 0; i < steps; i++) {
    lab.now += 100
    const placing = call()
    lab.place(placing)?.release()
    placing.charge?.cancel(lab.now)
  }
  return lab
}

/** A call that the lab's chance decides. */
export function anyCall(lab: Lab): Placing {
  const chance = (share: number) => lab.random() < share
  const needs = { gpu: chance(0.3) ? { model: null, count: 1 } : null, arch: null, memory: null, labels: {} }
  const zone = chance(0.3) ? 'eu-west-1' : null
  const hint = new Hint(zone, needs, chance(0.7), chance(0.3) ? 100 : Number.POSITIVE_INFINITY)
  const placing = call({
    hint: chance(0.4) ? hint : null,
    entryZone: chance(0.4) ? 'us-east-1/a' : null,
    repeatable: chance(0.5),
  })
  if (chance(0.3)) noteTried(placing, lab.deployments[(lab.random() * lab.deployments.length) | 0]!)
  return placing
}
