import { quote } from '../mistakes.ts'
import type {
  Algorithm,
  ApiKeyConfig,
  DevelopmentConfig,
  IdentityConfig,
  IssuerConfig,
  JwksConfig,
} from '../schema/identity.ts'
import type { Assembly } from './assembly.ts'
import { checkKeys } from './issuer-keys.ts'
import { assembleKongIdentity } from './kong-identity.ts'
import { problemOfCertificates } from './pem.ts'
import { DEFAULT_ORGANIZATION } from './scope.ts'

type WrittenIssuer = Assembly['document']['identity']['issuers'][number]

/** Algorithms of issuers that publish their keys, when nothing is said. */
const USUAL: readonly Algorithm[] = ['RS256', 'ES256']

/** Headers that cannot carry an API key: others read or write them, or they carry another credential. */
const TAKEN = [
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'host',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
]

/** Who may call. */
export function assembleIdentity(assembly: Assembly, now: Date): IdentityConfig {
  const { identity } = assembly.document
  refuseRepeated(assembly, identity.issuers, 'issuer', 'the issuer')
  checkApiKeys(assembly, identity.apiKeys.keys, now)
  const { header } = identity.apiKeys
  if (TAKEN.includes(header)) {
    assembly.reading.refuse(assembly.reading.locate(identity.apiKeys, 'header'), {
      message: `${quote(header)} cannot carry an API key`,
      expected: 'a header of its own such as x-api-key',
    })
  }
  return {
    ...identity,
    issuers: identity.issuers.map((issuer) => assembleIssuer(assembly, issuer)),
    kong: assembleKongIdentity(assembly),
    development: developmentOf(identity.development),
  }
}

function developmentOf(written: DevelopmentConfig | boolean | null): DevelopmentConfig | null {
  if (written === true) return { organization: DEFAULT_ORGANIZATION, audience: 'dispatch' }
  return written === false ? null : written
}

function assembleIssuer(assembly: Assembly, issuer: WrittenIssuer): IssuerConfig {
  const { reading } = assembly
  const { keys, jwks } = issuer
  const hasKeys = keys.length > 0 || (reading.wrote(issuer, 'keys') && !reading.isEmpty(issuer, 'keys'))
  const hasJwks = jwks !== null || reading.wrote(issuer, 'jwks')
  if (!hasKeys && !hasJwks) {
    const expected = '`keys` with the keys of the issuer, or `jwks` with the address of its key set'
    reading.refuse(reading.locate(issuer, 'issuer'), { message: 'the issuer has no keys', expected })
  }
  if (keys.length > 0 && jwks !== null) {
    reading.refuse(reading.locate(issuer, 'jwks'), {
      message: 'both `keys` and `jwks` are given',
      expected: 'one of them',
    })
  }
  if (issuer.organization !== null && issuer.organizations !== null) {
    const at = reading.locate(issuer, 'organizations')
    reading.refuse(at, {
      message: 'both `organization` and `organizations` are given',
      expected: 'one of them',
    })
  }
  checkKeys(assembly, issuer)
  if (jwks !== null) checkAuthorities(assembly, jwks)
  return {
    ...issuer,
    algorithms:
      issuer.algorithms ?? (keys.length > 0 ? [...new Set(keys.map((key) => key.algorithm))] : [...USUAL]),
    organization: issuer.organizations === null ? (issuer.organization ?? DEFAULT_ORGANIZATION) : null,
  }
}

function checkAuthorities({ reading }: Assembly, jwks: JwksConfig): void {
  if (jwks.ca === null) return
  const problem = problemOfCertificates(jwks.ca)
  if (problem !== null)
    reading.refuse(reading.locate(jwks, 'ca'), {
      message: `the authorities cannot be used: ${problem}`,
      expected: 'certificates as PEM',
    })
}

function checkApiKeys(assembly: Assembly, keys: readonly ApiKeyConfig[], now: Date): void {
  refuseRepeated(assembly, keys, 'name', 'the name')
  const { reading } = assembly
  const hashes = new Map<string, ApiKeyConfig>()
  for (const key of keys) {
    const first = key.hash === '' ? undefined : hashes.get(key.hash)
    if (first === undefined) hashes.set(key.hash, key)
    else
      reading.refuse(reading.locate(key, 'hash'), {
        message: `the API key ${quote(first.name)} has the same hash`,
        expected: 'a key of its own for each name',
      })
    if (key.expires !== null && key.expires <= now.getTime()) {
      reading.refuse(reading.locate(key, 'expires'), {
        level: 'warning',
        message: `the API key ${quote(key.name)} has expired`,
      })
    }
  }
}

function refuseRepeated<Field extends string>(
  { reading }: Assembly,
  items: readonly Readonly<Record<Field, string>>[],
  field: Field,
  what: string,
): void {
  const first = new Map<string, object>()
  for (const item of items) {
    if (item[field] === '') continue
    const other = first.get(item[field])
    if (other === undefined) first.set(item[field], item)
    else {
      const line = reading.mistakes.lineOf(reading.locate(other, field))
      reading.refuse(reading.locate(item, field), {
        message: `${what} ${quote(item[field])} is there already, in line ${line}`,
        expected: 'each once',
      })
    }
  }
}
