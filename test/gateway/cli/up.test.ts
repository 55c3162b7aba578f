import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { registry } from '../../../gateway/built-in.ts'
import { loadConfig } from '../../../gateway/config/load-config.ts'
import { listen } from '../../loopback.ts'
import { temporaryFolder } from '../development/temporary-folder.ts'
import { type Launched, launch } from './launched.ts'
import { run } from './run.ts'

/** One gateway for the tests that do not stop it: the quick start, as `dispatch init` leaves it, on free ports. */
let folder: string
let gateway: Launched

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatch-up-'))
  await quickStart(folder)
  gateway = launch(['up'], folder)
  await gateway.printed(/Stop it with Ctrl-C/)
})

after(async () => {
  gateway.process.kill('SIGTERM')
  await gateway.exited
  await rm(folder, { recursive: true, force: true })
})

test('a first start prints where the gateway is, what it serves and how to call it', () => {
  const printed = gateway.output()
  assert.match(printed, /^Dispatch Edge serves dispatch\.yaml after \d+\.\d s\n/)
  assert.match(printed, /^ {2}https {7}https:\/\/127\.0\.0\.1:\d+$/m)
  assert.match(printed, /^ {2}http {8}http:\/\/127\.0\.0\.1:\d+$/m)
  assert.match(printed, /^ {2}management {2}http:\/\/127\.0\.0\.1:\d+ .*\.dispatch\/management-token\)$/m)
  assert.match(printed, /^ {2}hello {2}on local$/m)
  assert.match(printed, /^ {2}GET {2}\/hello\/:name {2}hello {2}credential$/m)
  assert.match(printed, /^ {2}ANY {2}\/echo\/\* .* credential with scope echo$/m)
  assert.match(printed, /^ {2}GET {2}\/clock .* public$/m)
})

test('the printed curl line works as it is', { skip: await lacksCurl() }, async () => {
  const [, line] = await gateway.printed(/^ {2}(curl .*)$/m)
  assert.match(line!, /--cacert .*https:\/\/127\.0\.0\.1:\d+\/hello\/world$/)
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', line!.replace('curl', "curl --noproxy '*' -sS")],
    {
      cwd: folder,
    },
  )
  const { greeting, caller } = JSON.parse(stdout)
  assert.equal(greeting, 'Hello, world!')
  assert.deepEqual(caller, { subject: 'developer', organization: 'default', scopes: ['echo'] })
})

test('without a token the function is not reached', async () => {
  const answer = await fetch(`${await http()}/hello/world`)
  assert.equal(answer.status, 401)
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm="dispatch"/)
})

test('a token of `dispatch token` opens what its scopes open', async () => {
  const token = async (...args: string[]) => (await command('token', ...args)).output.trim()
  const call = async (path: string, bearer: string) =>
    fetch(`${await http()}${path}`, { headers: { authorization: `Bearer ${bearer}` } })
  const plain = await token('--subject', 'ada')
  const greeted = (await (await call('/hello/ada', plain)).json()) as { caller: { subject: string } }
  assert.equal(greeted.caller.subject, 'ada')
  assert.equal((await call('/echo/', plain)).status, 403)
  assert.equal((await call('/echo/', await token('--scope', 'other', '--scope', 'echo'))).status, 200)
  assert.equal((await command('token', '--expires', '10')).code, 2)
})

test('the public stream of the quick start arrives tick by tick', async () => {
  const answer = await fetch(`${await http()}/clock?ticks=3`, { headers: { origin: 'https://page.example' } })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'text/event-stream')
  assert.equal(answer.headers.get('access-control-allow-origin'), '*')
  const arrivals: number[] = []
  for await (const _chunk of answer.body!) arrivals.push(performance.now())
  assert.equal(arrivals.length, 3)
  assert.ok(arrivals[2]! - arrivals[0]! > 200, 'not all at once at the end')
})

