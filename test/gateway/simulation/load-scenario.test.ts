import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigInvalid } from '../../../gateway/config/mistakes.ts'
import { parseScenario } from '../../../gateway/simulation/load-scenario.ts'
import { configOf } from './lab.ts'

async function mistakesIn(text: string): Promise<string[]> {
  const { config } = await configOf({ home: {}, cloud: {} })
  try {
    parseScenario(text, '/scenario.yaml', [config])
  } catch (error) {
    if (error instanceof ConfigInvalid)
      return error.mistakes.map(
        ({ line, path, message, suggestion }) =>
          `${line} ${path}: ${message}${suggestion === null ? '' : ` → ${suggestion}`}`,
      )
    throw error
  }
  return []
}

test('a scenario without a mistake is complete', async () => {
  const { config } = await configOf({ home: {} })
  const scenario = parseScenario(
    'load: [{ function: f, rate: [{ for: 1m, rate: 5 }] }]\nplatforms: { home: { service: { mean: 80ms } } }',
    '/scenario.yaml',
    [config],
  )
  assert.deepEqual(scenario, {
    seed: 1,
    load: [
      {
        function: 'f',
        organization: 'default',
        zone: null,
        hint: null,
        repeatable: false,
        attempts: 3,
        arrivals: 'poisson',
        rate: [{ for: 60_000, rate: 5, to: null }],
      },
    ],
    recording: null,
    platforms: {
      home: {
        service: { mean: 80, spread: 0.5 },
        capacity: null,
        queue: 0,
        errors: 0,
        coldStart: null,
        events: [],
      },
    },
    sample: { every: 1000 },
  })
})

test('every mistake is told with its line and what may be meant', async () => {
  const text = `load:
  - function: g
    hint: zoen="a"
    rate: [{ for: 60s, rate: 5, up: 3 }]
    zone: EU
platforms:
  hme: { service: 80ms }
  cloud: { service: { mean: 80 }, errors: 2 }
`
  assert.deepEqual(await mistakesIn(text), [
    '2 load[0].function: /dispatch.yaml has no function "g" in the organization "default"',
    '3 load[0].hint: this is no hint: zoen is unknown; zone may be meant. Known are zone, gpu, arch, burst, max-latency, label.NAME.',
    '4 load[0].rate[0].up: unknown key "up"',
    '5 load[0].zone: "EU" is not a zone → eu',
    '7 platforms.hme: there is no backend "hme" → home',
    '8 platforms.cloud.service.mean: "80" is not a duration → 80s',
    '8 platforms.cloud.errors: the number 2 cannot stand here → 1',
  ])
})

test('a load, and something about each platform that it can reach, must be there', async () => {
  assert.match((await mistakesIn('seed: 3')).join(), /no calls come in/)
  const [mistake] = await mistakesIn(
    'load: [{ function: f, rate: [{ for: 1m, rate: 5 }] }]\nplatforms: { home: { service: 80ms } }',
  )
  assert.match(mistake!, /^2 platforms: nothing is said about the backend "cloud", where a function/)
})
