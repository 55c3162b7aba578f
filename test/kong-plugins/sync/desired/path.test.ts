import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePathPattern } from '../../../../gateway/config/forms/path-pattern.ts'
import type { Route } from '../../../../gateway/snapshot/route.ts'
import { Router } from '../../../../gateway/snapshot/router.ts'
import { kongPath } from '../../../../kong-plugins/sync/desired/path.ts'
import { desiredOf, ofKind } from '../configuration.ts'

test('a pattern becomes an expression of whole segments', () => {
  assert.equal(kongPath('/'), '~/$')
  assert.equal(kongPath('/fn'), '~/fn$')
  assert.equal(kongPath('/fn/'), '~/fn/$')
  assert.equal(kongPath('/orders/:id/lines'), '~/orders/[^/]+/lines$')
  assert.equal(kongPath('/files/*'), '~/files/')
  assert.equal(kongPath('/*'), '~/')
})

test('a pattern is written as Kong decodes paths: all but reserved characters', () => {
  assert.equal(kongPath('/caf%C3%A9/a%20b'), '~/café/a b$')
  assert.equal(kongPath('/a%21%26%25'), '~/a%21%26%25$')
})

test('characters of expressions stand for themselves', () => {
  const path = kongPath('/v1.0/(x)$y+z')
  assert.equal(path, '~/v1\\.0/\\(x\\)\\$y\\+z$')
  assert.match('/v1.0/(x)$y+z', new RegExp(`^${path.slice(1)}`))
  assert.doesNotMatch('/v1x0/(x)$y+z', new RegExp(`^${path.slice(1)}`))
})

const SEGMENTS = ['a', 'b', ':p', ':q']
const HOSTS = [
  [],
  ['x.test'],
  ['*.test'],
  ['*.x.test'],
  ['x.test', '*.test'],
  ['y.x.test', '*.x.test', '*.test'],
]
const METHODS = ['GET', 'POST']

/** A generator of its own, so that what fails fails again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

interface RandomRoute {
  readonly path: string
  readonly hosts: readonly string[]
  readonly methods: readonly string[]
}

function randomRoutes(random: (below: number) => number): RandomRoute[] {
  const taken = new Set<string>()
  const routes: RandomRoute[] = []
  for (let i = 0; i < 12; i++) {
    const segments = Array.from({ length: 1 + random(3) }, () => SEGMENTS[random(SEGMENTS.length)]!)
    if (random(4) === 0) segments.push('*')
    const path = `/${segments.join('/')}`
    const hosts = HOSTS[random(HOSTS.length)]!
    const methods = [METHODS[random(2)]!]
    const shape = path.replace(/:\w/g, ':')
    const keys = (hosts.length === 0 ? ['any'] : hosts).map((host) => `${methods} ${host} ${shape}`)
    if ('message' in parsePathPattern(path) || keys.some((key) => taken.has(key))) continue
    for (const key of keys) taken.add(key)
    routes.push({ path, hosts, methods })
  }
  return routes
}

interface KongRoute {
  readonly name: string
  readonly fields: Readonly<Record<string, unknown>>
}

const hostsOf = ({ fields }: KongRoute) => (fields['hosts'] ?? []) as string[]
const isPlain = (route: KongRoute) =>
  hostsOf(route).length > 0 && hostsOf(route).every((one) => !one.startsWith('*'))

/** Kong's own precedence (kong/router/transform.lua), for routes that all have methods and one expression. */
const WEIGHTS: Readonly<Record<string, (route: KongRoute) => readonly number[]>> = {
  'as it is meant': (route) => [
    hostsOf(route).length > 0 ? 1 : 0,
    isPlain(route) ? 1 : 0,
    route.fields['regex_priority'] as number,
  ],
  // Measured: what is not a 64-bit number before it is shifted is shifted in 32 bits.
  'as Kong 3 computes it': (route) => [
    isPlain(route) ? 1 : 0,
    ((hostsOf(route).length > 0 ? 3 : 2) << 29) | ((route.fields['regex_priority'] as number) << 19),
  ],
}

function kongMatch(
  weight: (route: KongRoute) => readonly number[],
  routes: readonly KongRoute[],
  host: string,
  method: string,
  path: string,
) {
  const takes = (pattern: string) =>
    pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host
  return routes
    .filter((route) => {
      const { fields } = route
      const hosts = hostsOf(route)
      const [expression] = fields['paths'] as string[]
      return (
        (hosts.length === 0 || hosts.some(takes)) &&
        (fields['methods'] as string[]).includes(method) &&
        new RegExp(`^${expression!.slice(1)}`).test(path)
      )
    })
    .toSorted((a, b) => {
      const [one, other] = [weight(a), weight(b)]
      const i = one.findIndex((value, at) => value !== other[at])
      return i < 0 ? 0 : other[i]! - one[i]!
    })
}

for (const [how, weight] of Object.entries(WEIGHTS))
  test(`Kong decides as the gateway does, for any set of routes, ${how}`, async () => {
    let matched = 0
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomOf(seed)
      const written = randomRoutes(random)
      const router = new Router()
      for (const route of written)
        router.add(route, { name: JSON.stringify(route), forPreflight: false } as Route)
      const desired = await desiredOf(written.map((route) => ({ ...route, hosts: [...route.hosts] })))
      const routes = ofKind(desired, 'routes')
      for (let i = 0; i < 150; i++) {
        const host = ['x.test', 'z.test', 'y.x.test', 'z.x.test', 'other'][random(5)]!
        const method = METHODS[random(2)]!
        const path = `/${Array.from({ length: 1 + random(4) }, () => ['a', 'b', 'c', ''][random(4)]!).join('/')}`
        // The gateway refuses empty segments, but for the last.
        if (/\/\//.test(path)) continue
        const ours = router.match(host, method, path)
        const found = kongMatch(weight, routes, host, method, path)
        if (ours === null) {
          assert.deepEqual(found, [], `${method} ${host}${path}, seed ${seed}`)
          continue
        }
        matched++
        const wanted = JSON.parse(ours.name) as RandomRoute
        const chosen = found[0]!.fields
        assert.deepEqual(chosen['paths'], [kongPath(wanted.path)], `${method} ${host}${path}, seed ${seed}`)
        const hosts = (chosen['hosts'] ?? []) as string[]
        assert.ok(
          hosts.every((one) => wanted.hosts.includes(one)) && (hosts.length > 0 || wanted.hosts.length === 0),
          `${method} ${host}${path}: ${hosts} for ${wanted.hosts}, seed ${seed}`,
        )
      }
    }
    assert.ok(matched > 1000, `${matched} matched`)
  })
