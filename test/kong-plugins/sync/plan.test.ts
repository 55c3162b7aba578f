import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compare } from '../../../kong-plugins/sync/compare.ts'
import type { DesiredState, Fields, LiveEntity } from '../../../kong-plugins/sync/entities.ts'
import type { LiveState } from '../../../kong-plugins/sync/live-state.ts'
import { readOwnership, type SyncRecord, tagsOf } from '../../../kong-plugins/sync/ownership.ts'
import { createPlan, type DeletionGuard, type Plan } from '../../../kong-plugins/sync/plan.ts'
import type { EntitySchema, FieldSchema } from '../../../kong-plugins/sync/schema.ts'
import { Schemas } from '../../../kong-plugins/sync/schemas.ts'
import { desiredOf } from './configuration.ts'

const GENERATION = 100

/** Every field that is written, as a plain value: enough for all but defaults, which have a test of their own. */
function schemasOf({ entities }: DesiredState): Schemas {
  const schema = (found: DesiredState['entities']): EntitySchema => {
    const names = new Set(found.flatMap(({ fields }) => Object.keys(fields)))
    return {
      fields: [Object.fromEntries([...names].map((name) => [name, { type: 'any' } satisfies FieldSchema]))],
    }
  }
  const plugins = Map.groupBy(
    entities.filter(({ kind }) => kind === 'plugins'),
    ({ fields }) => String(fields['name']),
  )
  return new Schemas(
    new Map([...Map.groupBy(entities, ({ kind }) => kind)].map(([kind, found]) => [kind, schema(found)])),
    new Map([...plugins].map(([name, found]) => [name, schema(found)])),
  )
}

/** Kong as it is right after everything was written. */
function liveAfter(desired: DesiredState, generation = GENERATION): LiveEntity[] {
  return desired.entities.map((entity) => ({
    kind: entity.kind,
    id: entity.id,
    tags: tagsOf(desired.owner, entity, generation, entity.kind === 'services' ? desired.digest : null),
    fields: { id: entity.id, ...entity.fields },
  }))
}

function planFor(
  desired: DesiredState,
  owned: readonly LiveEntity[],
  all: LiveState['all'] = new Map(),
  guard: DeletionGuard | null = null,
): Plan {
  const schemas = schemasOf(desired)
  const service = owned.find(({ kind }) => kind === 'services')
  const record: SyncRecord | null = service === undefined ? null : readOwnership(service.tags).record
  const context = { desired, owned, schemas, generation: GENERATION + 1, record, guard }
  return createPlan(compare(desired, { owned, all }, schemas), context)
}

const written = (plan: Plan) => (plan.work?.steps ?? []).map(({ action, kind }) => `${action} ${kind}`)
const told = (plan: Plan) =>
  plan.changes.map(
    (change) => `${change.action} ${'entity' in change ? change.entity.kind : change.live.kind}`,
  )

const with_ = (live: LiveEntity, fields: Fields): LiveEntity => ({
  ...live,
  fields: { ...live.fields, ...fields },
})

test('where all is as it was written there is nothing to do', async () => {
  const desired = await desiredOf([{ path: '/a' }, { path: '/b' }])
  const plan = planFor(desired, liveAfter(desired))
  assert.deepEqual(plan.changes, [])
  assert.equal(plan.work, null)
})

test('one more route is two writes, and the record comes first', async () => {
  const before = await desiredOf([{ path: '/a' }])
  const after = await desiredOf([{ path: '/a' }, { path: '/b' }])
  assert.deepEqual(written(planFor(after, liveAfter(before))), ['tag services', 'create routes'])
})

test('what is referred to is written before, and deleted behind', async () => {
  const route = { path: '/a', plugins: { cors: { origins: ['*'] } }, kong: { plugins: ['cors'] } }
  const desired = await desiredOf([route])
  assert.deepEqual(written(planFor(desired, [])), [
    'create services',
    'create upstreams',
    'create targets',
    'create routes',
    'create plugins',
    'create plugins',
  ])
  const without = await desiredOf([])
  assert.deepEqual(written(planFor(without, liveAfter(desired))), [
    'tag services',
    'delete plugins',
    'delete routes',
  ])
})

