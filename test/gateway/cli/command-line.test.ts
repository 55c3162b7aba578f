import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '../development/temporary-folder.ts'
import { run } from './run.ts'

const COMMANDS = ['up', 'init', 'check', 'token', 'invoke', 'status', 'reload', 'reference', 'hash-key']

test('without a command the help is printed', async () => {
  const { code, stdout, stderr } = await run([])
  assert.equal(code, 0)
  assert.match(stdout, /^Usage: dispatch /)
  assert.equal(stderr, '')
})

test('the help names every command and the exit codes', async () => {
  const { code, stdout } = await run(['--help'])
  assert.equal(code, 0)
  for (const name of COMMANDS) {
    assert.match(stdout, new RegExp(`^ {2}${name}\\b`, 'm'))
  }
  assert.match(stdout, /Exit codes: 0 .* 1 .* 2 /)
})

test('every command has a help with an example', async () => {
  for (const name of COMMANDS) {
    const { code, stdout } = await run([name, '--help'])
    assert.equal(code, 0, name)
    assert.match(stdout, new RegExp(`^Usage: dispatch ${name}`), name)
    assert.match(stdout, new RegExp(`\\$ .*npx dispatch ${name}`), name)
  }
})

test('--version prints the version of the project alone', async () => {
  const { code, stdout } = await run(['--version'])
  assert.equal(code, 0)
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
})

test('an unknown command is asked wrongly, and the nearest one is suggested', async () => {
  const { code, stdout, stderr } = await run(['statsu'])
  assert.equal(code, 2)
  assert.equal(stdout, '')
  assert.match(stderr, /unknown command 'statsu'/)
  assert.match(stderr, /Did you mean status\?/)
})

test('an unknown option and a missing argument are asked wrongly', async () => {
  const unknown = await run(['token', '--subjekt', 'ada'])
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /unknown option '--subjekt'[\s\S]*--subject/)
  const missing = await run(['invoke'])
  assert.equal(missing.code, 2)
  assert.match(missing.stderr, /missing required argument 'name'/)
})

test('without a configuration a command says how to make or name one', async (t) => {
  const { code, stderr } = await run(['token'], { cwd: await temporaryFolder(t) })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^error: there is no dispatch.yaml here\n.*dispatch init\n.*--config FILE, or DISPATCH_CONFIG/,
  )
})

test('a configuration that is named and not there is no reason to take another', async (t) => {
  const cwd = await temporaryFolder(t)
  for (const surroundings of [{ cwd, env: { DISPATCH_CONFIG: 'other.yaml' } }, { cwd }]) {
    const args = 'env' in surroundings ? ['token'] : ['token', '-c', 'other.yaml']
    const { code, stderr } = await run(args, surroundings)
    assert.equal(code, 1)
    assert.match(stderr, /there is no file other\.yaml/)
  }
})

test('the stack of an unexpected error is shown on demand only', async (t) => {
  const gateway = {
    loadConfig: () => Promise.reject(new Error('odd', { cause: new Error('odder') })),
  }
  const cwd = await temporaryFolder(t)
  await run(['init'], { cwd })
  const plain = await run(['token'], { cwd, gateway })
  assert.equal(plain.code, 1)
  assert.equal(plain.stderr, 'error: odd\n')
  const debugging = await run(['token'], { cwd, gateway, env: { DISPATCH_DEBUG: '1' } })
  assert.match(debugging.stderr, /^error: odd\nError: odd\n {4}at [\s\S]*caused by Error: odder\n {4}at /)
})
