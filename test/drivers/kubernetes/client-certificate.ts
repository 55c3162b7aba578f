import * as x509 from '@peculiar/x509'
import type { KeyAndCertificate } from '../../../gateway/development/certificate-authority.ts'

const KEY = { name: 'ECDSA', namedCurve: 'P-256' }

/** A certificate by which a client proves to be this user. */
export async function createClientCertificate(
  authority: KeyAndCertificate,
  user: string,
): Promise<KeyAndCertificate> {
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify'])
  const authorityKey = x509.PemConverter.decodeFirst(authority.key)
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [user] }],
    issuer: new x509.X509Certificate(authority.certificate).subjectName,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', authorityKey, KEY, false, ['sign']),
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  })
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: x509.PemConverter.encode(der, 'PRIVATE KEY'), certificate: certificate.toString('pem') }
}
