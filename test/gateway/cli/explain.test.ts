import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explanationText } from '../../../gateway/cli/explanation-text.ts'
import type { PlacementAnswer } from '../../../gateway/management/host.ts'
import { managementStandIn, problem } from './management-stand-in.ts'
import { run } from './run.ts'

const CANDIDATE = {
  perSecond: null,
  name: 'resize',
  state: 'healthy',
  cold: false,
  inFlight: 3,
  limit: 10,
  backendInFlight: 4,
  backendLimit: null,
  costMs: 12.3456,
  successShare: 0.995,
  score: 49.3824,
  reasons: [],
} as const

const TIER = { burst: false, degraded: false, load: 100, health: 100, use: 0.3, saturation: 0 } as const

const ANSWER: PlacementAnswer = {
  organization: 'acme',
  functionName: 'resize',
  entryZone: 'eu-west-1',
  decision: 'placed',
  chosen: { backend: 'home', name: 'resize' },
  certain: true,
  reason: 'Goes to home, in the same region.',
  burst: {
    closed: 'the caller asked for none',
    budgets: [
      {
        organization: 'acme',
        functionName: 'resize',
        inFlight: 1,
        mostInFlight: 5,
        rate: 0,
        mostRate: null,
        spent: 0.5,
        reserved: 0,
        mostMoney: 1,
        share: 0.5,
        state: 'open',
        reason: null,
        total: { calls: 1, spent: 0.5, refused: { concurrency: 0, rate: 0, money: 0 } },
      },
    ],
  },
  tiers: [
    { ...TIER, place: 'same region', candidates: [{ ...CANDIDATE, backend: 'home' }] },
    {
      ...TIER,
      place: 'elsewhere',
      burst: true,
      degraded: true,
      load: 0,
      candidates: [
        {
          ...CANDIDATE,
          backend: 'cloud',
          state: 'half-open',
          cold: true,
          limit: null,
          costMs: 1234.5,
          reasons: ['is a burst backend, and the caller asked for none'],
        },
      ],
    },
  ],
  excluded: [{ backend: 'tiny', name: 'resize', reasons: ['offers no gpu', 'is draining'] }],
  routes: [
    { route: 'ANY /resize', refusal: null },
    { route: 'ANY /in', refusal: 'the caller lacks a scope' },
  ],
}

test('a placement is told on one screen', () => {
  assert.equal(
    explanationText(ANSWER, 'eu-west-1/z'),
    `acme/resize, called in eu-west-1/z, which counts as eu-west-1
Goes to home, in the same region.

TIER  PLACE                       LOAD   COULD TAKE  USED  SATURATION
1     same region                 100 %  100 %       30 %  0 %
2     elsewhere, burst, degraded  0 %    100 %       30 %  0 %

TIER  BACKEND  NAME THERE  STATE            IN FLIGHT  OF ALL  COST     SUCCESS  SCORE
1     home     resize      healthy          3 of 10    4       12.3 ms  100 %    49.4   chosen
2     cloud    resize      half open, cold  3          4       1235 ms  100 %    49.4   is a burst backend, and the caller asked for none

NEVER  NAME THERE  BECAUSE IT
tiny   resize      offers no gpu, is draining

No bursting: the caller asked for none.

BURST        RUNNING  LAST SECOND  LAST HOUR        STATE
acme/resize  1 of 5   0            0.5 of 1 (50 %)  open

ROUTE        THE CALLER
ANY /resize  may call it
ANY /in      may not: the caller lacks a scope
`,
  )
})

test('the question is sent to the management port, and the answer printed as a table or as JSON', async (t) => {
  const { cwd, received } = await managementStandIn(t, (response) => response.end(JSON.stringify(ANSWER)))
  const asked = [
    '-o',
    'acme',
    '--hint',
    'gpu, zone="eu-west-1"',
    '-z',
    'eu-west-1/a',
    '--as',
    'globex',
    '-r',
    'x',
  ]
  const said = await run(['explain', 'resize', ...asked], { cwd })
  assert.equal(said.code, 0)
  assert.match(said.stdout, /^acme\/resize, called in eu-west-1\/a, which counts as eu-west-1\nGoes to home/)
  const url = new URL(received[0]!.url, 'http://x')
  assert.equal(url.pathname, '/v1/organizations/acme/functions/resize/placement')
  assert.deepEqual(
    [...url.searchParams],
    [
      ['hint', 'gpu, zone="eu-west-1"'],
      ['zone', 'eu-west-1/a'],
      ['as', 'globex'],
      ['role', 'x'],
    ],
  )
  const json = await run(['explain', 'resize', '--json'], { cwd })
  assert.deepEqual(JSON.parse(json.stdout), ANSWER)
  assert.equal(received[1]!.url, '/v1/organizations/default/functions/resize/placement')
})

test('a function that there is not ends the command with what may be meant', async (t) => {
  const { cwd } = await managementStandIn(t, (response) =>
    problem(response, 404, 'GW_NO_ROUTE', 'There is no function rezise; resize may be meant.'),
  )
  const { code, stderr } = await run(['explain', 'rezise'], { cwd })
  assert.equal(code, 1)
  assert.match(stderr, /resize may be meant/)
  assert.match(stderr, /^error: There is no function rezise/)
})
