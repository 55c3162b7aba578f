import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { Agent, request } from 'undici'
import { type Fault, FaultyAdmin } from './faulty-admin.ts'
import { StandIn } from './stand-in/kong.ts'

let kong: StandIn
let admin: FaultyAdmin
const dispatcher = new Agent()

before(async () => {
  kong = await StandIn.open()
  admin = await FaultyAdmin.open(kong.url)
})
after(async () => {
  await dispatcher.destroy()
  admin.close()
  await kong.close()
})
beforeEach(async () => {
  await admin.up()
  admin.fault = () => null
  admin.reset()
})

const put = (name: string) =>
  request(`${admin.url}/services/${name}`, {
    dispatcher,
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: '{"host":"h"}',
  })
const exists = async (name: string) => (await request(`${kong.url}/services/${name}`)).statusCode === 200
const onWrite = (k: number, fault: Fault) => {
  admin.fault = ({ write }) => (write === k ? fault : null)
}

test('what goes through is counted, writes apart from reads', async () => {
  assert.equal((await put('a')).statusCode, 200)
  assert.equal((await request(`${admin.url}/services/a`, { dispatcher })).statusCode, 200)
  assert.equal(admin.writes, 1)
  assert.deepEqual(
    admin.seen.map(({ method, path, status }) => `${method} ${path} ${status}`),
    ['PUT /services/a 200', 'GET /services/a 200'],
  )
})

test('a connection cut before the effect leaves nothing behind', async () => {
  onWrite(2, { kind: 'cut-before' })
  await put('b1')
  await assert.rejects(put('b2'))
  assert.equal(await exists('b2'), false)
  assert.equal((await put('b2')).statusCode, 200)
})

test('a connection cut after the effect leaves it behind', async () => {
  onWrite(1, { kind: 'cut-after' })
  await assert.rejects(put('c'))
  assert.equal(await exists('c'), true)
})

test('an answer may be another one, with the time to wait', async () => {
  onWrite(1, { kind: 'status', status: 429, retryAfter: '1' })
  const { statusCode, headers } = await put('d')
  assert.deepEqual([statusCode, headers['retry-after']], [429, '1'])
  assert.equal(await exists('d'), false)
})

test('a killed Admin API is not there until it is up again, at the same address', async () => {
  onWrite(2, { kind: 'kill', effect: true })
  await put('e1')
  await assert.rejects(put('e2'))
  await assert.rejects(put('e3'), /ECONNREFUSED/)
  assert.equal(await exists('e2'), true)
  await admin.up()
  assert.equal((await put('e3')).statusCode, 200)
})

test('nobody answers while it hangs', async () => {
  onWrite(1, { kind: 'hang' })
  const aborted = AbortSignal.timeout(50)
  await assert.rejects(request(`${admin.url}/services/f`, { dispatcher, method: 'PUT', signal: aborted }))
  assert.equal(await exists('f'), false)
})
