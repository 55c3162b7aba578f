import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigInvalid } from '../../../../gateway/config/mistakes.ts'
import { load, said } from '../sample.ts'

/** Errors and warnings about a text, one a line, without the warning that there are no routes. */
async function remarks(text: string): Promise<string[]> {
  const found = await load(text).then(
    ({ warnings }) => warnings,
    (error: unknown) => {
      if (error instanceof ConfigInvalid) return [...error.mistakes, ...error.warnings]
      throw error
    },
  )
  return found
    .filter(({ path }) => path !== 'routes')
    .map((mistake) => `${mistake.level} ${said(mistake)}`.replace(/^error /, ''))
}

const BACKENDS = `
backends:
  home: { driver: plain, url: "http://a", zone: eu-west-1/a, offers: { gpu: { model: t4 }, arch: [amd64] } }
  away: { driver: plain, url: "http://b", zone: us-east-1/a, offers: { memory: 4GiB, labels: { tier: gold } } }
  cloud: { driver: plain, url: "http://c", burst: true, price: { call: 1 } }
  free: { driver: plain, url: "http://d", burst: true }
`
const withFunctions = (...functions: string[]) =>
  `${BACKENDS}functions:\n${functions.map((fn, i) => `  f${i}: { ${fn} }\n`).join('')}`

test('zones are written region or region/zone, and what is nearly one is refused with the one that was meant', async () => {
  const text = `
placement: { zone: EU-West-1/a, distances: [{ between: [a/b/c, eu_central], distance: 5 }] }
backends: { home: { driver: plain, url: "http://a", zone: "eu-west-1:a" }, b: { driver: plain, url: "http://b", zone: "" } }
`
  const expected = 'a region or region/zone in lower case, such as eu-west-1 or eu-west-1/a'
  assert.deepEqual(await remarks(text), [
    `2 placement.zone: "EU-West-1/a" is not a zone | ${expected} | eu-west-1/a`,
    `2 placement.distances[0].between[0]: "a/b/c" is not a zone | ${expected}`,
    `2 placement.distances[0].between[1]: "eu_central" is not a zone | ${expected} | eu-central`,
    `3 backends.home.zone: "eu-west-1:a" is not a zone | ${expected} | eu-west-1/a`,
    `3 backends.b.zone: "" is not a zone | ${expected}`,
  ])
})

test('a function that no backend suits is refused with what each lacks', async () => {
  const text = withFunctions(
    'deployments: [home, away], needs: { gpu: { model: a100 }, memory: 8GiB }',
    'deployments: [home, away], residency: [eu-central-1]',
    'deployments: [home, away], needs: { gpu: true }, residency: [us-east-1]',
    'deployments: [away], needs: { labels: { tier: silver }, arch: arm64 }',
  )
  const needed = 'a deployment on a backend that `offers` all of `needs`'
  const away = 'a deployment on a backend whose `zone` is within `residency`'
  assert.deepEqual(await remarks(text), [
    `8 functions.f0.needs: no deployment suits this function: "home" gpu model is t4, needs a100 and offers no memory, needs 8GiB; "away" offers no gpu and memory is 4GiB, needs 8GiB | ${needed}`,
    `9 functions.f1.residency: no deployment suits this function: "home" is in eu-west-1/a, outside of eu-central-1; "away" is in us-east-1/a, outside of eu-central-1 | ${away}`,
    `10 functions.f2.needs: no deployment suits this function: "home" is in eu-west-1/a, outside of us-east-1; "away" offers no gpu | ${needed}`,
    `11 functions.f3.needs: no deployment suits this function: "away" offers no arch, needs arm64 and label tier is gold, needs silver | ${needed}`,
    'warning 9 functions.f1.residency[0]: no backend is in "eu-central-1", nor is this gateway | the `zone` of a backend or of `placement`, or the region of one',
  ])
})

