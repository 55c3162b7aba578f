import assert from 'node:assert/strict'
import http from 'node:http'
import { type TestContext, test } from 'node:test'
import { driver } from '../../../drivers/http.ts'
import type { Operator } from '../../../gateway/contract/driver.ts'
import { listen, openSilence } from '../../loopback.ts'
import { httpOptions, operatorHost } from '../driver-hosts.ts'

const HOST = operatorHost()

async function asking(
  t: TestContext,
  path: string,
  options: Partial<Parameters<typeof httpOptions>[0]> = {},
): Promise<{ operator: Operator; asked: http.IncomingMessage[]; answer(status: number): void }> {
  const asked: http.IncomingMessage[] = []
  let status = 200
  const server = http.createServer((request, response) => {
    asked.push(request)
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('fine')
  })
  const url = `http://127.0.0.1:${await listen(server)}/base/{name}`
  const operator = driver.operator!(httpOptions({ url: new URL(url).href, health: path, ...options }), HOST)!
  t.after(async () => {
    await operator.close()
    server.close()
  })
  await operator.open()
  return {
    operator,
    asked,
    answer: (next) => {
      status = next
    },
  }
}

test('without a path nobody asks', () => {
  assert.equal(driver.operator!(httpOptions({ url: 'http://127.0.0.1:1/' }), HOST), null)
})

test('a status from 200 to 399 says that the backend is there', async (t) => {
  const { operator, asked, answer } = await asking(t, '/healthz?deep=1')
  for (const status of [200, 204, 302, 399]) {
    answer(status)
    assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  }
  for (const status of [400, 401, 404, 500, 503]) {
    answer(status)
    assert.deepEqual(await operator.probe(), { ready: false, detail: `GET /healthz answers ${status}` })
  }
  assert.ok(asked.every(({ method, url }) => method === 'GET' && url === '/healthz?deep=1'))
})

test('the credential of the backend goes with it', async (t) => {
  const credential = { header: 'x-key', value: 'secret' }
  const { operator, asked } = await asking(t, '/healthz', { credential })
  await operator.probe()
  assert.equal(asked[0]!.headers['x-key'], 'secret')
})

test('a backend that is not there, or does not answer in time, is not ready', async (t) => {
  const { operator } = await asking(t, '/', { url: 'http://127.0.0.1:1/' })
  assert.deepEqual(await operator.probe(), { ready: false, detail: 'GET / failed: ECONNREFUSED' })
  const patient = await asking(t, '/', { url: `http://127.0.0.1:${await openSilence(t)}/` })
  assert.deepEqual(await patient.operator.probe(AbortSignal.timeout(50)), {
    ready: false,
    detail: 'GET / failed: no answer in time',
  })
})
