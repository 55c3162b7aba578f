import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restartNeeded } from '../../../gateway/control/restart-needed.ts'
import { createClientAuthority } from '../../e2e/client-certificates.ts'
import { load } from '../config/sample.ts'

test('whether certificates are asked for is fixed; whose may change while the gateway runs', async () => {
  const [one, other] = await Promise.all([createClientAuthority(), createClientAuthority()])
  const configOf = async (clientCertificate: unknown) =>
    (await load(JSON.stringify({ gateway: { https: { address: '127.0.0.1:8443', clientCertificate } } })))
      .config
  const none = await configOf(null)
  const first = await configOf({ ca: one.certificate, subjects: ['kong'] })
  const second = await configOf({ ca: other.certificate, subjects: ['kong', 'kong.internal'] })
  assert.deepEqual(restartNeeded(first, second), [])
  for (const [before, after] of [
    [none, first],
    [first, none],
  ] as const) {
    const [sentence, ...others] = restartNeeded(before, after)
    assert.match(sentence!, /gateway\.https\.clientCertificate changed; restart the gateway to use it$/)
    assert.deepEqual(others, [])
  }
})
