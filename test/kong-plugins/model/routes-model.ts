import type { Random } from '../../fuzz/random.ts'
import type { Wanted } from '../configuration.ts'

const PLUGINS: Readonly<Record<string, (random: Random) => object>> = {
  'request-size': (random) => ({ limit: `${1 + random.below(9)}MiB` }),
  'rate-limit': (random) => ({ limit: 1 + random.below(100), window: '1m' }),
  'ip-restriction': (random) => ({ allow: [`10.${random.below(200)}.0.0/16`] }),
  cors: (random) => ({ origins: [`https://a${random.below(50)}.example.com`] }),
}
const METHODS = ['GET', 'POST', 'PUT', 'DELETE']
const HOSTS = ['a.example.com', 'b.example.com', '*.example.com', '*.deep.example.com']
/** Few paths, so that routes come and go at the same ones. */
const PATHS = 12

/** Some configuration: none, one or several routes that differ in everything that Kong is told. */
export function randomRoutes(random: Random): Wanted[] {
  const paths = Array.from({ length: PATHS }, (_, i) => i).filter(() => random.below(2) === 0)
  return paths.flatMap((i) => randomRoutesAt(random, i))
}

/** The same with the routes of one path added, changed, removed, or moved to another path. */
export function changedRoutes(random: Random, routes: readonly Wanted[]): Wanted[] {
  const i = random.below(PATHS)
  const { path } = randomRoute(random, i)
  const others = routes.filter((route) => route.path !== path)
  const there = routes.filter((route) => route.path === path)
  switch (random.below(4)) {
    case 0:
      return others
    case 1: {
      const to = randomRoute(random, random.below(PATHS)).path
      return others.some((route) => route.path === to)
        ? [...others]
        : [...others, ...there.map((route) => ({ ...route, path: to }))]
    }
    default:
      return [...others, ...randomRoutesAt(random, i)]
  }
}

/** One, or one for each of some methods in some order. */
function randomRoutesAt(random: Random, i: number): Wanted[] {
  if (random.below(3) > 0) return [randomRoute(random, i)]
  const methods = some(random, METHODS)
  return (random.below(2) === 0 ? methods : methods.toReversed()).map((method) => ({
    ...randomRoute(random, i),
    methods: [method],
  }))
}

function randomRoute(random: Random, i: number): Wanted {
  const plugins = Object.keys(PLUGINS).filter(() => random.below(4) === 0)
  return {
    path: i % 3 === 0 ? `/m${i}/:id` : i % 3 === 1 ? `/m${i}/*` : `/m${i}`,
    ...(random.below(2) === 0 ? {} : { hosts: some(random, HOSTS) }),
    ...(random.below(2) === 0 ? {} : { methods: some(random, METHODS) }),
    plugins: Object.fromEntries(plugins.map((name) => [name, PLUGINS[name]!(random)])),
    kong: { plugins, redirect: [301, 302, 307, 308, 426][random.below(5)] },
  }
}

/** One at least. */
function some<T>(random: Random, list: readonly T[]): T[] {
  const chosen = list.filter(() => random.below(2) === 0)
  return chosen.length > 0 ? chosen : [list[random.below(list.length)]!]
}
