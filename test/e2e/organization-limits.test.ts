import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from './call.ts'
import { startTestGateway } from './gateway.ts'
import { startUpstream } from './upstream.ts'

const DAY = { window: '31d', by: 'organization' }

test('an organization has one limit over all its routes and threads, whoever calls', async (t) => {
  const upstream = await startUpstream(t)
  const organization = (path: string, plugins = {}) => ({
    functions: { f: { deployments: ['b'] } },
    routes: [
      { path: `${path}/one`, function: 'f', auth: 'none' },
      { path: `${path}/two`, function: 'f', auth: 'none' },
    ],
    plugins,
  })
  const gateway = await startTestGateway(t, {
    gateway: { threads: 2 },
    backends: { b: { driver: 'http', url: upstream.url } },
    // One policy for all that have none of their own: each organization is counted for itself.
    defaults: { plugins: { 'rate-limit': { limit: 5, ...DAY } } },
    organizations: {
      acme: organization('/acme', { 'rate-limit': { limit: 3, ...DAY } }),
      globex: organization('/globex'),
      initech: organization('/initech'),
    },
  })
  const passed = async (path: string) => {
    const statuses: number[] = []
    for (let i = 0; i < 10; i++)
      statuses.push((await call(gateway.port, 'GET', `/${path}/${i % 2 === 0 ? 'one' : 'two'}`)).status)
    return statuses.filter((status) => status === 200).length
  }
  assert.deepEqual([await passed('acme'), await passed('globex'), await passed('initech')], [3, 5, 5])
  const refused = await call(gateway.port, 'GET', '/acme/one')
  assert.deepEqual([refused.status, refused.code], [429, 'GW_RATE_LIMITED'])
  assert.match(String(refused.headers.get('ratelimit')), /^"organization-2678400s";r=0;t=\d+$/)
})