test('a deployment that calls can never go to is told while another suits', async () => {
  const text = withFunctions(
    'deployments: [home, away], needs: { gpu: true }',
    'deployments: [home, cloud]',
    'deployments: [home, away], residency: [eu-west-1]',
  )
  assert.deepEqual(await remarks(text), [
    'warning 8 functions.f0.deployments[1]: calls never go here: "away" offers no gpu',
    'warning 9 functions.f1.deployments[1]: calls never go here: "cloud" is a burst backend and the function has no `burst` | `burst` with a budget',
    'warning 10 functions.f2.deployments[1]: calls never go here: "away" is in us-east-1/a, outside of eu-west-1',
  ])
})

test('a function on burst backends only must be allowed to burst', async () => {
  const text = withFunctions(
    'deployments: [cloud]',
    'deployments: [home, cloud], needs: { gpu: { count: 2 } }, burst: { budget: unlimited }',
    'deployments: [cloud], burst: { budget: unlimited }',
  )
  assert.equal((await remarks(withFunctions('deployments: [cloud], burst: ~'))).length, 1)
  assert.deepEqual(await remarks(text), [
    '8 functions.f0.deployments: all deployments that suit this function are on burst backends, and it may not burst | `burst` with a budget, or a deployment on a backend without `burst: true`',
    '9 functions.f1.needs: no deployment suits this function: "home" gpu count is 1, needs 2; "cloud" offers no gpu | a deployment on a backend that `offers` all of `needs`',
  ])
})

test('burst without a burst backend is refused', async () => {
  assert.deepEqual(await remarks(withFunctions('deployments: [home], burst: { budget: unlimited }')), [
    '8 functions.f0.burst: no deployment that suits this function is on a burst backend | a deployment on a backend with `burst: true`, or no `burst` here',
  ])
})

test('a budget must be given, bound something, and money needs a price', async () => {
  const text = `${withFunctions(
    'deployments: [home, cloud], burst: {}',
    'deployments: [home, cloud], burst: { budget: {} }',
    'deployments: [home, free], burst: { budget: { money: 5 } }',
    'deployments: [home, cloud, free], burst: { budget: { money: 5 } }',
    'deployments: [home, cloud], burst: { budget: { money: -1, rate: 1, concurrency: 0 } }',
  )}burst: { budget: { money: 1 } }
organizations: { acme: { burst: { budget: {} }, functions: { g: { deployments: [free], burst: { budget: { rate: 1 } } } } } }
`
  assert.deepEqual(await remarks(text), [
    '8 functions.f0.burst.budget: "budget" is missing | unlimited or a map with concurrency, rate, money',
    '9 functions.f1.burst.budget: the budget bounds nothing | concurrency, rate or money, or `unlimited`',
    '10 functions.f2.burst.budget.money: this does not bound calls to "free": no price is given there | `price` of the burst backends, or a bound by concurrency or rate',
    '12 functions.f4.burst.budget.money: the number -1 cannot stand here | a number from 0 to 1000000 | 0',
    '14 organizations.acme.burst.budget: the budget bounds nothing | concurrency, rate or money, or `unlimited`',
    'warning 11 functions.f3.burst.budget.money: this does not bound calls to "free": no price is given there | `price` of the burst backends, or a bound by concurrency or rate',
    'warning 13 burst.budget.money: this does not bound calls to "free": no price is given there | `price` of the burst backends, or a bound by concurrency or rate',
  ])
})

test('a distance is between two regions, once', async () => {
  const text = `${BACKENDS}placement:
  distances:
    - { between: [eu-west-1, us-east-1], distance: 80 }
    - { between: [us-east-1, eu-west-1], distance: 90 }
    - { between: [eu-west-1/a, eu-west-1/b], distance: 1 }
    - { between: [eu-west-1, us-east-1/a], distance: 0 }
    - { between: [eu-west-1], distance: 1 }
`
  assert.deepEqual(await remarks(text), [
    '10 placement.distances[1]: "us-east-1" and "eu-west-1" have a distance already, in line 9 | each pair once; it holds in both directions',
    '11 placement.distances[2]: "eu-west-1/a" and "eu-west-1/b" are in one region, which is nearer than all neighbours | two places of different regions',
    '12 placement.distances[3].distance: the number 0 cannot stand here | a number from 0.001 to 1000000 | 0.001',
    '13 placement.distances[4].between: the list has 1 items | at least 2 items',
    'warning 11 placement.distances[2].between[1]: no backend is in "eu-west-1/b", nor is this gateway | the `zone` of a backend or of `placement`, or the region of one | eu-west-1/a',
  ])
})

