import assert from 'node:assert/strict'
import { afterEach, before, beforeEach, describe, test } from 'node:test'
import { request } from 'undici'
import {
  createAuthority,
  createServerCertificate,
  type KeyAndCertificate,
} from '../../gateway/development/certificate-authority.ts'
import { numbered } from './configuration.ts'
import { KongUnderTest, needs } from './kong-under-test.ts'

const withoutPlugin = await pluginMissing()

for (const database of [true, false])
  describe(`what can be said of Kong, ${database ? 'with' : 'without'} a database`, {
    skip: await needs(database),
  }, () => {
    let kong: KongUnderTest
    let authority: KeyAndCertificate
    let pem: KeyAndCertificate
    before(async () => {
      authority = await createAuthority(Date.now())
      pem = await createServerCertificate(authority, ['gateway.example.com'], Date.now())
    })
    beforeEach(async () => {
      kong = await KongUnderTest.open({ database })
    })
    afterEach(() => kong.close())

    async function settles(fields: Record<string, unknown>): Promise<void> {
      const gateway = await kong.gateway(numbered(2), fields)
      const first = await gateway.round()
      assert.deepEqual([first.result?.failures, first.plan.unknown], [[], []])
      kong.admin.reset()
      assert.deepEqual((await gateway.round()).plan.changes, [])
      assert.equal(kong.admin.writes, 0)
    }

    test('HTTPS to the gateway, whose certificate is checked and to which one is shown', async () => {
      kong.environment = { KEY: pem.key }
      kong.parts = { gateway: { http: '127.0.0.1:8080', https: { address: '127.0.0.1:8443' } } }
      const tls = { ca: authority.certificate, certificate: pem.certificate, key: { env: 'KEY' } }
      await settles({ tls, targets: ['127.0.0.1:8443'] })
      const [service] = await kong.all('services')
      const [ca] = await kong.all('ca_certificates')
      assert.deepEqual(
        [service.protocol, service.tls_verify, service.ca_certificates],
        ['https', true, [ca.id]],
      )
      const [certificate] = await kong.all('certificates')
      assert.equal(service.client_certificate.id, certificate.id)
    })

    test('the plugin that tells whom Kong authenticated', { skip: withoutPlugin }, async () => {
      kong.environment = { SECRET: 'a secret of more than thirty-two bytes' }
      kong.parts = {
        identity: { kong: { keys: [{ id: 'k1', secret: { env: 'SECRET' } }] } },
        gateway: { http: '127.0.0.1:8080', trustedProxies: ['127.0.0.1'] },
      }
      await settles({})
      const plugin = (await kong.all('plugins')).find(({ name }) => name === 'dispatch-edge')
      assert.equal(plugin.config.key_id, 'k1')
      assert.notEqual(plugin.service, null)
    })

    test('targets by name, by IPv4 and by IPv6', async () => {
      await settles({ targets: ['gateway.example.com:8080', '10.0.0.1:80', '[2001:db8::1]:8080'] })
    })

    test('how often, by which path and over what', async () => {
      await settles({
        health: { path: '/.ready', interval: '10s' },
        protocols: ['http', 'https'],
        redirect: 301,
        plugins: [],
      })
    })
  })

async function pluginMissing(): Promise<string | false> {
  const url = process.env['KONG_ADMIN_URL']
  if (!url) return false
  const { body } = await request(`${url}/plugins/enabled`)
  const { enabled_plugins } = (await body.json()) as { enabled_plugins: string[] }
  return enabled_plugins.includes('dispatch-edge')
    ? false
    : 'that Kong does not have the plugin dispatch-edge'
}