test('a service that changes carries the record itself', async () => {
  const before = await desiredOf([{ path: '/a' }])
  const [route] = before.entities.filter(({ kind }) => kind === 'routes')
  const live = liveAfter({ ...before, digest: 'older' }).map((one) =>
    one.kind === 'services' ? with_(one, { retries: 9 }) : one,
  )
  assert.ok(route)
  assert.deepEqual(written(planFor(before, live)), ['update services'])
})

test('what others changed is told apart from what the configuration changed', async () => {
  const before = await desiredOf([{ path: '/a' }, { path: '/b', methods: ['GET'] }])
  const after = await desiredOf([{ path: '/a' }, { path: '/b', methods: ['POST'] }])
  const live = liveAfter(before).map((one) =>
    one.kind === 'routes' && String(one.fields['paths']) === '~/a$' ? with_(one, { strip_path: true }) : one,
  )
  assert.deepEqual(told(planFor(after, live)), ['repair routes', 'change routes'])
})

test('an entity that lost its tags is still ours by its id', async () => {
  const desired = await desiredOf([{ path: '/a' }])
  const live = liveAfter(desired).map((one) => (one.kind === 'routes' ? { ...one, tags: [] } : one))
  const plan = planFor(desired, live)
  assert.deepEqual(told(plan), ['repair routes'])
})

test('a name that somebody else has is a conflict, and the rest goes on', async () => {
  const desired = await desiredOf([{ path: '/a' }, { path: '/b' }])
  const [first, second] = desired.entities.filter(({ kind }) => kind === 'routes')
  const foreign: LiveEntity = { kind: 'routes', id: 'theirs', tags: [], fields: { name: first!.name } }
  const live = liveAfter(desired).filter(({ kind }) => kind !== 'routes')
  const plan = planFor(desired, live, new Map([['routes', [foreign]]]))
  assert.deepEqual(told(plan), ['conflict routes', 'create routes'])
  assert.deepEqual(
    plan.work!.steps.map(({ name }) => name),
    [second!.name],
  )
})

test('an entity that was taken over keeps its id, and what refers to it follows', async () => {
  const route = { path: '/a', plugins: { cors: { origins: ['*'] } }, kong: { plugins: ['cors'] } }
  const desired = await desiredOf([route])
  const entity = desired.entities.find(({ kind }) => kind === 'routes')!
  const live = liveAfter(desired)
    .filter(({ kind, fields }) => kind !== 'plugins' || fields['name'] !== 'cors')
    .map((one) => (one.id === entity.id ? { ...one, id: 'theirs' } : one))
  const plan = planFor(desired, live)
  assert.deepEqual(told(plan), ['create plugins'])
  const [step] = plan.work!.steps
  assert.deepEqual((step as { body: Fields }).body['route'], { id: 'theirs' })
})

test('what somebody else hung a plugin on stays', async () => {
  const before = await desiredOf([{ path: '/a' }])
  const after = await desiredOf([])
  const live = liveAfter(before)
  const route = live.find(({ kind }) => kind === 'routes')!
  const plugin: LiveEntity = {
    kind: 'plugins',
    id: 'theirs',
    tags: [],
    fields: { name: 'acl', instance_name: 'mine', route: { id: route.id } },
  }
  const plan = planFor(after, live, new Map([['plugins', [plugin]]]))
  assert.deepEqual(told(plan), ['held routes'])
  assert.deepEqual(written(plan), ['tag services'])
})

test('I10 more deletions than the guard allows are kept back, and all else is written', async () => {
  const routes = Array.from({ length: 60 }, (_, i) => ({ path: `/r${i}` }))
  const before = await desiredOf(routes)
  const guard = { always: 10, share: 0.2 }
  const few = planFor(await desiredOf(routes.slice(12)), liveAfter(before), new Map(), guard)
  assert.equal(few.withheld, 0)
  assert.equal(written(few).filter((step) => step === 'delete routes').length, 12)
  const many = planFor(await desiredOf([{ path: '/new' }]), liveAfter(before), new Map(), guard)
  assert.equal(many.withheld, 60)
  assert.deepEqual(written(many), ['tag services', 'create routes'])
})

