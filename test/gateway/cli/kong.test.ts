import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { registry } from '../../../gateway/built-in.ts'
import { parseConfig } from '../../../gateway/config/load-config.ts'
import { configText, type Wanted } from '../../kong-plugins/configuration.ts'
import { StandIn } from '../../kong-plugins/stand-in/kong.ts'
import { run } from './run.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** A Kong, and the commands on a configuration for it. */
async function start(t: TestContext, routes: readonly Wanted[], fields: Record<string, unknown> = {}) {
  const kong = await StandIn.open({ database: true })
  const directory = await mkdtemp(join(tmpdir(), 'dispatch-kong-'))
  t.after(async () => {
    await kong.close()
    await rm(directory, { recursive: true, force: true })
  })
  const file = join(directory, 'dispatch.yaml')
  const write = (wanted: readonly Wanted[]) =>
    writeFile(file, configText({ routes: wanted, kong: { ...fields, admin: { url: kong.url } } }))
  await write(routes)
  const { readFile } = await import('node:fs/promises')
  const gateway = {
    loadConfig: async (path: string) => parseConfig(await readFile(path, 'utf8'), path, registry),
  }
  return {
    kong,
    write,
    dispatch: (...args: string[]) => run(['kong', ...args, '--config', file], { gateway, cwd: directory }),
    /** Does something by hand. */
    byHand: (method: string, path: string, body?: object) =>
      fetch(`${kong.url}${path}`, { method, headers: JSON_TYPE, body: body && JSON.stringify(body) }),
  }
}

async function routesIn(kong: StandIn): Promise<{ id: string; name: string; paths: string[] }[]> {
  const answer = (await (await fetch(`${kong.url}/routes?size=1000`)).json()) as {
    data: { id: string; name: string; paths: string[] }[]
  }
  return answer.data
}

test('plan tells what differs with exit code 2, and writes nothing', async (t) => {
  const { kong, dispatch } = await start(t, [{ path: '/a' }])
  const { code, stdout } = await dispatch('plan')
  assert.equal(code, 2)
  assert.match(stdout, /^\+ routes dispatch\.default\.a\.[0-9a-f]{8}$/m)
  assert.match(stdout, /5 to create, 0 to change, 0 to put right, 0 to delete; 5 writes\.\n$/)
  assert.deepEqual(await routesIn(kong), [])
})

test('sync writes it, and then there is nothing to do, whatever Kong filled in', async (t) => {
  const { dispatch } = await start(t, [{ path: '/a' }])
  const { code, stdout, stderr } = await dispatch('sync')
  assert.deepEqual([code, stdout], [0, '5 writes done.\n'])
  assert.match(stderr, /created routes dispatch\.default\.a\./)
  const again = await dispatch('plan')
  assert.deepEqual([again.code, again.stdout], [0, 'Nothing to do: Kong has all 5 entities.\n'])
  assert.equal((await dispatch('sync')).stdout, 'Nothing to do.\n')
})

