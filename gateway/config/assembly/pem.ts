import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Reading } from '../reading/reading.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** The certificates of a PEM text in their order; null when one cannot be read or there is none. */
export function certificatesIn(pem: string): X509Certificate[] | null {
  try {
    const found = (pem.match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text))
    return found.length > 0 ? found : null
  } catch {
    return null
  }
}

/** Why a text is not a list of certificates, or null. */
export function problemOfCertificates(pem: string): string | null {
  if (pem.includes('PRIVATE KEY')) return 'it holds a private key'
  return certificatesIn(pem) === null ? 'it holds no certificate that can be read' : null
}

/** Why a key does not serve for the first certificate of a chain, or null. Never repeats the key. */
export function problemOfKey(pem: string, chain: readonly X509Certificate[] | null): string | null {
  if (pem.includes('ENCRYPTED')) return 'it is encrypted'
  try {
    const key = createPrivateKey(pem)
    return chain === null || chain[0]!.checkPrivateKey(key) ? null : 'it is the key of another certificate'
  } catch {
    return 'it is not a private key as PEM'
  }
}

/** Refuses a certificate without its key, one that cannot be used, and the key of another. */
export function checkPair(
  reading: Reading,
  owner: { readonly certificate: string | null; readonly key: string | null },
): void {
  const { certificate, key } = owner
  const isBroken = (field: 'certificate' | 'key') => owner[field] === null && reading.wrote(owner, field)
  if (isBroken('certificate') || isBroken('key') || (certificate === null && key === null)) return
  if (certificate === null || key === null) {
    const [given, missing] = certificate === null ? ['key', 'certificate'] : ['certificate', 'key']
    reading.refuse(reading.locate(owner, given), {
      message: `\`${given}\` is given without \`${missing}\``,
      expected: 'both or neither',
    })
    return
  }
  const problem = problemOfCertificates(certificate)
  if (problem !== null)
    reading.refuse(reading.locate(owner, 'certificate'), {
      message: `the certificate cannot be used: ${problem}`,
      expected: 'a chain as PEM, the own certificate first',
    })
  const keyProblem = problemOfKey(key, certificatesIn(certificate))
  if (keyProblem !== null)
    reading.refuse(reading.locate(owner, 'key'), {
      message: `the key cannot be used: ${keyProblem}`,
      expected: 'the private key of the certificate as PEM',
    })
}
