import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Type } from 'typebox'
import { BackendSlot } from '../../../gateway/capacity/backend-slot.ts'
import { DeploymentSlot } from '../../../gateway/capacity/deployment-slot.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import type { Config } from '../../../gateway/config/schema.ts'
import type { DeploymentState, DriverDefinition, Operator } from '../../../gateway/contract/driver.ts'
import type { WatchedDeployment } from '../../../gateway/control/backend-watch.ts'
import { Operators } from '../../../gateway/control/operators.ts'
import { ProbeWatch } from '../../../gateway/control/probe-watch.ts'

const EPOCH = Date.UTC(2026, 10, 1)

/** What a platform says; changed by the test. */
interface Platform {
  ready: boolean
  /** Null: the operator has no inventory. Throws when it is an error. */
  states: readonly Partial<DeploymentState>[] | Error | null
  probes: number
}

/** A gateway with a platform `p` of two functions, `f` and `g`, whose word the test decides, and a clock. */
async function watched(t: TestContext, { states = null as Platform['states'], every = 10_000 } = {}) {
  const platform: Platform = { ready: true, states, probes: 0 }
  const lines: string[] = []
  const say = (_fields: object, message: string): void => void lines.push(message)
  const log = { info: say, warn: say, error: say }
  const operators = new Operators(log, () => {})
  t.after(() => operators.close())
  const drivers = new Map([
    ['asked', driverOf('asked', platform)],
    ['silent', driverOf('silent', null)],
  ])
  const config = configOf({ p: 'asked', quiet: 'silent' }, every)
  await operators.update(config, drivers)
  const memory = new SharedMemory()
  const deployments = ['f', 'g'].map((name) => deploymentOf(memory, name))
  const gateway = { config, generation: 1, operators, control: { deployments }, log }
  let now = EPOCH
  const watch = new ProbeWatch(
    gateway,
    () => now,
    () => 0.5,
  )
  const look = async (ms: number): Promise<void> => {
    now += ms
    await watch.look()
  }
  const [f, g] = deployments as [WatchedDeployment, WatchedDeployment]
  return { platform, lines, gateway, watch, look, f, g, now: () => now }
}

test('the first look comes within a second, further ones as often as was said', async (t) => {
  const { platform, look, watch } = await watched(t)
  await look(0)
  assert.equal(platform.probes, 0)
  assert.deepEqual(watch.results.get('p'), null)
  await look(500)
  assert.equal(platform.probes, 1)
  assert.deepEqual(watch.results.get('p'), { ready: true, detail: 'fine' })
  await look(9_999)
  assert.equal(platform.probes, 1)
  await look(1)
  assert.equal(platform.probes, 2)
})

test('a new configuration is looked at soon', async (t) => {
  const { platform, look, gateway, watch } = await watched(t)
  await look(0)
  await look(500)
  gateway.generation = 2
  await look(1)
  await look(500)
  assert.equal(platform.probes, 2)
  gateway.generation = 3
  gateway.config = configOf({ quiet: 'silent' }, 10_000)
  await look(1)
  assert.deepEqual([...watch.results.keys()], ['quiet'])
})

test('two failures in a row make a backend not ready, one success makes it ready, slowly', async (t) => {
  const { platform, look, lines, f, g, now } = await watched(t)
  await look(0)
  platform.ready = false
  await look(10_000)
  assert.equal(f.backendSlot.ready, true, 'one failure is none')
  platform.ready = true
  await look(10_000)
  platform.ready = false
  await look(10_000)
  assert.equal(f.backendSlot.ready, true)
  await look(10_000)
  assert.equal(f.backendSlot.ready, false)
  assert.equal(g.backendSlot.ready, false)
  await look(10_000)
  assert.deepEqual(lines, ['a backend is not ready: its functions go elsewhere where they can'])
  platform.ready = true
  await look(10_000)
  assert.equal(f.backendSlot.ready, true)
  assert.equal(f.slot.health.state(now()), 'recovering')
  assert.equal(g.slot.health.weight(now()), 0.1)
  assert.deepEqual(lines.slice(1), ['a backend is ready again'])
})

test('a backend that nobody can ask is ready', async (t) => {
  const { look, gateway, watch, platform, f } = await watched(t)
  await look(0)
  platform.ready = false
  await look(10_000)
  await look(10_000)
  assert.equal(f.backendSlot.ready, false)
  // Its driver has no operator any more.
  gateway.config = configOf({ p: 'silent' }, 10_000)
  await gateway.operators.update(gateway.config, new Map([['silent', driverOf('silent', null)]]))
  await look(10_000)
  assert.equal(watch.results.get('p'), null)
  assert.equal(f.backendSlot.ready, true)
})

