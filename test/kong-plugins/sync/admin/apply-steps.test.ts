import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applySteps } from '../../../../kong-plugins/sync/admin/apply-steps.ts'
import { KongError, type KongErrorKind } from '../../../../kong-plugins/sync/kong-error.ts'
import type { ApplyWatch, Step } from '../../../../kong-plugins/sync/target.ts'

const create = (kind: 'services' | 'routes' | 'plugins', id: string, needs: object = {}): Step => ({
  action: 'create',
  kind,
  id,
  name: id,
  body: { id, ...needs },
})

const STEPS: Step[] = [
  create('services', 's'),
  create('routes', 'a', { service: { id: 's' } }),
  create('routes', 'b', { service: { id: 's' } }),
  create('plugins', 'pa', { route: { id: 'a' } }),
  create('plugins', 'pb', { route: { id: 'b' } }),
]

const WATCH: ApplyWatch = {
  mayWrite: async () => true,
  onWritten: () => {},
  signal: new AbortController().signal,
}

async function apply(failing: Record<string, KongErrorKind>, watch: Partial<ApplyWatch> = {}) {
  const written: string[] = []
  const write = async (step: Step): Promise<void> => {
    const kind = failing[step.id]
    if (kind !== undefined) throw new KongError(kind, `${kind} it is`)
    written.push(step.id)
  }
  const result = await applySteps(STEPS, write, { ...WATCH, ...watch })
  const failed = result.failures.map(({ step, reason }) => [step.id, reason])
  return { written, failed, ...result }
}

test('all is written, what is needed first', async () => {
  const { written, writes, failures, stopped } = await apply({})
  assert.deepEqual(written, ['s', 'a', 'b', 'pa', 'pb'])
  assert.deepEqual([writes, failures, stopped], [5, [], null])
})

test('I04 an entity that Kong refuses stops what needs it and nothing else', async () => {
  const { written, failed, stopped, failures } = await apply({ a: 'invalid' })
  assert.deepEqual(written, ['s', 'b', 'pb'])
  assert.deepEqual(failed, [
    ['a', 'invalid it is'],
    ['pa', 'routes a could not be written'],
  ])
  assert.equal(stopped, null)
  assert.ok(failures.every(({ retryable }) => !retryable))
})

test('I03 a name that somebody else has is told as such', async () => {
  const { failures } = await apply({ pb: 'conflict' })
  assert.deepEqual(
    failures.map(({ conflict, retryable }) => [conflict, retryable]),
    [[true, false]],
  )
})

test('a Kong that is gone stops all', async () => {
  const { written, stopped } = await apply({ a: 'unreachable', b: 'unreachable' })
  assert.deepEqual(written, ['s'])
  assert.equal(stopped, 'unreachable')
})

test('who no longer leads writes nothing more', async () => {
  let asked = 0
  const { written, stopped } = await apply({}, { mayWrite: async () => ++asked < 2 })
  assert.deepEqual(written, ['s'])
  assert.equal(stopped, 'passive')
})

test('without the record nothing is written', async () => {
  const steps: Step[] = [{ action: 'tag', kind: 'services', id: 's', name: 's', tags: [] }, STEPS[1]!]
  const written: string[] = []
  const { stopped } = await applySteps(
    steps,
    async (step) => {
      if (step.action === 'tag') throw new KongError('missing', 'Not found')
      written.push(step.id)
    },
    WATCH,
  )
  assert.deepEqual(written, [])
  assert.equal(stopped, 'unreachable')
})
