import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, before, beforeEach, describe, test } from 'node:test'
import {
  createAuthority,
  createServerCertificate,
  type KeyAndCertificate,
} from '../../gateway/development/certificate-authority.ts'
import { numbered } from './configuration.ts'
import { type Gateway, KongUnderTest, needs } from './kong-under-test.ts'

describe('certificates that Kong shows to clients', { skip: await needs(true) }, () => {
  let kong: KongUnderTest
  let pems: KeyAndCertificate[]
  /** Names that no other run uses. */
  let host: (name: string) => string
  before(async () => {
    const authority = await createAuthority(Date.now())
    pems = await Promise.all(
      [0, 1, 2].map(() => createServerCertificate(authority, ['*.example.com'], Date.now())),
    )
  })
  beforeEach(async () => {
    kong = await KongUnderTest.open()
    kong.environment = Object.fromEntries(pems.map(({ key }, i) => [`KEY_${i}`, key]))
    host = (name) => `${name}.${kong.owner}.example.com`
  })
  afterEach(() => kong.close())

  const shown = (i: number, ...names: string[]) => ({
    certificate: pems[i]!.certificate,
    key: { env: `KEY_${i}` },
    hosts: names.map(host),
  })
  const snisOf = async () =>
    Object.fromEntries((await kong.all('snis')).map(({ name, certificate }) => [name, certificate.id]))

  async function settled(gateway: Gateway): Promise<void> {
    assert.deepEqual((await gateway.round()).result?.failures ?? [], [])
    kong.admin.reset()
    assert.deepEqual((await gateway.round()).plan.changes, [])
    assert.equal(kong.admin.writes, 0)
  }

  test('are there with their names, and nothing is left to do', async () => {
    const gateway = await kong.gateway(numbered(1), { certificates: [shown(0, 'a', 'b'), shown(1, 'c')] })
    await settled(gateway)
    const certificates = await kong.all('certificates')
    assert.equal(certificates.length, 2)
    const snis = await snisOf()
    assert.deepEqual(Object.keys(snis).sort(), ['a', 'b', 'c'].map(host).sort())
    assert.equal(snis[host('a')], snis[host('b')])
    assert.notEqual(snis[host('a')], snis[host('c')])
  })

  test('are renewed in their place: names stay at every moment', async () => {
    const gateway = await kong.gateway(numbered(1), { certificates: [shown(0, 'a', 'b')] })
    await settled(gateway)
    const before = await snisOf()
    await kong.reconfigure(gateway, numbered(1), { certificates: [shown(1, 'a', 'b')] })
    await settled(gateway)
    assert.deepEqual(await snisOf(), before)
    const [certificate] = await kong.all('certificates')
    assert.equal(certificate.cert.trim(), pems[1]!.certificate.trim())
    const deletions = kong.admin.seen.filter(({ method }) => method === 'DELETE')
    assert.deepEqual(deletions, [])
  })

  test('take over a name from each other, and give it up', async () => {
    const gateway = await kong.gateway(numbered(1), { certificates: [shown(0, 'a', 'b'), shown(1, 'c')] })
    await settled(gateway)
    await kong.reconfigure(gateway, numbered(1), { certificates: [shown(0, 'a'), shown(1, 'c', 'b')] })
    await settled(gateway)
    const snis = await snisOf()
    assert.equal(snis[host('b')], snis[host('c')])
    await kong.reconfigure(gateway, numbered(1), { certificates: [shown(1, 'c')] })
    await settled(gateway)
    assert.deepEqual(Object.keys(await snisOf()), [host('c')])
    assert.equal((await kong.all('certificates')).length, 1)
  })

  test('I08 are put right when somebody changed or deleted them or a name', async () => {
    const gateway = await kong.gateway(numbered(1), { certificates: [shown(0, 'a', 'b')] })
    await settled(gateway)
    const [certificate] = await kong.all('certificates')
    const edits: [string, string, object?][] = [
      ['PATCH', `/certificates/${certificate.id}`, { cert: pems[2]!.certificate, key: pems[2]!.key }],
      ['PATCH', `/certificates/${certificate.id}`, { tags: null }],
      ['PATCH', `/certificates/${certificate.id}`, { snis: [host('a'), host('elsewhere')] }],
      ['DELETE', `/snis/${host('a')}`],
      ['PATCH', `/snis/${host('b')}`, { tags: ['x'] }],
      ['DELETE', `/certificates/${certificate.id}`],
    ]
    for (const [method, path, body] of edits) {
      assert.ok((await kong.byHand(method, path, body)).status < 300, `${method} ${path}`)
      await settled(gateway)
      const [now] = await kong.all('certificates')
      assert.equal(now.cert.trim(), pems[0]!.certificate.trim())
      assert.deepEqual(Object.keys(await snisOf()).sort(), [host('a'), host('b')].sort())
    }
  })

  test('I03 leave a name that somebody else has a certificate for', async () => {
    const theirs = randomUUID()
    const { cert, key } = { cert: pems[2]!.certificate, key: pems[2]!.key }
    await kong.byHand('PUT', `/certificates/${theirs}`, { cert, key, snis: [host('b')] })
    const gateway = await kong.gateway(numbered(1), { certificates: [shown(0, 'a', 'b')] })
    const { plan, result } = await gateway.round()
    assert.deepEqual(result?.failures, [])
    assert.deepEqual(
      plan.changes
        .filter(({ action }) => action === 'conflict')
        .map((change) => 'entity' in change && change.entity.name),
      [host('b')],
    )
    assert.deepEqual((await kong.byHand('GET', `/certificates/${theirs}`)).body.snis, [host('b')])
    assert.deepEqual(Object.keys(await snisOf()), [host('a')])
    kong.admin.reset()
    assert.equal((await gateway.round()).plan.work, null)
    assert.equal(kong.admin.writes, 0)
  })

  test('are in no error and no plan with their keys', async () => {
    const gateway = await kong.gateway(numbered(1), { certificates: [shown(0, 'a')] })
    kong.admin.fault = ({ path, method }) =>
      method === 'PUT' && path.startsWith('/certificates')
        ? {
            kind: 'status',
            status: 400,
            body: JSON.stringify({ message: `invalid key: ${pems[0]!.key}`, code: 2 }),
          }
        : null
    const { result, plan } = await gateway.round()
    assert.ok(result!.failures.length > 0)
    for (const { reason } of result!.failures) assert.doesNotMatch(reason, /PRIVATE|[A-Za-z0-9+/]{40}/)
    assert.ok(plan.changes.length > 0)
  })
})