test('a place where nothing is looks misspelt', async () => {
  const expected = 'the `zone` of a backend or of `placement`, or the region of one'
  const text = `${BACKENDS}placement: { zone: ap-south-1/c, distances: [{ between: [ap-south-1, eu-wst-1], distance: 9 }, { between: [eu-north-1, us-east-1], distance: 9 }] }
functions: { f: { deployments: [home], residency: [eu-west-1, eu-west-1/b, moon] } }
`
  assert.deepEqual(await remarks(text), [
    `warning 7 placement.distances[0].between[1]: no backend is in "eu-wst-1", nor is this gateway | ${expected} | eu-west-1`,
    `warning 7 placement.distances[1].between[0]: no backend is in "eu-north-1", nor is this gateway | ${expected}`,
    `warning 8 functions.f.residency[1]: no backend is in "eu-west-1/b", nor is this gateway | ${expected} | eu-west-1/a`,
    `warning 8 functions.f.residency[2]: no backend is in "moon", nor is this gateway | ${expected}`,
  ])
})

test('calls may come in at places where nothing is when a proxy is trusted to say where', async () => {
  const text = `${BACKENDS}placement: { distances: [{ between: [eu-north-1, us-east-1], distance: 9 }] }
gateway: { trustedProxies: [10.0.0.0/8] }
`
  assert.deepEqual(await remarks(text), [])
})

test('settings that need a second deployment are told where there is none', async () => {
  const text = withFunctions(
    'deployments: [home, cloud], hedge: {}, coldStart: warm-peer, burst: { budget: unlimited }',
    'deployments: [home, { backend: home, name: x }], hedge: { after: 100ms, extraLoad: 10 }',
    'deployments: [home], hedge: {}, coldStart: warm-peer',
  )
  const rest =
    'this does nothing: calls can go to one deployment only | a second deployment that suits the function'
  assert.deepEqual(await remarks(text), [
    `warning 10 functions.f2.hedge: ${rest}`,
    `warning 10 functions.f2.coldStart: ${rest}`,
  ])
})

test('what stands in the place of a number, a word or a map is told with what may stand there', async () => {
  const text = `
backends:
  a: { driver: plain, url: "http://a", concurrency: 0, functionConcurrency: adaptve, burst: yes, price: 3, drain: 1 }
  b: { driver: plain, url: "http://a", offers: { gpu: A100, arch: [x86], memory: 16, labels: { Tier: 1, up: true } }, prise: {} }
  c: { driver: plain, url: "http://a", offers: { gpu: { model: A100, count: 0 } }, concurrency: unlimitd }
`
  const limit = 'one of adaptive, unlimited or a whole number from 1 to 1000000'
  const name = 'of 1 to 63 lower-case letters, digits and inner hyphens'
  assert.deepEqual(await remarks(text), [
    '3 backends.a.concurrency: the number 0 cannot stand here | a whole number from 1 to 1000000 or unlimited | 1',
    `3 backends.a.functionConcurrency: "adaptve" cannot stand here | ${limit} | adaptive`,
    '3 backends.a.burst: "yes" cannot stand here | true or false | true',
    '3 backends.a.price: a number cannot stand here | a map with call, second, gbSecond',
    '3 backends.a.drain: the number 1 cannot stand here | true or false | true',
    '4 backends.b.offers.gpu: "A100" cannot stand here | true or false or a map with model, count',
    '4 backends.b.offers.arch[0]: "x86" cannot stand here | one of amd64, arm64, arm, ppc64le, s390x, riscv64',
    '4 backends.b.offers.memory: "16" is not a size | a size such as 500B, 64KiB, 10MiB or 1GB, at least 1MiB | 16B',
    `4 backends.b.offers.labels.Tier: "Tier" cannot be a name here | a name ${name} | tier`,
    '4 backends.b.offers.labels.up: true cannot stand here | a text in one line, not empty | "true"',
    '4 backends.b.prise: unknown key "prise" | one of driver, organizations, zone, offers, concurrency, functionConcurrency, burst, price, drain, probe, url, connectTimeout, credential, labels | price',
    `5 backends.c.offers.gpu.model: "A100" cannot stand here | a model ${name} | a100`,
    '5 backends.c.offers.gpu.count: the number 0 cannot stand here | a whole number from 1 to 1024 | 1',
    '5 backends.c.concurrency: "unlimitd" cannot stand here | a whole number from 1 to 1000000 or unlimited | unlimited',
  ])
})

