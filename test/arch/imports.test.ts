import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Import, importsOf, sourceFiles } from './source-files.ts'

/**
 * The parts of the gateway from the bottom up: each may import those before it, never those behind it. A new part gets
 * its place here, and so in the picture of `gateway/README.md`.
 */
const LAYERS = [
  'contract',
  'constraints',
  'config',
  'capacity',
  'transport',
  'observe',
  'runtime',
  'identity',
  'authorization',
  'development',
  'placement',
  'snapshot',
  'invocation',
  'simulation',
  'lanes',
  'management',
  'threads',
  'control',
  'main',
  'cli',
]

/** These know nothing but the contract, so that one from outside can do all that a built-in one can. */
const CONTRACT_ONLY = ['plugins', 'drivers']

/** The reconciler beside the gateway. */
const KONG = 'kong-plugins'

function partOf(path: string): string {
  const [top, second, ...rest] = path.split('/')
  if (top !== 'gateway') return top!
  return rest.length === 0 ? 'main' : second!
}

const imports: Import[] = sourceFiles().flatMap(importsOf)
const ours = imports.filter(({ relative, from, to }) => relative && partOf(from) !== partOf(to))

function offenders(is: (edge: { from: string; to: string }) => boolean): string[] {
  return ours
    .filter(({ from, to }) => is({ from: partOf(from), to: partOf(to) }))
    .map(({ from, to }) => `${from} imports ${to}`)
}

test('the contract imports nothing of ours', () => {
  assert.deepEqual(
    offenders(({ from }) => from === 'contract'),
    [],
  )
})

test('drivers and plugins import only the contract', () => {
  assert.deepEqual(
    offenders(({ from, to }) => CONTRACT_ONLY.includes(from) && to !== 'contract'),
    [],
  )
})

test('only the composition root knows which drivers and plugins exist', () => {
  const outside = ['bench', 'test']
  const allowed = ['main', ...outside]
  assert.deepEqual(
    offenders(({ from, to }) => CONTRACT_ONLY.includes(to) && !allowed.includes(from)),
    [],
  )
})

test('every part of the gateway imports only parts below it', () => {
  const rank = (part: string) => LAYERS.indexOf(part)
  assert.deepEqual(
    offenders(({ from, to }) => rank(from) >= 0 && rank(to) > rank(from)),
    [],
  )
})

test('every part has its place in the order', () => {
  const parts = new Set(
    sourceFiles()
      .filter((file) => file.startsWith('gateway/'))
      .map(partOf),
  )
  assert.deepEqual(
    [...parts].filter((part) => !LAYERS.includes(part) && !CONTRACT_ONLY.includes(part)),
    [],
  )
})

test('the reconciler of Kong knows the contract, the configuration and what is observed', () => {
  const allowed = ['contract', 'config', 'observe']
  assert.deepEqual(
    offenders(({ from, to }) => from === KONG && !allowed.includes(to)),
    [],
  )
})

test('only the composition root and the commands know the reconciler of Kong', () => {
  const allowed = ['main', 'cli', 'bench', 'test']
  assert.deepEqual(
    offenders(({ from, to }) => to === KONG && !allowed.includes(from)),
    [],
  )
})

test('nobody imports the tests or the benches', () => {
  assert.deepEqual(
    offenders(({ from, to }) => ['bench', 'test'].includes(to) && !['bench', 'test'].includes(from)),
    [],
  )
})

test('relative imports name the file with its ending', () => {
  const bare = imports.filter(({ relative, to }) => relative && !/\.(ts|js|json)$/.test(to))
  assert.deepEqual(
    bare.map(({ from, to }) => `${from}: ${to}`),
    [],
  )
})
