import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { registry } from '../../../gateway/built-in.ts'
import { loadConfig } from '../../../gateway/config/load-config.ts'
import type { SimulationResult } from '../../../gateway/simulation/simulation-result.ts'
import { temporaryFolder } from '../development/temporary-folder.ts'
import { run } from './run.ts'

const ROOT = join(import.meta.dirname, '../../..')
const gateway = { loadConfig: (file: string) => loadConfig(file, registry) }

const configText = (concurrency: number) => `
backends:
  home: { driver: http, url: "http://127.0.0.1:1", concurrency: ${concurrency} }
functions: { f: { deployments: [home], waiting: { most: 0 } } }
`

async function folder(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t)
  await writeFile(join(cwd, 'dispatch.yaml'), configText(5))
  await writeFile(join(cwd, 'larger.yaml'), configText(50))
  await writeFile(
    join(cwd, 'load.yaml'),
    'load: [{ function: f, rate: [{ for: 20s, rate: 100 }] }]\nplatforms: { home: { service: 100ms } }\n',
  )
  return cwd
}

test('a load is simulated on the configuration here, and told on one screen', async (t) => {
  const cwd = await folder(t)
  const { code, stdout, stderr } = await run(['simulate', '--load', 'load.yaml'], { cwd, gateway })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^20 s of load, seed 1\n\n {2,}dispatch\.yaml\ncalls /)
  assert.match(stdout, /\nserved +\d\d(\.\d+)? %\n/)
  assert.match(stdout, /\nhome +\d+ +100 % .* 5 of 5 /)
  assert.match(stdout, /refused or failed: too many wait/)
})

test('two configurations stand side by side with their differences', async (t) => {
  const cwd = await folder(t)
  const args = ['simulate', 'dispatch.yaml', '--against', 'larger.yaml', '-l', 'load.yaml']
  const { stdout } = await run(args, { cwd, gateway })
  assert.match(stdout, / dispatch\.yaml +larger\.yaml +DIFFERENCE\n/)
  assert.match(stdout, /\nrefused +\d+ +0 +-\d+\n/)
  const json = await run([...args, '--json', '--seed', '9'], { cwd, gateway })
  const [one, other] = JSON.parse(json.stdout) as SimulationResult[]
  assert.equal(one!.calls.arrived, other!.calls.arrived, 'the same calls come in')
  assert.ok(one!.calls.served < other!.calls.served)
  assert.equal(one!.seed, 9)
})

test('the page draws each backend and its capacity, and loads and runs nothing', async (t) => {
  const cwd = await folder(t)
  const { stderr } = await run(['simulate', '-l', 'load.yaml', '--html', 'load.html'], { cwd, gateway })
  assert.match(stderr, /load\.html is written/)
  const page = await readFile(join(cwd, 'load.html'), 'utf8')
  assert.equal(page.match(/<svg /g)?.length, 2)
  assert.match(page, /stroke-dasharray/)
  assert.match(page, />refused, failed</)
  assert.doesNotMatch(page, /<script|src=|href=|https?:|NaN|Infinity|undefined/)
})

test('a load of the command line needs no file', async (t) => {
  const cwd = await folder(t)
  const args = [
    'simulate',
    '-f',
    'f',
    '-r',
    '20@10s,20-80@10s',
    '--service',
    'home=50ms',
    '--capacity',
    'home=3',
  ]
  const { code, stdout } = await run([...args, '--json'], { cwd, gateway })
  assert.equal(code, 0)
  const [result] = JSON.parse(stdout) as SimulationResult[]
  assert.equal(result!.lengthMs, 20_000)
  assert.equal(result!.backends[0]!.capacity, 3)
})

test('mistakes are told with their lines, and what is asked wrongly is usage', async (t) => {
  const cwd = await folder(t)
  await writeFile(join(cwd, 'bad.yaml'), 'load:\n  - functoin: f\nplatforms: {}\n')
  const bad = await run(['simulate', '-l', 'bad.yaml'], { cwd, gateway })
  assert.equal(bad.code, 1)
  assert.match(bad.stderr, /bad\.yaml:2/)
  for (const args of [[], ['-f', 'f', '-r', 'fast'], ['-l', 'load.yaml', '--seed', '-1']]) {
    assert.equal((await run(['simulate', ...args], { cwd, gateway })).code, 2, args.join(' '))
  }
  const missing = await run(['simulate', '-l', 'missing.jsonl'], { cwd, gateway })
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /missing\.jsonl/)
})

test('the simulation of the README works as it is printed', async (t) => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const [, line] = /^npx dispatch (simulate .*)$/m.exec(readme) ?? []
  assert.ok(line !== undefined)
  const page = join(await temporaryFolder(t), 'load.html')
  const args = line.split(' ').map((word) => (word === 'load.html' ? page : word))
  const { code, stdout, stderr } = await run(args, { cwd: ROOT, gateway })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /\nserved +(100|99\.9\d?) %\n/)
  assert.match(await readFile(page, 'utf8'), /gateway\/simulation\/examples\/dispatch\.yaml/)
})
