import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offersAll } from '../../../gateway/constraints/needs.ts'
import { isResident } from '../../../gateway/constraints/residency.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import type { Deployment, DeploymentTraits } from '../../../gateway/placement/deployment.ts'
import { Hint } from '../../../gateway/placement/hint.ts'
import { noteTried, type Placing } from '../../../gateway/placement/placing.ts'
import { call, Lab } from './lab.ts'

const WORLDS = 60
const STEPS = 600
const ZONES = ['eu-west-1/a', 'eu-west-1/b', 'eu-central-1/a', 'us-east-1/a', null]
const OUTCOMES: Outcome[] = ['answered', 'unreachable', 'reset', 'timeout', 'overloaded', 'aborted']

interface Running {
  readonly deployment: Deployment
  readonly placing: Placing
}

/** What the Function of a world demands, and what bounds its backends. */
interface World {
  readonly needs: { gpu?: boolean; arch?: string; labels?: Record<string, string> }
  readonly residency: string[] | null
  readonly burst: { budget: { concurrency?: number; rate?: number; money?: number } } | null
  readonly concurrency: Record<string, number>
  readonly price: number
}

test('no load and no outage leads a call past a constraint', async () => {
  let bursts = 0
  let refusals = 0
  for (let seed = 1, worlds = 0; worlds < WORLDS; seed++) {
    const dice = new Dice(seed)
    const { lab, world } = await randomWorld(dice)
    // The configuration refuses a Function that nothing could serve.
    if (lab === null) continue
    worlds++
    const running: Running[] = []
    let begun: number[] = []
    let spent = 0
    for (let step = 0; step < STEPS; step++) {
      lab.now += dice.below(400)
      if (running.length > 0 && dice.below(3) === 0) {
        const { deployment, placing } = running.splice(dice.below(running.length), 1)[0]!
        const ranMs = dice.below(2000)
        deployment.observe(dice.pick(OUTCOMES), 200, ranMs, placing.admission, lab.now)
        deployment.release()
        placing.charge?.settle(ranMs, lab.now)
        if (placing.charge !== null) spent += world.price
        continue
      }
      const placing = call({
        entryZone: dice.pick(ZONES),
        repeatable: dice.below(2) === 0,
        hint: dice.below(4) === 0 ? new Hint(null, NO_NEEDS, dice.below(2) === 0, Infinity) : null,
      })
      if (dice.below(5) === 0) noteTried(placing, dice.pick(lab.deployments))
      const deployment: Deployment | null = lab.place(placing)
      if (deployment === null) {
        refusals++
        continue
      }
      running.push({ deployment, placing })
      const traits: DeploymentTraits = deployment.traits
      const backend: string = deployment.backend
      assert.ok(
        offersAll(traits.offers, { ...NO_NEEDS, ...needsOf(world) }),
        `${backend} lacks what is needed`,
      )
      assert.ok(isResident(traits.zone, world.residency), `${backend} is outside of the residency`)
      assert.equal(traits.drain, false)
      const onBackend = running.filter((one) => one.deployment.backend === backend).length
      assert.ok(onBackend <= (world.concurrency[backend] ?? Infinity), `${backend} has ${onBackend} calls`)
      if (!traits.burst) continue
      bursts++
      assert.notEqual(world.burst, null)
      assert.notEqual(placing.hint?.burst, false)
      const { budget } = world.burst!
      const bursting = running.filter((one) => one.deployment.traits.burst)
      assert.ok(bursting.length <= (budget.concurrency ?? Infinity))
      begun = [...begun.filter((at) => lab.now - at < 1000), lab.now]
      assert.ok(begun.length <= (budget.rate ?? Infinity))
      assert.ok(
        spent + bursting.length * world.price <= (budget.money ?? Infinity) + 1e-9,
        'more than the money',
      )
    }
  }
  assert.ok(bursts > 100, `${bursts} calls went to burst backends`)
  assert.ok(refusals > 100, `${refusals} calls were refused`)
})

const NO_NEEDS = { gpu: null, arch: null, memory: null, labels: {} }

function needsOf({ needs }: World) {
  return {
    gpu: needs.gpu ? { model: null, count: 1 } : null,
    arch: needs.arch ?? null,
    labels: needs.labels ?? {},
  }
}

async function randomWorld(dice: Dice): Promise<{ lab: Lab | null; world: World }> {
  const price = 0.001
  const concurrency: Record<string, number> = {}
  const backends: Record<string, Record<string, unknown>> = {}
  for (let i = 0; i < 2 + dice.below(7); i++) {
    const burst = dice.below(3) === 0
    if (dice.below(2) === 0) concurrency[`b${i}`] = 1 + dice.below(4)
    backends[`b${i}`] = {
      zone: dice.pick(ZONES),
      offers: {
        gpu: dice.below(2) === 0,
        arch: dice.pick([[], ['amd64'], ['amd64', 'arm64']]),
        labels: dice.below(2) === 0 ? { tier: 'gold' } : {},
      },
      concurrency: concurrency[`b${i}`] ?? 'unlimited',
      burst,
      price: burst ? { call: price } : {},
      drain: dice.below(8) === 0,
    }
  }
  const budget: Record<string, number> = {}
  if (dice.below(2) === 0) budget['concurrency'] = dice.below(4)
  if (dice.below(2) === 0) budget['rate'] = dice.below(5)
  if (dice.below(2) === 0 || Object.keys(budget).length === 0) budget['money'] = dice.below(20) / 1000
  const mayBurst = Object.values(backends).some(({ burst }) => burst) && dice.below(4) > 0
  const world: World = {
    needs: {
      ...(dice.below(3) === 0 ? { gpu: true } : {}),
      ...(dice.below(3) === 0 ? { arch: 'amd64' } : {}),
      ...(dice.below(4) === 0 ? { labels: { tier: 'gold' } } : {}),
    },
    residency: dice.below(3) === 0 ? [dice.pick(['eu-west-1', 'us-east-1/a'])] : null,
    burst: mayBurst ? { budget } : null,
    concurrency,
    price,
  }
  const { needs, residency, burst } = world
  try {
    const fn = { needs, residency, ...(burst === null ? {} : { burst }) }
    return {
      lab: await Lab.open(backends, fn, { placement: { zone: 'eu-west-1/a' } }, dice.below(1e6)),
      world,
    }
  } catch {
    return { lab: null, world }
  }
}

class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed * 2_654_435_761
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * limit)
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }
}
