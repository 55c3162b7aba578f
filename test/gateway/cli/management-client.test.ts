import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { announceGateway, findGateway, withdrawGateway } from '../../../gateway/cli/running-gateway.ts'
import { stateDirectoryOf } from '../../../gateway/development/state-directory.ts'
import { temporaryFolder } from '../development/temporary-folder.ts'
import { managementStandIn, problem } from './management-stand-in.ts'
import { run } from './run.ts'

test('when no gateway answers the message says how to start one', async (t) => {
  const cwd = await temporaryFolder(t)
  await writeFile(join(cwd, 'dispatch.yaml'), '')
  await announceGateway(stateDirectoryOf(cwd), {
    pid: process.pid,
    management: '127.0.0.1:1',
    token: 'state',
  })
  for (const args of [['status'], ['reload'], ['invoke', 'f']]) {
    const { code, stdout, stderr } = await run(args, { cwd })
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /^error: no gateway answers at http:\/\/127\.0\.0\.1:1\nIs it running\? .*dispatch up/,
    )
  }
})

test('a gateway that does not take the token runs on another configuration', async (t) => {
  const { cwd } = await managementStandIn(t, (response) => response.end())
  await stateDirectoryOf(cwd).write('management-token', 'another\n')
  const { code, stderr } = await run(['status'], { cwd })
  assert.equal(code, 1)
  assert.match(stderr, /does not take the management token\n.*--config/)
  assert.doesNotMatch(stderr, /another\n/)
})

test('status prints what it is told as JSON on demand', async (t) => {
  const status = { version: '1.2.3', state: 'serving' }
  const { cwd, received } = await managementStandIn(t, (response) => response.end(JSON.stringify(status)))
  const { code, stdout } = await run(['status', '--json'], { cwd })
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(stdout), status)
  assert.equal(`${received[0]!.method} ${received[0]!.url}`, 'GET /v1/status')
})

test('a refusal of the gateway is told in its words', async (t) => {
  const { cwd } = await managementStandIn(t, (response) => problem(response, 503, 'GW_DRAINING', 'it stops'))
  for (const name of ['status', 'reload']) {
    const { code, stderr } = await run([name], { cwd })
    assert.equal(code, 1)
    assert.equal(stderr, 'error: It is refused: it stops (GW_DRAINING, request r-1)\n')
  }
})

test('reload tells which configuration serves', async (t) => {
  const { cwd, received } = await managementStandIn(t, (response) =>
    response.end(JSON.stringify({ taken: true, generation: 7 })),
  )
  const { code, stdout } = await run(['reload'], { cwd })
  assert.equal(code, 0)
  assert.match(stdout, /generation 7/)
  assert.equal(`${received[0]!.method} ${received[0]!.url}`, 'POST /v1/reload')
})

test('reload prints every mistake of a configuration that is refused', async (t) => {
  const mistakes = ['dispatch.yaml:3: one', 'dispatch.yaml:7: two']
  const { cwd } = await managementStandIn(t, (response) =>
    response.writeHead(422).end(JSON.stringify({ taken: false, mistakes })),
  )
  const { code, stdout, stderr } = await run(['reload'], { cwd })
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.equal(
    stderr,
    'error: the configuration is refused, the one before serves on\n  dispatch.yaml:3: one\n  dispatch.yaml:7: two\n',
  )
})

test('a gateway is found while its process lives, and until it takes its word back', async (t) => {
  const state = stateDirectoryOf(await temporaryFolder(t))
  assert.equal(await findGateway(state), null)
  const gateway = { pid: process.pid, management: '127.0.0.1:9090', token: 'state' } as const
  await announceGateway(state, gateway)
  assert.deepEqual(await findGateway(state), gateway)
  await announceGateway(state, { ...gateway, management: '127.0.0.1:9091' })
  assert.deepEqual(await findGateway(state), gateway, 'the first one that runs is found')
  await withdrawGateway(state, process.pid + 1)
  assert.deepEqual(await findGateway(state), gateway, 'only the own word is taken back')
  await withdrawGateway(state, process.pid)
  assert.equal(await findGateway(state), null)

  await announceGateway(state, { ...gateway, pid: 2 ** 22 + 1 })
  assert.equal(await findGateway(state), null, 'a process that was killed')
  await state.write('running.json', '{')
  assert.equal(await findGateway(state), null)
})
