import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Random } from '../../fuzz/random.ts'
import type { Fault } from '../faulty-admin.ts'
import { type Gateway, KongUnderTest, needs } from '../kong-under-test.ts'
import { Hand } from './hand.ts'
import { wrongIn } from './oracle.ts'
import { changedRoutes, randomRoutes } from './routes-model.ts'

/** More, and other seeds: `KONG_MODEL_STEPS=1000 KONG_MODEL_SEED=7 node --test test/kong-plugins/model/model.test.ts`. */
const STEPS = Number(process.env['KONG_MODEL_STEPS'] ?? 60)
const SEED = Number(process.env['KONG_MODEL_SEED'] ?? 1)
const SEEDS = [SEED, SEED + 1]
/** Steps between two healings. */
const BURST = 8

const FAULTS: readonly Fault[] = [
  { kind: 'cut-before' },
  { kind: 'cut-after' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 429, retryAfter: '1' },
  { kind: 'status', status: 503, body: 'busy' },
  { kind: 'kill', effect: true },
  { kind: 'kill', effect: false },
]

describe('random edits, faults and configurations', { skip: await needs(true) }, () => {
  for (const seed of SEEDS)
    test(`${STEPS} of them with seed ${seed}: healed, Kong is right within two rounds of each gateway`, async () => {
      const random = new Random(seed)
      const kong = await KongUnderTest.open()
      const world = new World(kong, random)
      try {
        await world.begin()
        for (let step = 1; step <= STEPS; step++) {
          await world.step()
          if (step % BURST === 0) await world.heal()
        }
        await world.heal()
      } catch (error) {
        console.error(`seed ${seed}\n${world.protocol.slice(-40).join('\n')}`)
        throw error
      } finally {
        await kong.close()
      }
    })
})

class World {
  readonly #kong: KongUnderTest
  readonly #random: Random
  readonly #hand: Hand
  readonly #gateways: { readonly gateway: Gateway; routes: ReturnType<typeof randomRoutes> }[] = []
  readonly protocol: string[] = []

  constructor(kong: KongUnderTest, random: Random) {
    this.#kong = kong
    this.#random = random
    this.#hand = new Hand(kong, random)
  }

  async begin(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      const routes = randomRoutes(this.#random)
      this.#gateways.push({ gateway: await this.#kong.gateway(routes), routes })
    }
  }

  async step(): Promise<void> {
    const which = this.#random.below(2)
    const one = this.#gateways[which]!
    switch (this.#random.below(8)) {
      case 0:
        one.routes = changedRoutes(this.#random, one.routes)
        return this.#reconfigure(which)
      case 1:
        one.routes =
          this.#random.below(3) === 0 ? this.#gateways[1 - which]!.routes : randomRoutes(this.#random)
        return this.#reconfigure(which)
      case 2:
      case 3:
        return this.#say(await this.#hand.spoil())
      case 4:
        return this.#say(await this.#hand.mind(one.gateway.desired.entities))
      case 5:
        return this.#break()
      default:
        this.#kong.nowMs += this.#random.below(3000)
        return this.#round(which)
    }
  }

  /** Faults end, others give way, and each gateway has two rounds, in some order. */
  async heal(): Promise<void> {
    this.#kong.admin.fault = () => null
    await this.#kong.admin.up()
    await this.#hand.forgetWhatTheyLost()
    await this.#hand.giveWay()
    this.#say('healed')
    const order = this.#random.below(2) === 0 ? [0, 1, 0, 1] : [1, 0, 1, 0]
    for (const which of order) await this.#round(which)
    const [a, b] = this.#gateways.map(({ gateway }) => gateway) as [Gateway, Gateway]
    const leader = a.generation > b.generation ? a : b
    const wrong = await wrongIn(this.#kong, leader.desired)
    if (wrong.length > 0) this.#say(JSON.stringify((await leader.round()).plan.changes, null, 1))
    assert.deepEqual(wrong, [])
    assert.deepEqual(await this.#hand.complaints(), [])
    this.#kong.admin.reset()
    const { plan, record } = await leader.round()
    assert.deepEqual(plan.changes, [])
    assert.equal(record?.state, leader.desired.digest)
    for (const { gateway } of this.#gateways) await gateway.round()
    assert.equal(this.#kong.admin.writes, 0)
  }

  async #reconfigure(which: number): Promise<void> {
    const { gateway, routes } = this.#gateways[which]!
    await this.#kong.reconfigure(gateway, routes)
    this.#say(`gateway ${which} has ${routes.length} routes, generation ${gateway.generation}`)
  }

  /** The next requests go wrong: some of them, or all until somebody heals. */
  #break(): void {
    const fault = FAULTS[this.#random.below(FAULTS.length)]!
    const from = 1 + this.#random.below(6)
    const last = from + this.#random.below(8)
    let requests = 0
    this.#say(`${JSON.stringify(fault)} at requests ${from} to ${last}`)
    this.#kong.admin.fault = () => {
      requests++
      return requests >= from && requests <= last ? fault : null
    }
  }

  async #round(which: number): Promise<void> {
    await this.#kong.admin.up()
    const what = await this.#gateways[which]!.gateway.round().then(
      ({ standing, result }) =>
        `${standing} ${result?.writes ?? 0} writes, ${result?.failures.map(({ step, reason }) => `${step.kind} ${step.name}: ${reason}`).join('; ')}`,
      (error: Error) => error.message,
    )
    this.#say(`gateway ${which}: ${what}`)
  }

  #say(what: string): void {
    this.protocol.push(what)
  }
}
