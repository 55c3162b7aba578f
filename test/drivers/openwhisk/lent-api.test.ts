import assert from 'node:assert/strict'
import { test } from 'node:test'
import { driver } from '../../../drivers/openwhisk.ts'
import { startUpstream } from '../../e2e/upstream.ts'
import { AUTHORIZED, hostWith, lifecycleWith, openPort } from '../../gateway/management/support.ts'
import { openWhiskOptions } from '../driver-hosts.ts'
import { openOperator } from '../open-driver.ts'

test('administrators reach the API of OpenWhisk, and nothing beside it, with the key of the gateway', async (t) => {
  const upstream = await startUpstream(t)
  const operator = await openOperator(t, driver, openWhiskOptions({ url: `${upstream.url}/whisk` }))
  const { ask } = await openPort(t, hostWith({ lifecycle: lifecycleWith({ api: () => operator.api! }) }))
  await ask('/v1/backends/w/api/namespaces/_/packages?limit=2', { headers: AUTHORIZED })
  const [{ target, headers }] = upstream.seen as [(typeof upstream.seen)[0]]
  assert.equal(target, '/whisk/api/v1/namespaces/_/packages?limit=2')
  assert.equal(headers.authorization, `Basic ${Buffer.from('uuid:secret').toString('base64')}`)
})
