import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Route } from '../../../../gateway/snapshot/route.ts'
import { Router } from '../../../../gateway/snapshot/router.ts'
import { type Place, Precedence } from '../../../../kong-plugins/sync/desired/precedence.ts'

const at = (path: string, domainLabels = 0): Place => ({ path, domainLabels })

function numbers(...places: Place[]): number[] {
  const precedence = new Precedence(places)
  return places.map((place) => precedence.of(place))
}

function assertDescending(...places: Place[]): void {
  const found = numbers(...places)
  assert.deepEqual(
    found,
    found.toSorted((a, b) => b - a),
  )
  assert.equal(new Set(found).size, found.length, `${found}`)
  for (const number of found) assert.ok(number >= 0 && number < 1024, `${number}`)
}

describe('the precedence that Kong is told', () => {
  test('text comes before a parameter, and a parameter before the rest', () => {
    assertDescending(at('/a/b'), at('/a/:b'), at('/a/*'), at('/:a/b'), at('/:a/*'), at('/*'))
  })

  test('a longer domain comes before a more specific path', () => {
    assertDescending(at('/*', 4), at('/a/b', 3), at('/a/*', 3), at('/a', 2), at('/a', 1))
  })

  test('paths that differ deep down are told apart', () => {
    const deep = '/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p'
    assertDescending(at(`${deep}/z`), at(`${deep}/:z`), at(`${deep}/*`), at('/a/*'))
  })

  test('very deep domains are told apart', () => {
    assertDescending(at('/', 7), at('/', 6), at('/', 5), at('/', 4), at('/', 1))
  })

  test('one more route changes no other, while those that take the same requests differ early', () => {
    const before = [at('/a/:b'), at('/a/b/c/d/e/f'), at('/x/b/c/d/e', 2)]
    const after = [...before, at('/a/b'), at('/*'), at('/b/:c/d/e/f/g/h'), at('/:a/*', 3)]
    assert.deepEqual(numbers(...after).slice(0, before.length), numbers(...before))
  })

  test('paths that differ deep down only move what stands right before them', () => {
    const before = [at('/a'), at('/:a/b'), at('/a/b/c/d/e/:f')]
    const after = [...before, at('/a/b/c/d/e/f'), at('/a/b/c/d/e/*')]
    assert.deepEqual(numbers(...after).slice(0, 2), numbers(...before).slice(0, 2))
    assertDescending(at('/a/b/c/d/e/f'), at('/a/b/c/d/e/:f'), at('/a/b/c/d/e/*'), at('/a'), at('/:a/b'))
  })

  test('of two very deep domains the longer comes first, whatever the paths', () => {
    assertDescending(at('/*', 6), at('/a', 5), at('/*', 5), at('/a', 4))
  })

  test('a thousand shapes fit', () => {
    const kinds = [0, 1, 2, 3, 4, 5].reduce<string[]>(
      (paths, i) => paths.flatMap((path) => [`${path}/s`, `${path}/:p${i}`]),
      [''],
    )
    const places = [1, 2, 3, 4, 5, 6, 7].flatMap((labels) => kinds.map((path) => at(path, labels)))
    assert.ok(numbers(...places).every((number) => number < 1024))
  })

  test('is that of the gateway, for any routes', () => {
    let seed = 7
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    const segment = (i: number) => ['a', 'b', `:p${i}`][random(3)]!
    for (let round = 0; round < 300; round++) {
      const paths = Array.from({ length: 8 }, () => {
        const segments = Array.from({ length: random(8) }, (_, i) => segment(i))
        return `/${[...segments, ...(random(3) === 0 ? ['*'] : [])].join('/')}`
      })
      const places = [...new Set(paths)].map((path) => at(path))
      const precedence = new Precedence(places)
      const router = new Router()
      for (const { path } of places)
        router.add({ hosts: [], methods: ['GET'], path }, { name: path } as Route)
      for (let call = 0; call < 20; call++) {
        const asked = `/${Array.from({ length: random(8) }, () => ['a', 'b', 'c'][random(3)]!).join('/')}`
        const first = router.match('', 'GET', asked)
        const taking = places.filter(({ path }) => takes(path, asked))
        const most = Math.max(...taking.map((place) => precedence.of(place)))
        const winners = taking.filter((place) => precedence.of(place) === most)
        assert.deepEqual(
          winners.map(({ path }) => path),
          first === null ? [] : [first.name],
          `${asked} of ${paths}`,
        )
      }
    }
  })
})

/** As Kong's expressions for our patterns. */
function takes(pattern: string, path: string): boolean {
  const expression = pattern.replace(/:[^/]+/g, '[^/]+').replace(/\*$/, '.*')
  return new RegExp(`^${expression}$`).test(path)
}
