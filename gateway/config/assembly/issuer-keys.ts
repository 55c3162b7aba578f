import { createPublicKey, type KeyObject } from 'node:crypto'
import { quote } from '../mistakes.ts'
import type { KeyConfig } from '../schema/identity.ts'
import type { Assembly } from './assembly.ts'

type WrittenIssuer = Assembly['document']['identity']['issuers'][number]

/** What a key must be for an algorithm (RFC 7518, 3.3 and 3.4). */
const CURVES: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
}

/** The keys of an issuer, and whether they fit its algorithms. */
export function checkKeys(assembly: Assembly, issuer: WrittenIssuer): void {
  const { reading } = assembly
  const ids = new Set<string>()
  for (const key of issuer.keys) {
    if (key.id !== '' && ids.has(key.id))
      reading.refuse(reading.locate(key, 'id'), {
        message: `the key ${quote(key.id)} is there already`,
        expected: 'each id once',
      })
    ids.add(key.id)
    // A placeholder for one that could not be read.
    if ((key.algorithm as string) === '') continue
    checkKey(assembly, key)
    if (issuer.algorithms !== null && !issuer.algorithms.includes(key.algorithm)) {
      const message = `${key.algorithm} is not among the algorithms of the issuer`
      reading.refuse(reading.locate(key, 'algorithm'), { message, expected: issuer.algorithms.join(' or ') })
    }
  }
  checkAlgorithms(assembly, issuer)
}

function checkAlgorithms({ reading }: Assembly, { algorithms, keys, jwks }: WrittenIssuer): void {
  for (const [i, algorithm] of (algorithms ?? []).entries()) {
    const at = reading.locate(algorithms!, i)
    if (jwks !== null && isSymmetric(algorithm)) {
      // Whoever reads the published set could sign with it (RFC 8725, 3.1).
      reading.refuse(at, {
        message: `${algorithm} cannot be used with \`jwks\``,
        expected: 'an RS, PS or ES algorithm, or `keys` with a `secret`',
      })
    } else if (jwks === null && keys.length > 0 && !keys.some((key) => key.algorithm === algorithm)) {
      reading.refuse(at, {
        level: 'warning',
        message: `no key is for ${algorithm}`,
        expected: 'algorithms of the keys',
      })
    }
  }
}

function checkKey({ reading }: Assembly, key: KeyConfig): void {
  const { algorithm, publicKey, secret } = key
  const at = reading.locate(key)
  if (publicKey !== null && secret !== null) {
    reading.refuse(at, { message: 'both `publicKey` and `secret` are given', expected: 'one of them' })
  } else if (publicKey === null && secret === null) {
    // What was written but could not be read has been told.
    if (reading.wrote(key, 'publicKey') || reading.wrote(key, 'secret')) return
    const expected = isSymmetric(algorithm) ? '`secret`' : '`publicKey`'
    reading.refuse(at, { message: `the key ${quote(key.id)} has no key`, expected })
  } else if (isSymmetric(algorithm) !== (secret !== null)) {
    const message = `${algorithm} does not take a ${secret === null ? 'public key' : 'secret'}`
    const expected =
      secret === null ? 'an RS, PS or ES algorithm, or `secret`' : 'an HS algorithm, or `publicKey`'
    reading.refuse(reading.locate(key, 'algorithm'), { message, expected })
  } else if (secret !== null) {
    const least = Number(algorithm.slice(2)) / 8
    if (Buffer.byteLength(secret) >= least) return
    const message = `the secret is shorter than ${least} bytes`
    reading.refuse(reading.locate(key, 'secret'), {
      message,
      expected: `at least ${least} bytes for ${algorithm} (RFC 7518, 3.2)`,
    })
  } else {
    const problem = problemOfPublicKey(publicKey!, algorithm)
    if (problem !== null) {
      const expected = `a public key for ${algorithm} as PEM, or as JWK in JSON`
      reading.refuse(reading.locate(key, 'publicKey'), {
        message: `the public key cannot be used: ${problem}`,
        expected,
      })
    }
  }
}

function isSymmetric(algorithm: string): boolean {
  return algorithm.startsWith('HS')
}

/** Why a key cannot verify signatures of the algorithm, or null. Never repeats the key. */
export function problemOfPublicKey(text: string, algorithm: string): string | null {
  if (/PRIVATE KEY/.test(text)) return 'it is a private key'
  const key = importKey(text)
  if (typeof key === 'string') return key
  if (algorithm.startsWith('ES')) {
    const fits = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === CURVES[algorithm]
    return fits ? null : `it is not on the curve of ${algorithm}`
  }
  if (key.asymmetricKeyType !== 'rsa') return 'it is not an RSA key'
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  return bits >= 2048 && bits <= 8192 ? null : `it has ${bits} bits instead of 2048 to 8192`
}

function importKey(text: string): KeyObject | string {
  const isJwk = text.trimStart().startsWith('{')
  try {
    if (!isJwk) return createPublicKey(text)
    const jwk = JSON.parse(text)
    return 'd' in jwk || 'k' in jwk ? 'it is not a public key' : createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    return isJwk ? 'it is not a JWK' : 'it is not PEM'
  }
}
