import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT, sourceFiles } from './source-files.ts'

test('the top level holds what it is meant to hold and nothing else', () => {
  const wanted =
    /^(package\.json|package-lock\.json|tsconfig\.json|biome\.json|gateway|kong-plugins|drivers|bench|test|README\.md|LICENSE|CHANGELOG\.md|node_modules|\..*)$/
  assert.deepEqual(
    readdirSync(ROOT).filter((name) => !wanted.test(name)),
    [],
  )
})

test('code has no default exports, enums, silenced types or loose ends', () => {
  const forbidden = [
    /^export default\b/m,
    /^(export )?(const )?enum\b/m,
    /@ts-(ignore|nocheck|expect-error)/,
    new RegExp(`\\b(${['TO', 'FIX', 'HA'].map((half, i) => half + ['DO', 'ME', 'CK'][i]).join('|')})\\b`),
  ]
  const found = sourceFiles()
    .filter((file) => file !== 'test/arch/layout.test.ts')
    .flatMap((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8')
      return forbidden.filter((pattern) => pattern.test(text)).map((pattern) => `${file}: ${pattern}`)
    })
  assert.deepEqual(found, [])
})

test('files are small enough to be read at once', () => {
  const long = sourceFiles()
    .filter((file) => !file.startsWith('test/'))
    .map((file) => [file, readFileSync(join(ROOT, file), 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > 250)
  assert.deepEqual(long, [])
})

test('the scripts that test run every folder of tests, each once', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const run = ['test:parts', 'test:load'].flatMap((name) =>
    /"test\/(?:\{(.*)\}|(\w+))\/\*\*\/\*\.test\.ts"$/.exec(scripts[name])!.slice(1).join('').split(','),
  )
  const folders = readdirSync(join(ROOT, 'test'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )
  assert.deepEqual(run.toSorted(), folders.map(({ name }) => name).toSorted())
  assert.deepEqual(
    readdirSync(join(ROOT, 'test')).filter((name) => name.endsWith('.test.ts')),
    [],
  )
})