test('plan shows each field that somebody changed', async (t) => {
  const { kong, dispatch, byHand } = await start(t, [{ path: '/a' }])
  await dispatch('sync')
  const [route] = await routesIn(kong)
  await byHand('PATCH', `/routes/${route!.id}`, { strip_path: true, methods: ['GET'] })
  const { code, stdout } = await dispatch('plan')
  assert.equal(code, 2)
  assert.match(
    stdout,
    /^! routes .*\n {4}methods: \["GET"\] → \["DELETE",.*\n {4}strip_path: true → false\n/m,
  )
  const json = JSON.parse((await dispatch('plan', '--json')).stdout) as { changes: { action: string }[] }
  assert.deepEqual(
    json.changes.map(({ action }) => action),
    ['repair'],
  )
})

test('status tells what is there', async (t) => {
  const { kong, dispatch } = await start(t, [{ path: '/a' }])
  await dispatch('sync')
  assert.match((await dispatch('status')).stdout, /^127\.0\.0\.1:8080 +not known$/m)
  kong.dao.health = 'UNHEALTHY'
  const { code, stdout } = await dispatch('status')
  assert.match(stdout, /^127\.0\.0\.1:8080 +unhealthy$/m)
  assert.equal(code, 0)
  assert.match(stdout, /^state +in step$/m)
  assert.match(stdout, /^routes +1 +1$/m)
  const json = JSON.parse((await dispatch('status', '--json')).stdout) as Record<string, unknown>
  assert.equal(json['differences'], 0)
  assert.deepEqual(json['targets'], { '127.0.0.1:8080': 'unhealthy' })
  assert.equal((json['record'] as { state: string }).state, json['desiredDigest'])
})

test('adopt makes a route that somebody made one of ours, with its id and all that hangs on it', async (t) => {
  const { kong, dispatch, byHand } = await start(t, [{ path: '/a' }])
  await dispatch('sync')
  const [ours] = await routesIn(kong)
  const made = await byHand('POST', '/routes', { name: 'mine', paths: ['/a'] })
  const { id } = (await made.json()) as { id: string }
  await byHand('POST', `/routes/${id}/plugins`, { name: 'key-auth' })
  assert.equal((await dispatch('adopt', 'routes', 'mine')).code, 1, 'no route of ours has that name')
  const { code } = await dispatch('adopt', 'routes', 'mine', '--as', ours!.name)
  assert.equal(code, 0)
  assert.deepEqual(
    (await routesIn(kong)).map((route) => [route.id, route.name, route.paths]),
    [[id, ours!.name, ['~/a$']]],
  )
  assert.equal((await dispatch('plan')).code, 0)
  const plugins = (await (await fetch(`${kong.url}/routes/${id}/plugins`)).json()) as { data: unknown[] }
  assert.equal(plugins.data.length, 1)
})

test('what belongs to another configuration is not taken over', async (t) => {
  const { dispatch, byHand } = await start(t, [{ path: '/a' }])
  await byHand('POST', '/routes', { name: 'mine', paths: ['/a'], tags: ['dispatch-edge-owner:other'] })
  const { code, stderr } = await dispatch('adopt', 'routes', 'mine')
  assert.equal(code, 1)
  assert.match(stderr, /belongs to other, another configuration/)
})

test('prune deletes what the guard kept back, and nothing of others', async (t) => {
  const many = Array.from({ length: 20 }, (_, i) => ({ path: `/r${i}` }))
  const { kong, dispatch, write, byHand } = await start(t, many)
  await dispatch('sync')
  await byHand('POST', '/routes', { name: 'mine', paths: ['/mine'] })
  await write([{ path: '/r0' }])
  const kept = await dispatch('sync')
  assert.equal(kept.code, 1)
  assert.match(kept.stderr, /19 entities would be deleted, more than 10/)
  assert.equal((await routesIn(kong)).length, 21)
  assert.match((await dispatch('prune')).stdout, /^19 entities deleted/)
  assert.deepEqual((await routesIn(kong)).map(({ paths }) => paths[0]).sort(), ['/mine', '~/r0$'])
  assert.equal((await dispatch('prune', '--all')).code, 2, 'that must be meant')
  assert.equal((await dispatch('prune', '--all', '--yes')).code, 0)
  assert.deepEqual(
    (await routesIn(kong)).map(({ name }) => name),
    ['mine'],
  )
})

test('a name that somebody has is told, and the rest is written', async (t) => {
  const { kong, dispatch, byHand } = await start(t, [{ path: '/a' }, { path: '/b' }])
  const names = JSON.parse((await dispatch('plan', '--json')).stdout) as {
    changes: { kind: string; name: string }[]
  }
  const taken = names.changes.find(({ kind }) => kind === 'routes')!.name
  await byHand('PUT', `/routes/${taken}`, { paths: ['/theirs'] })
  const { code, stderr } = await dispatch('sync')
  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`routes ${taken} belongs to somebody else .*dispatch kong adopt`))
  assert.deepEqual((await routesIn(kong)).map(({ paths }) => paths[0]).sort(), ['/theirs', '~/b$'])
})

test('--wait asks the proxy until the gateway answers on every route, without calling a function', async (t) => {
  let asked = 0
  const proxy = http.createServer((request, response) => {
    asked++
    assert.equal(request.headers['x_request_id'], 'probe')
    // Kong learns of routes some time later.
    if (asked <= 4) response.writeHead(404).end('{"message":"no Route matched with those values"}')
    else response.writeHead(400, { 'dispatch-error': 'GW_BAD_HEADER' }).end()
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  t.after(() => proxy.close())
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const { dispatch } = await start(t, [{ path: '/a/:b', hosts: ['*.example.com'] }, { path: '/c/*' }])
  const { code, stdout } = await dispatch('sync', '--wait', '--proxy', url)
  assert.equal(code, 0)
  assert.match(stdout, /^2 routes answer through Kong\.$/m)
  assert.ok(asked >= 4 + 6, `${asked} questions`)
})

test('--wait gives up after its time', async (t) => {
  const { dispatch } = await start(t, [{ path: '/a' }], { proxy: 'http://127.0.0.1:1' })
  const { code, stderr } = await dispatch('sync', '--wait', '--timeout', '0.5')
  assert.equal(code, 1)
  assert.match(stderr, /does not answer: ECONNREFUSED/)
})

test('a Kong that is away, and a configuration without one, are told in one sentence', async (t) => {
  const { kong, dispatch } = await start(t, [{ path: '/a' }])
  await kong.close()
  const { code, stderr } = await dispatch('plan')
  assert.equal(code, 1)
  assert.match(stderr, /cannot be reached \(ECONNREFUSED\)\nIs it running\?/)
  const without = { loadConfig: async () => parseConfig('{}', '/dispatch.yaml', registry) }
  const file = join(import.meta.dirname, 'kong.test.ts')
  const none = await run(['kong', 'plan', '--config', file], { gateway: without })
  assert.equal(none.code, 1)
  assert.match(none.stderr, /names no Kong/)
})
