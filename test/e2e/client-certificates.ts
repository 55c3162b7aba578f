import type { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface Certified {
  readonly key: string
  readonly certificate: string
}

export interface Authority extends Certified {
  /** Signs a certificate for a client; the usual validity is from yesterday to tomorrow. */
  issue(names: { cn?: string; dns?: string; uri?: string; daysLeft?: number }): Promise<Certified>
}

/** An authority of a test, which signs certificates for clients. */
export async function createClientAuthority(): Promise<Authority> {
  const keys = await newKeys()
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['proxies of a test'] }],
    ...validity(1),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  })
  return {
    ...(await pem(keys, own)),
    async issue({ cn, dns, uri, daysLeft = 1 }) {
      const mine = await newKeys()
      const names = [
        ...(dns === undefined ? [] : [{ type: 'dns' as const, value: dns }]),
        ...(uri === undefined ? [] : [{ type: 'url' as const, value: uri }]),
      ]
      const certificate = await x509.X509CertificateGenerator.create({
        subject: cn === undefined ? [{ O: ['nameless'] }] : [{ CN: [cn] }],
        issuer: own.subjectName,
        ...validity(daysLeft),
        signingAlgorithm: ALGORITHM,
        publicKey: mine.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
          ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
        ],
      })
      return pem(mine, certificate)
    },
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

function validity(daysLeft: number): { notBefore: Date; notAfter: Date } {
  const day = 86_400_000
  return { notBefore: new Date(Date.now() - 10 * day), notAfter: new Date(Date.now() + daysLeft * day) }
}

async function pem(keys: webcrypto.CryptoKeyPair, certificate: x509.X509Certificate): Promise<Certified> {
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    key: x509.PemConverter.encode(der, 'PRIVATE KEY'),
    certificate: certificate.toString('pem'),
  }
}