describe('a route that changed in what it is named after', () => {
  const hosted = (host: string) => ({ path: '/*', hosts: [`${host}.test`] })
  const hosts = ['a', 'b', 'c', 'd'].map(hosted)

  for (const [what, before, after, expected] of [
    ['its path is one write', [{ path: '/a' }], [{ path: '/b' }], ['update']],
    ['its host, beside others, is one', hosts, hosts.with(2, hosted('x')), ['update']],
    [
      'one that comes beside others changes none of them',
      hosts,
      hosts.toSpliced(2, 0, hosted('x')),
      ['create'],
    ],
    ['one that goes changes none of them', hosts, hosts.toSpliced(1, 1), ['delete']],
    [
      'another method beside it is another route',
      [{ path: '/a', methods: ['GET'] }],
      [
        { path: '/a', methods: ['GET'] },
        { path: '/a', methods: ['POST'] },
      ],
      ['create'],
    ],
  ] as const)
    test(what, async () => {
      const plan = planFor(await desiredOf(after), liveAfter(await desiredOf(before)))
      assert.deepEqual(written(plan), ['tag services', ...expected.map((action) => `${action} routes`)])
    })

  test('keeps the id, and those of its plugins; and has nothing to do afterwards', async () => {
    const route = (path: string) => ({
      path,
      plugins: { cors: { origins: ['*'] } },
      kong: { plugins: ['cors'] },
    })
    const before = await desiredOf([route('/a')])
    const after = await desiredOf([route('/b')])
    const live = liveAfter(before)
    const plan = planFor(after, live)
    assert.deepEqual(written(plan), ['tag services', 'update routes', 'update plugins'])
    const bodies = plan.work!.steps.flatMap((step) => ('body' in step ? [step.body] : []))
    const now = live.map((one) => {
      const body = bodies.find(({ id }) => id === one.id)
      return body === undefined ? one : { ...one, fields: body, tags: body['tags'] as string[] }
    })
    assert.deepEqual(planFor(after, now).changes, [])
  })

  test('does not take what others hung on it to another path', async () => {
    const live = liveAfter(await desiredOf([{ path: '/a' }]))
    const route = live.find(({ kind }) => kind === 'routes')!
    const plugin: LiveEntity = {
      kind: 'plugins',
      id: 'theirs',
      tags: [],
      fields: { route: { id: route.id } },
    }
    const plan = planFor(await desiredOf([{ path: '/b' }]), live, new Map([['plugins', [plugin]]]))
    assert.deepEqual(told(plan), ['create routes', 'held routes'])
  })

  test('is a conflict, and moves none, where somebody else has the name', async () => {
    const after = await desiredOf([{ path: '/b' }])
    const { name } = after.entities.find(({ kind }) => kind === 'routes')!
    const foreign: LiveEntity = { kind: 'routes', id: 'theirs', tags: [], fields: { name } }
    const plan = planFor(
      after,
      liveAfter(await desiredOf([{ path: '/a' }])),
      new Map([['routes', [foreign]]]),
    )
    assert.deepEqual(told(plan), ['conflict routes', 'delete routes'])
  })

  test('I10 counts as a deletion: many at once are kept back', async () => {
    const routes = (prefix: string) => Array.from({ length: 30 }, (_, i) => ({ path: `/${prefix}${i}` }))
    const live = liveAfter(await desiredOf(routes('a')))
    const plan = planFor(await desiredOf(routes('b')), live, new Map(), { always: 10, share: 0.2 })
    assert.equal(plan.withheld, 30)
    assert.ok(!written(plan).includes('update routes'))
  })

  test('gives its name up before another takes it', async () => {
    const [moved, kept] = [await desiredOf([{ path: '/b' }]), await desiredOf([{ path: '/a' }])]
    const { id } = kept.entities.find(({ kind }) => kind === 'routes')!
    const live = liveAfter(moved).map((one) => (one.kind === 'routes' ? { ...one, id } : one))
    const plan = planFor(await desiredOf([{ path: '/b' }, { path: '/a' }]), live)
    assert.deepEqual(written(plan), ['tag services', 'update routes', 'create routes'])
  })
})

test('a plugin that this Kong does not have stops nothing else', async () => {
  const desired = await desiredOf([{ path: '/a' }])
  const schemas = new Schemas(
    new Map(desired.entities.map(({ kind }) => [kind, { fields: [{ name: { type: 'string' } }] }])),
    new Map(),
  )
  const comparison = compare(desired, { owned: [], all: new Map() }, schemas)
  assert.deepEqual(
    comparison.changes.map(({ action }) => action),
    ['create', 'create', 'create', 'create', 'impossible'],
  )
})
