import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RuntimeFunction } from '../gateway/runtime/runtime-function.ts'
import { call } from './call.ts'
import { startTestGateway } from './gateway.ts'

test('a function says by which contract it is called', async (t) => {
  const fn = new RuntimeFunction()
  const url = `http://127.0.0.1:${await fn.listen(t)}`
  const gateway = await startTestGateway(t, {
    backends: { home: { driver: 'http', url } },
    functions: { orders: { deployments: ['home'], contract: 'dispatch' } },
    routes: [{ path: '/orders', function: 'orders', auth: 'none' }],
  })
  fn.reply = { payload: { total: 3 } }
  const good = await call(gateway.port, 'GET', '/orders?id=1')
  assert.deepEqual([good.status, good.body], [200, '{"total":3}'])
  assert.deepEqual(fn.asked[0]!.payload, { id: '1' })
  fn.reply = { context: { error: { type: 'InputError', message: 'no such order' } } }
  const input = await call(gateway.port, 'GET', '/orders')
  assert.equal(input.status, 400)
  assert.match(input.body, /"detail":"no such order"/)
  fn.reply = { context: { error: { type: 'FunctionError', message: 'secret detail' } } }
  const failed = await call(gateway.port, 'GET', '/orders')
  assert.equal(failed.status, 502)
  assert.match(failed.body, /GW_FUNCTION_FAILED/)
  assert.ok(!failed.body.includes('secret detail'))
  const bad = await call(gateway.port, 'POST', '/orders', {
    headers: ['content-type: application/json'],
    body: '{',
  })
  assert.equal(bad.status, 400)
})
