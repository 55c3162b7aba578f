import assert from 'node:assert/strict'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { ProgressDisplay } from '../../../gateway/cli/progress-display.ts'
import { managementStandIn, problem } from './management-stand-in.ts'
import { run } from './run.ts'

const DONE = '{"backend":"home","name":"f","result":"created"}\n'

const deployed = (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.end(DONE)
}

async function sent(t: TestContext, args: string[], env = {}): Promise<Record<string, unknown>> {
  const { cwd, received } = await managementStandIn(t, deployed)
  const { code, stderr } = await run(['deploy', 'f', ...args], { cwd, env })
  assert.equal(code, 0, stderr)
  return JSON.parse(String(received[0]!.body)) as Record<string, unknown>
}

test('an order says all that was asked for, in its own units', async (t) => {
  const order = await sent(
    t,
    '-i i:1 -e A=b=c -e B= -e TOKEN -l team=x --memory 1GiB --cpu 1.5 --gpu 2 --concurrency 9 --min 0 --max 4 --timeout 90s --wait 1m --runtime go'.split(
      ' ',
    ),
    { TOKEN: 'from here' },
  )
  assert.deepEqual(order, {
    image: 'i:1',
    runtime: 'go',
    environment: { A: 'b=c', B: '', TOKEN: 'from here' },
    labels: { team: 'x' },
    memoryBytes: 2 ** 30,
    cpuMillis: 1500,
    gpus: 2,
    concurrency: 9,
    minReplicas: 0,
    maxReplicas: 4,
    timeoutMs: 90_000,
    waitMs: 60_000,
  })
})

test('a folder is sent whole, links followed, with what can be executed', async (t) => {
  const { cwd, received } = await managementStandIn(t, deployed)
  const folder = join(cwd, 'code')
  await mkdir(join(folder, 'lib'), { recursive: true })
  await mkdir(join(folder, '.git'))
  await writeFile(join(folder, '.git/config'), 'never meant')
  await writeFile(join(folder, 'index.js'), 'x')
  await writeFile(join(folder, 'lib/run'), Buffer.from([0, 255]))
  await chmod(join(folder, 'lib/run'), 0o755)
  await symlink(join(folder, 'index.js'), join(folder, 'link.js'))
  assert.equal((await run(['deploy', 'f', '-d', 'code'], { cwd })).code, 0)
  const { files } = JSON.parse(String(received[0]!.body)) as { files: unknown }
  assert.deepEqual(files, [
    { path: 'index.js', content: 'eA==', executable: false },
    { path: 'lib/run', content: 'AP8=', executable: true },
    { path: 'link.js', content: 'eA==', executable: false },
  ])
})

test('a folder that goes round in circles, or is none, is refused', async (t) => {
  const { cwd, received } = await managementStandIn(t, deployed)
  await mkdir(join(cwd, 'round'))
  await symlink(join(cwd, 'round'), join(cwd, 'round/again'))
  assert.match((await run(['deploy', 'f', '-d', 'round'], { cwd })).stderr, /lies deeper than 32 folders/)
  const none = await run(['deploy', 'f', '-d', 'nowhere'], { cwd })
  assert.deepEqual([none.code, none.stderr], [2, 'error: there is no folder nowhere\n'])
  assert.deepEqual(received, [])
})

test('values that cannot be are asked wrongly, and no value of a variable is repeated', async (t) => {
  const { cwd } = await managementStandIn(t, deployed)
  for (const [args, message] of [
    [['--memory', '5'], /--memory: .* is not a size/],
    [['--cpu', '0'], /--cpu 0 is no number of cores/],
    [['--gpu', '-1'], /--gpu -1 is no number|argument missing/],
    [['--timeout', '2d'], /--timeout: .* is too long/],
    [['--wait', '31m'], /--wait: .* is too long/],
    [['--env', 'UNSET'], /--env UNSET has no value/],
    [['--env', '=s3cr3t'], /^error: --env begins with =/],
    [['--folder', '.'], /exactly one of --image and --folder/],
  ] as const) {
    const { code, stderr } = await run(['deploy', 'f', '-i', 'x', ...args], { cwd })
    assert.equal(code, 2, args.join(' '))
    assert.match(stderr, message)
    assert.doesNotMatch(stderr, /s3cr3t/)
  }
})

test('what goes wrong after the first step is told, and an answer that ends early is no success', async (t) => {
  const progress = '{"progress":{"ready":0,"wanted":2,"detail":"pulling\\u001b[2J"}}\n'
  const failing = await managementStandIn(t, (response) => {
    response.write(progress)
    response.end('{"problem":{"title":"The platform did not do this","detail":"no such image","code":"C"}}\n')
  })
  const failed = await run(['deploy', 'f', '-i', 'x'], { cwd: failing.cwd })
  assert.deepEqual(
    [failed.code, failed.stdout, failed.stderr],
    [1, '', '0 of 2 ready: pulling [2J\nerror: The platform did not do this: no such image (C)\n'],
  )
  const cut = await managementStandIn(t, (response) => void response.end(progress))
  assert.match((await run(['deploy', 'f', '-i', 'x'], { cwd: cut.cwd })).stderr, /broke off before its end/)
  const refusing = await managementStandIn(t, (response) => problem(response, 400, 'GW_ORDER_INVALID', 'no'))
  assert.match((await run(['deploy', 'f', '-i', 'x'], { cwd: refusing.cwd })).stderr, /GW_ORDER_INVALID/)
})

test('on a terminal one line changes and is gone at the end', () => {
  let shown = ''
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    shown += chunk
    done()
  }
  const terminal = Object.assign(new Writable({ write }), { isTTY: true, columns: 20 })
  const display = new ProgressDisplay(terminal)
  display.show({ ready: 0, wanted: 2, detail: 'pulling the image of it all' })
  display.show({ ready: 0, wanted: 2, detail: 'pulling the image of it all' })
  display.show({ ready: 2, wanted: null, detail: 'ready' })
  display.end()
  assert.equal(shown, '\r\u001b[K0 of 2 ready: pulli\r\u001b[Kready\r\u001b[K')
})
