import { quote } from '../mistakes.ts'
import type { KongIdentityConfig } from '../schema/kong-identity.ts'
import type { Assembly } from './assembly.ts'
import { DEFAULT_ORGANIZATION } from './scope.ts'

/** As long as the hash (RFC 7518, 3.2); the plugin asks for as much. */
const LEAST_SECRET_BYTES = 32

/** Whom Kong may speak for, and who Kong is. */
export function assembleKongIdentity(assembly: Assembly): KongIdentityConfig | null {
  const { reading, document } = assembly
  const { kong } = document.identity
  if (kong === null) return null
  checkAssertionKeys(assembly, kong)
  if (kong.organization !== null && kong.organizations !== null) {
    reading.refuse(reading.locate(kong, 'organizations'), {
      message: 'both `organization` and `organizations` are given',
      expected: 'one of them',
    })
  }
  const { https, trustedProxies } = document.gateway
  const hears =
    trustedProxies.length > 0 ||
    // What was written but could not be read has been told.
    (reading.wrote(document.gateway, 'trustedProxies') &&
      !reading.isEmpty(document.gateway, 'trustedProxies')) ||
    (https !== null && (https.clientCertificate !== null || reading.wrote(https, 'clientCertificate')))
  if (!hears) {
    reading.refuse(reading.locate(document.identity, 'kong'), {
      message: 'nobody is heard: no proxy is trusted',
      expected: 'the networks of Kong in `gateway.trustedProxies`, or `gateway.https.clientCertificate`',
    })
  }
  return {
    ...kong,
    organization: kong.organizations === null ? (kong.organization ?? DEFAULT_ORGANIZATION) : null,
  }
}

function checkAssertionKeys({ reading }: Assembly, { keys }: KongIdentityConfig): void {
  const ids = new Set<string>()
  for (const key of keys) {
    if (key.id !== '' && ids.has(key.id))
      reading.refuse(reading.locate(key, 'id'), {
        message: `the key ${quote(key.id)} is there already`,
        expected: 'each id once',
      })
    ids.add(key.id)
    // One that could not be read is empty, and has been told.
    if (key.secret !== '' && Buffer.byteLength(key.secret) < LEAST_SECRET_BYTES)
      reading.refuse(reading.locate(key, 'secret'), {
        message: `the secret has less than ${LEAST_SECRET_BYTES} bytes`,
        expected: 'a random one, such as `openssl rand -base64 32` gives',
      })
  }
}