test('a deployment says its own limit and memory, else its backend and its function do', async () => {
  const { config } = await load(`
backends:
  a: { driver: plain, url: "http://a", functionConcurrency: unlimited }
  b: { driver: plain, url: "http://b" }
functions:
  f: { memory: 256MiB, deployments: [a, { backend: a, name: x, concurrency: 7, memory: 1GiB }, { backend: b, concurrency: unlimited }] }
  g: { deployments: [b], waiting: { most: 0 }, locality: any }
`)
  assert.deepEqual(
    config.functions[0]!.deployments.map(({ concurrency, memory }) => [concurrency, memory / 2 ** 20]),
    [
      ['unlimited', 256],
      [7, 1024],
      ['unlimited', 256],
    ],
  )
  assert.deepEqual(config.functions[1]!.deployments, [
    { backend: 'b', name: 'g', concurrency: 'adaptive', memory: 128 * 2 ** 20 },
  ])
  assert.deepEqual(config.functions[1]!.waiting, { most: 0, time: null })
  assert.equal(config.functions[1]!.locality, 'any')
})

test('needs and offers of gpu have one form, whether true, false or a map', async () => {
  const { config } = await load(`
backends:
  a: { driver: plain, url: "http://a", offers: { gpu: true } }
  b: { driver: plain, url: "http://b", offers: { gpu: false } }
  c: { driver: plain, url: "http://c", offers: { gpu: { count: 4 } } }
functions:
  f: { deployments: [a], needs: { gpu: true } }
  g: { deployments: [c], needs: { gpu: { count: 2 } }, prefers: { gpu: false } }
`)
  const one = { model: null, count: 1 }
  assert.deepEqual(
    config.backends.map(({ offers }) => offers.gpu),
    [one, null, { model: null, count: 4 }],
  )
  assert.deepEqual(config.functions[0]!.needs.gpu, one)
  assert.deepEqual(config.functions[1]!.needs.gpu, { model: null, count: 2 })
  assert.equal(config.functions[1]!.prefers.gpu, null)
})

test('a fixed time and the word p95 both say when a second call is sent', async () => {
  const { config } = await load(
    withFunctions(
      'deployments: [home, away], hedge: {}',
      'deployments: [home, away], hedge: { after: 20ms, extraLoad: 1.5 }',
    ),
  )
  assert.deepEqual(
    config.functions.map(({ hedge }) => hedge),
    [
      { after: 'p95', extraLoad: 5 },
      { after: 20, extraLoad: 1.5 },
    ],
  )
  assert.deepEqual(await remarks(withFunctions('deployments: [home, away], hedge: { after: p99 }')), [
    '8 functions.f0.hedge.after: "p99" cannot stand here | p95 or a duration such as 250ms, 10s, 5m, 1h or 1d, at least 1ms | p95',
  ])
})

test('a mistake in one part is not told again where the part is used', async () => {
  const text = `
backends:
  a: { driver: plain, url: "http://a", zone: "!" }
  b: { driver: plain, url: "http://b", burst: true }
functions:
  f: { deployments: [a], residency: [eu-west-1] }
  g: { deployments: [b], burst: { above: 2, budget: unlimited } }
  h: { deployments: [b], burst: { budget: 5 } }
  i: { deployments: [a], residency: ["!"] }
`
  assert.deepEqual(
    (await remarks(text)).map((remark) => remark.split(':')[0]),
    [
      '3 backends.a.zone',
      '7 functions.g.burst.above',
      '8 functions.h.burst.budget',
      '9 functions.i.residency[0]',
      'warning 6 functions.f.residency[0]',
    ],
  )
})
