import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainPlacement } from '../../../gateway/placement/explain.ts'
import { explainField, MOST_FIELD_CHARACTERS } from '../../../gateway/placement/explain-field.ts'
import type { PlacementExplanation } from '../../../gateway/placement/explanation.ts'
import { call, Lab } from './lab.ts'

const explain = ({ placement, now }: Lab): PlacementExplanation =>
  explainPlacement({ organization: 'default', name: 'f', placement }, call(), now)

test('an explanation in a header is JSON in short names', async () => {
  const lab = await Lab.open(
    { home: { zone: 'a/b', concurrency: 3 }, none: { drain: true }, cloud: { burst: true } },
    { burst: { budget: { concurrency: 0 } } },
    { placement: { zone: 'a/b' } },
  )
  lab.deployment('home').observe('answered', 200, 12.345, 1, lab.now)
  assert.deepEqual(JSON.parse(explainField(explain(lab), 2, 1.5)), {
    decision: 'placed',
    at: 'home/f',
    attempts: 2,
    waitedMs: 1.5,
    reason: 'Goes to home, in the same zone.',
    burst: ['open', 'open'],
    tiers: [
      {
        place: 'same zone',
        load: 100,
        health: 100,
        saturation: 0,
        candidates: [
          { at: 'home/f', state: 'healthy', inFlight: 0, limit: 1000, ms: 12.35, ok: 1, score: 152.4 },
        ],
      },
      {
        place: 'elsewhere',
        burst: true,
        load: 0,
        health: 100,
        saturation: 0,
        candidates: [
          {
            at: 'cloud/f',
            state: 'healthy',
            inFlight: 0,
            limit: 1000,
            ms: 1,
            ok: 1,
            score: 1,
            not: ['the burst budget of the function has no concurrency left'],
          },
        ],
      },
    ],
    excluded: [{ at: 'none/f', reasons: ['is draining'] }],
  })
})

test('however much there is to say, the header is bounded, valid JSON, ASCII, and says that it is cut', async () => {
  const names = Array.from({ length: 60 }, (_, i) => `backend-with-a-long-name-${i}`)
  const backends = Object.fromEntries(
    names.map((name, i) => [name, { zone: `region-${i % 7}`, drain: i % 3 === 0, concurrency: 5 }]),
  )
  const deployments = names.map((backend) => ({ backend, name: `ünïcode-\u{1f600}-${'x'.repeat(80)}` }))
  const whole = explain(await Lab.open(backends, { deployments }))
  for (let size = 0; size <= 40; size++) {
    const some = { ...whole, excluded: whole.excluded.slice(0, size) }
    const text = explainField(some, 1, 0)
    assert.ok(text.length <= MOST_FIELD_CHARACTERS)
    assert.match(text, /^[\x20-\x7e]*$/)
    const field = JSON.parse(text) as { cut?: boolean; at: string }
    assert.equal(field.cut, true)
    assert.equal(field.at, `${whole.chosen!.backend}/${whole.chosen!.name}`)
  }
})

test('a single candidate that is too long for the header leaves the decision', async () => {
  const whole = explain(await Lab.open({ home: {} }))
  const [tier] = whole.tiers
  const candidates = [{ ...tier!.candidates[0]!, reasons: ['x'.repeat(5000)] }]
  const text = explainField({ ...whole, tiers: [{ ...tier!, candidates }], excluded: [] }, 1, 0)
  assert.equal((JSON.parse(text) as { decision: string }).decision, 'placed')
  assert.ok(text.length <= MOST_FIELD_CHARACTERS)
})
