import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { registry } from '../../gateway/built-in.ts'
import { loadConfig } from '../../gateway/config/load-config.ts'
import { type Ran, run } from '../gateway/cli/run.ts'
import { configText, numbered, RICH, type Wanted } from './configuration.ts'
import { KongUnderTest, needs, REAL_KONG } from './kong-under-test.ts'

const PROXY_DELAY_MS = 300
const DEADLINE = '60'

describe('dispatch kong', { skip: await needs(true) }, () => {
  let kong: KongUnderTest
  let folder: string
  /** In the place of a gateway: what Kong's proxy leads to. */
  const behind = http.createServer((_, response) => {
    response.writeHead(400, { 'dispatch-error': 'GW_BAD_REQUEST' }).end()
  })
  before(() => once(behind.listen(0, '127.0.0.1'), 'listening'))
  after(() => {
    behind.closeAllConnections()
    behind.close()
  })
  beforeEach(async () => {
    kong = await KongUnderTest.open({ proxyDelayMs: PROXY_DELAY_MS })
    folder = mkdtempSync(join(tmpdir(), 'dispatch-kong-'))
  })
  afterEach(async () => {
    rmSync(folder, { recursive: true })
    await kong.close()
  })

  function configure(routes: readonly Wanted[], fields: object = {}): void {
    const { port } = behind.address() as AddressInfo
    const text = configText({
      routes,
      kong: {
        owner: kong.owner,
        admin: { url: kong.admin.url },
        protocols: ['http', 'https'],
        targets: [`127.0.0.1:${port}`],
        ...fields,
      },
    })
    writeFileSync(join(folder, 'dispatch.yaml'), text)
  }

  const dispatch = (...args: string[]): Promise<Ran> =>
    run(['kong', ...args], { cwd: folder, gateway: { loadConfig: (file) => loadConfig(file, registry) } })

  test('plan tells what is to be done and ends with 2, does nothing, and with 0 once it is done', async () => {
    configure([RICH, ...numbered(2)])
    const before = await dispatch('plan')
    assert.equal(before.code, 2, before.stderr)
    assert.match(before.stdout, /\+ .*routes/)
    assert.equal(kong.admin.writes, 0)
    const synced = await dispatch('sync')
    assert.deepEqual([synced.code, synced.stderr.includes('fail')], [0, false], synced.stderr)
    kong.admin.reset()
    const after = await dispatch('plan')
    assert.equal(after.code, 0, after.stdout)
    assert.match(after.stdout, /[Nn]othing to do/)
    assert.equal(kong.admin.writes, 0)
    assert.equal((await dispatch('sync')).stdout, 'Nothing to do.\n')
    assert.equal(kong.admin.writes, 0)
  })

  test('plan names a field that was edited by hand, with what it is and what it should be', async () => {
    configure(numbered(1))
    await dispatch('sync')
    const [service] = await kong.all('services')
    await kong.byHand('PATCH', `/services/${service.id}`, { retries: 5 })
    const { code, stdout } = await dispatch('plan')
    assert.equal(code, 2)
    assert.match(stdout, /retries.*5.*0/)
    const { code: jsonCode, stdout: json } = await dispatch('plan', '--json')
    assert.equal(jsonCode, 2)
    assert.equal(JSON.parse(json).changes.length, 1)
  })

  test('plan ends with 1 when Kong cannot be asked', async () => {
    configure(numbered(1))
    kong.admin.down()
    const { code, stderr } = await dispatch('plan')
    assert.equal(code, 1)
    assert.match(stderr, /cannot be reached/)
  })

  test('plan shows no secret', async () => {
    configure([RICH])
    const { stdout, stderr } = await dispatch('plan', '--json')
    assert.doesNotMatch(stdout + stderr, /PRIVATE KEY/)
  })

  test('sync --wait ends when the routes answer through the proxy', { skip: proxyMissing() }, async () => {
    configure(numbered(3))
    const began = performance.now()
    const proxy = process.env['KONG_PROXY_URL'] ?? kong.proxyUrl
    const { code, stdout, stderr } = await dispatch('sync', '--wait', '--proxy', proxy, '--timeout', DEADLINE)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /3 routes answer through Kong/)
    if (REAL_KONG === null) assert.ok(performance.now() - began >= PROXY_DELAY_MS)
  })

  test('sync --wait gives up after its time', { skip: REAL_KONG !== null }, async () => {
    configure(numbered(1))
    const dead = await KongUnderTest.open({ proxyDelayMs: 1 })
    try {
      const { code, stderr } = await dispatch('sync', '--wait', '--proxy', dead.proxyUrl, '--timeout', '1')
      assert.equal(code, 1)
      assert.match(stderr, /does not answer/)
    } finally {
      await dead.close()
    }
  })

  test('I10 sync keeps what would be too much to delete, and --allow-deletions and prune let it go', async () => {
    for (const permitted of [['sync', '--allow-deletions'], ['prune']]) {
      configure(numbered(30))
      assert.equal((await dispatch('sync')).code, 0)
      configure([])
      const guarded = await dispatch('sync')
      assert.equal(guarded.code, 1)
      assert.match(guarded.stderr, /30 entities would be deleted, more than/)
      assert.equal((await kong.all('routes')).length, 30)
      const { code, stderr } = await dispatch(...permitted)
      assert.equal(code, 0, stderr)
      assert.equal((await kong.all('routes')).length, 0)
    }
  })

  test('prune --all takes everything of ours away, and nothing of others', async () => {
    configure([RICH, ...numbered(2)])
    await dispatch('sync')
    const theirs = `/services/${randomUUID()}`
    await kong.byHand('PUT', theirs, { name: `${kong.owner}-theirs`, host: 'h' })
    assert.equal((await dispatch('prune', '--all')).code, 2)
    assert.equal((await dispatch('prune', '--all', '--yes')).code, 0)
    for (const kind of ['services', 'routes', 'upstreams', 'plugins'])
      assert.deepEqual(await kong.all(kind), [], kind)
    assert.equal((await kong.byHand('GET', theirs)).status, 200)
  })

  test('adopt takes over what others made, with its id and what hangs on it', async () => {
    configure(numbered(1))
    const name = (await kong.gateway(numbered(1))).desired.entities.find(
      ({ kind }) => kind === 'routes',
    )!.name
    const [id, plugin] = [randomUUID(), randomUUID()]
    await kong.byHand('PUT', `/routes/${id}`, { name: `${kong.owner}-by-hand`, paths: ['/p0'] })
    await kong.byHand('PUT', `/plugins/${plugin}`, { name: 'cors', route: { id } })
    const adopt = () => dispatch('adopt', 'routes', `${kong.owner}-by-hand`, '--as', name)
    const early = await adopt()
    assert.equal(early.code, 1)
    assert.match(early.stderr, /does not have services .* yet: run `dispatch kong sync` before/)
    await dispatch('sync')
    const { code, stderr } = await adopt()
    assert.equal(code, 0, stderr)
    const [route, ...others] = await kong.all('routes')
    assert.deepEqual([route.id, route.name, others], [id, name, []])
    assert.equal((await kong.byHand('GET', `/plugins/${plugin}`)).status, 200)
    assert.equal((await dispatch('plan')).code, 0)
  })

  test('adopt of what is not there, is ours already or is of another configuration fails', async () => {
    configure(numbered(1))
    await dispatch('sync')
    const [route] = await kong.all('routes')
    const other = randomUUID()
    await kong.byHand('PUT', `/routes/${other}`, { paths: ['/x'], tags: ['dispatch-edge-owner:somebody'] })
    for (const [key, why] of [
      ['nowhere', /has no routes/],
      [route.name, /is ours already/],
      [other, /belongs to somebody/],
    ] as const) {
      const { code, stderr } = await dispatch('adopt', 'routes', key)
      assert.equal(code, 1)
      assert.match(stderr, why)
    }
  })

  test('render prints what sync writes', async () => {
    configure(numbered(1))
    const { code, stdout } = await dispatch('render')
    assert.equal(code, 0)
    assert.match(stdout, /^_format_version: "3.0"/)
    assert.equal((await dispatch('render')).stdout, stdout)
    assert.equal(kong.admin.seen.length, 0)
  })
})

function proxyMissing(): string | false {
  return REAL_KONG !== null && !process.env['KONG_PROXY_URL'] ? 'KONG_PROXY_URL is not set' : false
}
