import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Access } from '../../../../drivers/support/kubernetes/access.ts'
import { Connections } from '../../../../drivers/support/kubernetes/connection.ts'

const ACCESS: Access = {
  server: 'https://api.test',
  ca: null,
  serverName: null,
  certificate: null,
  key: null,
  token: 'first',
  expiresAt: null,
}

/** Connections by what stands in `files`, at a time of the test's own. */
function connecting(t: TestContext) {
  const files = { access: ACCESS as Access | null, reads: [] as boolean[] }
  const clock = { now: 1_000_000 }
  const source = {
    async read(refused: boolean): Promise<Access> {
      files.reads.push(refused)
      if (files.access === null) throw new Error('the file is away')
      return files.access
    },
  }
  const connections = new Connections(source, 3000, () => clock.now)
  t.after(() => connections.close())
  return { connections, files, clock }
}

test('access is read once a minute, and the connections stay while only the token changes', async (t) => {
  const { connections, files, clock } = connecting(t)
  const first = await connections.get(null)
  files.access = { ...ACCESS, token: 'second' }
  clock.now += 59_000
  assert.equal(await connections.get(null), first)
  clock.now += 2000
  const second = await connections.get(null)
  assert.equal(second.access.token, 'second')
  assert.equal(second.agent, first.agent)
  assert.equal(files.reads.length, 2)
  clock.now += 61_000
  files.access = { ...ACCESS, ca: 'another' }
  assert.notEqual((await connections.get(null)).agent, first.agent)
})

test('requests at once share one reading', async (t) => {
  const { connections, files } = connecting(t)
  const [a, b] = await Promise.all([connections.get(null), connections.get(null)])
  assert.equal(a, b)
  assert.equal(files.reads.length, 1)
  await Promise.all([connections.get(a), connections.get(a)])
  assert.deepEqual(files.reads, [false, true])
})

test('a file that is away while it is replaced takes nothing away; one that was refused is not used again', async (t) => {
  const { connections, files, clock } = connecting(t)
  const first = await connections.get(null)
  files.access = null
  clock.now += 61_000
  assert.equal(await connections.get(null), first)
  await assert.rejects(connections.get(first), /the file is away/)
})

test('access that expires is read anew by then, and not used after', async (t) => {
  const { connections, files, clock } = connecting(t)
  files.access = { ...ACCESS, expiresAt: clock.now + 5000 }
  const first = await connections.get(null)
  clock.now += 4999
  assert.equal(await connections.get(null), first)
  clock.now += 1
  files.access = null
  await assert.rejects(connections.get(null), /the file is away/)
  files.access = ACCESS
  assert.notEqual(await connections.get(null), first)
})
