import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import type { Config } from '../../../gateway/config/schema.ts'
import type { DriverDefinition, Operator, OperatorHost } from '../../../gateway/contract/driver.ts'
import { Operators } from '../../../gateway/control/operators.ts'

const PATIENCE = { openMs: 60, probeMs: 60, closeMs: 60 }

test('an operator is opened once, told of later deployments, and closed when its backend is gone', async () => {
  const { operators, told, drivers } = watched()
  await operators.update(configOf({ a: {} }, ['f']), drivers)
  const keep = await operators.update(configOf({ a: {} }, ['f', 'g']), drivers)
  await keep()
  assert.deepEqual(told, ['a opens with f', 'a gets f g'])
  const close = await operators.update(configOf({ b: {} }, ['f']), drivers)
  assert.deepEqual(told.slice(2), ['b opens with f'])
  await close()
  assert.deepEqual(told.slice(3), ['a closes'])
})

test('a backend whose settings change gets a new operator, and only that one is heard', async () => {
  const { operators, told, drivers, hosts, announced } = watched()
  await operators.update(configOf({ a: { url: 1 } }, []), drivers)
  const close = await operators.update(configOf({ a: { url: 2 } }, []), drivers)
  hosts[0]!.announce('old')
  hosts[1]!.announce('new')
  await close()
  assert.deepEqual(told, ['a opens with ', 'a opens with ', 'a closes'])
  assert.deepEqual(announced, [['a', 'new']])
})

test('an operator that fails or never answers holds up nobody', async () => {
  for (const how of ['rejects', 'throws', 'hangs'] as const) {
    const { operators, errors, drivers } = watched(how)
    const close = await operators.update(configOf({ a: {}, b: {} }, ['f']), drivers)
    const probe = await operators.probe('a')
    assert.equal(probe?.ready, false, how)
    await close()
    await operators.close()
    assert.ok(errors.length >= 2, how)
  }
})

test('a backend without an operator is not probed', async () => {
  const { operators } = watched()
  assert.equal(await operators.probe('nobody'), null)
})

/** Operators of a driver that notes what happens to it, or does not do what it should. */
function watched(how: 'works' | 'rejects' | 'throws' | 'hangs' = 'works') {
  const told: string[] = []
  const errors: string[] = []
  const announced: unknown[][] = []
  const hosts: OperatorHost[] = []
  const act = <Result>(what: string, result: Result): Promise<Result> => {
    if (how === 'throws') throw new Error('thrown')
    if (how === 'rejects') return Promise.reject(new Error('rejected'))
    if (how === 'hangs') return new Promise(() => {})
    told.push(what)
    return Promise.resolve(result)
  }
  const names = (deployments: OperatorHost['deployments']) => deployments.map(({ name }) => name).join(' ')
  const driver: DriverDefinition = {
    kind: 'noting',
    status: 'stable',
    description: 'Notes.',
    options: Type.Object({}),
    capabilities: { streaming: true, rawHttp: true },
    invoker: () => ({ invoke: () => {}, close: async () => {} }),
    operator: (_options, host): Operator => {
      hosts.push(host)
      return {
        open: () => act(`${host.backend} opens with ${names(host.deployments)}`, undefined),
        update: (deployments) => act(`${host.backend} gets ${names(deployments)}`, undefined),
        probe: () => act(`${host.backend} is probed`, { ready: true, detail: 'fine' }),
        close: () => act(`${host.backend} closes`, undefined),
      }
    },
  }
  const log = { info: () => {}, warn: () => {}, error: (_fields: object, text: string) => errors.push(text) }
  const operators = new Operators(log, (...facts) => announced.push(facts), PATIENCE)
  return { operators, told, errors, hosts, announced, drivers: new Map([['noting', driver]]) }
}

/**
 * The part of a configuration that operators read: backends with their options; each function runs on the first of
 * them.
 */
function configOf(backends: Record<string, object>, functions: readonly string[]): Config {
  const [first] = Object.keys(backends)
  return {
    directory: '/',
    backends: Object.entries(backends).map(([name, options]) => ({
      name,
      driver: 'noting',
      options,
      organizations: null,
    })),
    functions: functions.map((name) => ({
      organization: 'default',
      name,
      deployments: [{ backend: first, name }],
      timeout: 1000,
      idempotent: false,
    })),
  } as unknown as Config
}