test('status, invoke and reload find the running gateway by its configuration', async () => {
  const status = await command('status')
  assert.match(status.output, /serving for \d+ s/)
  assert.match(status.output, /^local +workerd +ready/m)
  const invoked = await command('invoke', 'hello', '--path', '/Ada%20L')
  assert.equal(JSON.parse(invoked.output).greeting, 'Hello, Ada L!')
  const unknown = await command('invoke', 'nobody')
  assert.equal(unknown.code, 1)
  assert.match(unknown.output, /nobody.*\(GW_/)
  assert.match((await command('reload')).output, /serves \(generation \d+\)/)
})

test('a configuration with mistakes is refused by check and by reload, and the gateway serves on', async () => {
  const file = join(folder, 'dispatch.yaml')
  const right = await readFile(file, 'utf8')
  await writeFile(file, right.replace('function: hello', 'function: helo'))
  try {
    for (const name of ['check', 'reload']) {
      const refused = await command(name)
      assert.equal(refused.code, 1, name)
      assert.match(refused.output, /dispatch\.yaml:\d+.*helo/, name)
    }
    assert.equal((await command('invoke', 'hello')).code, 0)
  } finally {
    await writeFile(file, right)
  }
})

test('what was made on first start is for its owner alone, and a second start finds it', async (t) => {
  const state = join(folder, '.dispatch')
  assert.equal((await stat(state)).mode & 0o777, 0o700)
  const authority = await readFile(join(state, 'authority.pem'), 'utf8')
  const token = (await command('token')).output.trim()

  const second = launch(['up'], folder)
  t.after(() => second.process.kill('SIGKILL'))
  const [, address] = await second.printed(/^ {2}http {8}(http:.*)$/m)
  const answer = await fetch(`${address}/hello/x`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(answer.status, 200)
  assert.equal(await readFile(join(state, 'authority.pem'), 'utf8'), authority)
})

test('on SIGTERM the gateway finishes what runs, takes its word back and exits with 0', async (t) => {
  const own = await temporaryFolder(t)
  await quickStart(own)
  const ending = launch(['up'], own)
  t.after(() => ending.process.kill('SIGKILL'))
  const [, address] = await ending.printed(/^ {2}http {8}(http:.*)$/m)
  await ending.printed(/Stop it with Ctrl-C/)
  assert.ok(existsSync(join(own, '.dispatch/running.json')))
  const answer = await fetch(`${address}/clock?ticks=4`)
  ending.process.kill('SIGTERM')
  assert.equal((await answer.text()).match(/event: tick/g)?.length, 4)
  assert.equal(await ending.exited, 0)
  assert.equal(existsSync(join(own, '.dispatch/running.json')), false)
})

test('a port that is taken is told with the setting that names it', async (t) => {
  const taken = createServer()
  const port = await listen(taken)
  t.after(() => taken.close())
  for (const setting of ['http', 'https', 'management']) {
    const own = await temporaryFolder(t)
    await quickStart(own, { [setting]: port })
    const refused = launch(['up'], own)
    assert.equal(await refused.exited, 1)
    assert.match(refused.output(), new RegExp(`^error: .*${port} .*gateway\\.${setting}`), setting)
  }
})

test('outside development standard output is left to the access log, and the exit code is that of the gateway', async (t) => {
  const own = await temporaryFolder(t)
  const configFile = join(own, 'dispatch.yaml')
  await writeFile(configFile, '{ gateway: { http: 127.0.0.1:0, management: { address: 127.0.0.1:0 } } }')
  const { config } = await loadConfig(configFile, registry)
  const startGateway = async () => ({
    config,
    addresses: { http: '127.0.0.1:80', https: null, management: '127.0.0.1:90' },
    authorityFile: null,
    closed: Promise.resolve(1),
    close: async () => {},
  })
  const { code, stdout, stderr } = await run(['up'], { cwd: own, gateway: { startGateway } })
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^Dispatch Edge serves dispatch\.yaml [\s\S]* http {8}http:\/\/127\.0\.0\.1:80\n/)
})

async function command(...args: string[]): Promise<{ code: number | null; output: string }> {
  const launched = launch(args, folder)
  const code = await launched.exited
  return { code, output: launched.output() }
}

async function http(): Promise<string> {
  return (await gateway.printed(/^ {2}http {8}(http:.*)$/m))[1]!
}

type Listener = 'http' | 'https' | 'management'

/** The quick start in a folder, on free ports or these. */
async function quickStart(into: string, ports: Partial<Record<Listener, number>> = {}): Promise<void> {
  assert.equal((await run(['init'], { cwd: into })).code, 0)
  const file = join(into, 'dispatch.yaml')
  const text = await readFile(file, 'utf8')
  const moved = text
    .replace('127.0.0.1:8080', `127.0.0.1:${ports.http ?? 0}`)
    .replace('127.0.0.1:8443', `127.0.0.1:${ports.https ?? 0}`)
    .replace('127.0.0.1:9090', `127.0.0.1:${ports.management ?? 0}`)
  await writeFile(file, moved)
}

async function lacksCurl(): Promise<string | false> {
  const found = await promisify(execFile)('curl', ['--version']).catch((error) => error)
  return found.code === 'ENOENT' ? 'no curl on this machine' : false
}