test('a function of which nothing runs is cold, until it runs or has answered', async (t) => {
  const { look, platform, f, g, now } = await watched(t, { states: [{ name: 'f', replicas: 0 }] })
  await look(0)
  await look(10_000)
  assert.equal(f.slot.latency.cold, true)
  assert.equal(g.slot.latency.cold, false, 'nothing is known of it')
  assert.equal(f.slot.health.ready, true, 'a call starts it')
  f.slot.latency.answered(3000, now(), false)
  assert.equal(f.slot.latency.cold, false)
  await look(10_000)
  assert.equal(f.slot.latency.cold, true)
  platform.states = [{ name: 'f', replicas: 2 }]
  await look(10_000)
  assert.equal(f.slot.latency.cold, false)
})

test('a function that is gone in two inventories in a row is not ready, one that is back is', async (t) => {
  const { look, platform, lines, f, g, now } = await watched(t, { states: [{ name: 'f', ready: false }] })
  await look(0)
  await look(10_000)
  assert.equal(f.slot.health.ready, true, 'once is nothing')
  await look(10_000)
  assert.equal(f.slot.health.ready, false)
  assert.equal(g.slot.health.ready, true)
  assert.equal(f.backendSlot.ready, true)
  platform.states = [{ name: 'f', ready: true }]
  await look(10_000)
  assert.equal(f.slot.health.state(now()), 'recovering')
  assert.equal(lines.length, 2)
})

test('an inventory that fails makes what it said unknown, and is complained about once', async (t) => {
  const { look, platform, lines, f } = await watched(t, {
    states: [{ name: 'f', ready: false, replicas: 0 }],
  })
  await look(0)
  await look(10_000)
  await look(10_000)
  assert.equal(f.slot.health.ready, false)
  platform.states = new Error('no rights')
  for (let i = 0; i < 3; i++) await look(10_000)
  assert.equal(f.slot.health.ready, true)
  assert.equal(f.slot.latency.cold, false)
  assert.equal(lines.filter((line) => line === 'there is no inventory').length, 1)
})

test('what the platform declares is where the adaptive limit begins, and its end', async (t) => {
  const { look, platform, f, g } = await watched(t, { states: [{ name: 'f', limit: 15 }] })
  await look(0)
  await look(10_000)
  assert.equal(f.slot.limit, 15)
  assert.equal(g.slot.limit, 1000)
  platform.states = [{ name: 'f', limit: null }]
  await look(10_000)
  assert.equal(f.slot.limit, 1000)
})

test('an operator that says nonsense stops nobody', async (t) => {
  // As an operator without types may answer.
  const { look, platform, lines } = await watched(t, { states: [null] as never })
  await look(0)
  await look(10_000)
  platform.states = []
  await look(10_000)
  assert.equal(platform.probes, 2)
  assert.equal(lines.filter((line) => line === 'a look at a backend failed').length, 1)
})

function driverOf(kind: string, platform: Platform | null): DriverDefinition {
  const operator = (): Operator | null => {
    if (platform === null) return null
    return {
      open: async () => {},
      probe: async () => {
        platform.probes++
        return { ready: platform.ready, detail: platform.ready ? 'fine' : 'broken' }
      },
      inventory: async () => {
        const { states } = platform
        if (states instanceof Error) throw states
        return (states ?? []).map((state) => state && { ...RUNNING, ...state })
      },
      close: async () => {},
    }
  }
  return {
    kind,
    status: 'stable',
    description: 'Says what the test wants.',
    options: Type.Object({}),
    capabilities: { streaming: true, rawHttp: true },
    invoker: () => ({ invoke: () => {}, close: async () => {} }),
    operator,
  }
}

const RUNNING: DeploymentState = { organization: 'acme', name: '', ready: true, replicas: 1, limit: null }

function deploymentOf(memory: SharedMemory, name: string): WatchedDeployment {
  return {
    organization: 'acme',
    functionName: name,
    name,
    backend: 'p',
    slot: new DeploymentSlot(memory, `acme/${name}@p/${name}`, 1, 0, EPOCH, 'adaptive'),
    backendSlot: new BackendSlot(memory, 'p', 1, 0),
  }
}

/** The part of a configuration that operators and probes read. */
function configOf(backends: Record<string, string>, every: number): Config {
  return {
    directory: '/',
    backends: Object.entries(backends).map(([name, driver]) => ({
      name,
      driver,
      options: {},
      probe: { every, timeout: 1000 },
    })),
    functions: [],
  } as unknown as Config
}
