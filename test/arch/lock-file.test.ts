import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

interface Locked {
  readonly dependencies?: unknown
  readonly devDependencies?: unknown
  readonly version?: string
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const packages = Object.entries(
  (JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }).packages,
)

test('the lock file names the packages of every platform, or `npm ci` would refuse it', () => {
  const known = new Set(packages.map(([path]) => path))
  const missing = packages.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !known.has(`${path}/node_modules/${name}`) && !known.has(`node_modules/${name}`),
    ),
  )
  assert.deepEqual(missing, [])
})

test('the lock file names no registry, so that everybody installs from their own', () => {
  assert.deepEqual(
    packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path),
    [],
  )
})

test('the lock file agrees with package.json', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  ) as Record<string, unknown>
  const root = Object.fromEntries(packages)['']!
  assert.deepEqual(
    [root.dependencies, root.devDependencies, root.optionalDependencies],
    [dependencies, devDependencies, optionalDependencies],
  )
})
