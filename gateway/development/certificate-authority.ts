import type { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' }
const DAY_MS = 86_400_000
/** Clocks of virtual machines lag: a certificate made now must be valid for them too. */
const BACKDATED_MS = 3_600_000

/** A private key and its certificate, both PEM. */
export interface KeyAndCertificate {
  readonly key: string
  readonly certificate: string
}

/** A self-signed authority that may sign servers and nothing below them; valid for ten years. */
export async function createAuthority(nowMs: number): Promise<KeyAndCertificate> {
  const keys = await createKeyPair()
  const subject = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`Dispatch Edge development authority ${subject.keyId.slice(0, 8)}`] }],
    ...validity(nowMs, 3650),
    signingAlgorithm: SIGNING_ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      subject,
    ],
  })
  return { key: await privateKeyPem(keys), certificate: `${certificate.toString('pem')}\n` }
}

/**
 * A certificate for a server with these names and addresses, signed by the authority; valid for a year.
 * It bears key identifiers (RFC 5280, 4.2.1.1 and 4.2.1.2), which strict clients demand.
 */
export async function createServerCertificate(
  authority: KeyAndCertificate,
  hosts: readonly string[],
  nowMs: number,
): Promise<KeyAndCertificate> {
  const keys = await createKeyPair()
  const issuer = new x509.X509Certificate(authority.certificate)
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: ['Dispatch Edge development server'] }],
    issuer: issuer.subjectName,
    ...validity(nowMs, 365),
    signingAlgorithm: SIGNING_ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importSigningKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { key: await privateKeyPem(keys), certificate: `${certificate.toString('pem')}\n` }
}

function createKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify'])
}

function validity(nowMs: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - BACKDATED_MS), notAfter: new Date(nowMs + days * DAY_MS) }
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`
}

function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), KEY_ALGORITHM, false, ['sign'])
}
