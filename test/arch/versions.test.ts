import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from './source-files.ts'

/** Oldest versions without a known hole that concerns a gateway, by package. */
const FLOORS = { undici: '8.9.0', fastify: '5.8.5', '@fastify/reply-from': '12.6.5' } as const
const NODE_FLOOR = '24.18.1'

function parts(version: string): number[] {
  return version.replace(/^v/, '').split('-')[0]!.split('.').map(Number)
}

function atLeast(version: string, floor: string): boolean {
  const [have, want] = [parts(version), parts(floor)]
  for (let i = 0; i < 3; i++) if (have[i] !== want[i]) return have[i]! > want[i]!
  return true
}

test('the runtime and the libraries that touch requests are above their security floors', () => {
  assert.ok(atLeast(process.version, NODE_FLOOR), `node ${process.version} is below ${NODE_FLOOR}`)
  for (const [name, floor] of Object.entries(FLOORS)) {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))
    assert.ok(atLeast(version, floor), `${name} ${version} is below ${floor}`)
  }
})

const ADVISORIES = join(ROOT, '../shared/corpora/node-security/vuln/core/index.json')
const missing = existsSync(ADVISORIES) ? false : 'the advisories of Node are not beside this repository'

test('the runtime has no published vulnerability', { skip: missing }, () => {
  const advisories = JSON.parse(readFileSync(ADVISORIES, 'utf8')) as Record<string, Advisory>
  const hits = Object.values(advisories).filter(
    ({ vulnerable, patched, affectedEnvironments }) =>
      (affectedEnvironments ?? ['all']).some((name) => name === 'all' || name === process.platform) &&
      satisfies(process.version, vulnerable) &&
      !satisfies(process.version, patched),
  )
  assert.deepEqual(
    hits.map(({ cve }) => cve),
    [],
  )
})

interface Advisory {
  readonly cve: readonly string[]
  readonly vulnerable: string
  readonly patched?: string
  readonly affectedEnvironments?: readonly string[]
}

/** The part of npm's ranges that the advisories use: `||`, spaces, comparisons, `^`, `~` and `x`. */
function satisfies(version: string, range: string | undefined): boolean {
  if (range === undefined) return false
  return range.split('||').some((alternative) => {
    const terms = alternative
      .trim()
      .replace(/([<>=^~]+)\s+/g, '$1')
      .split(/\s+/)
    return terms.every((term) => meets(version, term))
  })
}

function meets(version: string, term: string): boolean {
  const [, operator = '', text = ''] = /^([<>=^~]*)(.*)$/.exec(term)!
  if (text === '*' || text === '') return true
  const given = text.replace(/^v/, '').split('.')
  const low = [0, 1, 2].map((i) => (/^\d+$/.test(given[i] ?? '') ? given[i]! : '0')).join('.')
  const [major, minor] = parts(version)
  switch (operator) {
    case '<':
      return !atLeast(version, low)
    case '<=':
      return atLeast(low, version)
    case '>':
      return !atLeast(low, version)
    case '>=':
      return atLeast(version, low)
    case '^':
      return atLeast(version, low) && major === Number(given[0])
    case '~':
      return atLeast(version, low) && major === Number(given[0]) && minor === Number(given[1] ?? minor)
    default:
      return given.every((piece, i) => !/^\d+$/.test(piece) || Number(piece) === parts(version)[i])
  }
}
