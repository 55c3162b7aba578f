import { createHash } from 'node:crypto'
import type { KongCertificateConfig, KongConfig } from '../../../gateway/config/schema.ts'
import type { DesiredEntity } from '../entities.ts'
import { createEntity } from './entity.ts'

/** Certificates for clients of Kong, with the names that each is shown for. */
export function certificateEntities({ owner, certificates }: KongConfig): DesiredEntity[] {
  return certificates.flatMap((one) => {
    const certificate = certificateEntity(owner, one.hosts[0]!, one)
    const snis = one.hosts.map((name) =>
      createEntity(owner, 'snis', name, { certificate: { id: certificate.id } }),
    )
    return [certificate, ...snis]
  })
}

/** The certificate that Kong shows to the gateway, or null. */
export function clientCertificate({ owner, tls }: KongConfig): DesiredEntity | null {
  if (tls === null || tls.certificate === null || tls.key === null) return null
  return certificateEntity(owner, 'client', { certificate: tls.certificate, key: tls.key })
}

/** The authorities by which Kong checks the certificate of the gateway. */
export function authorityEntities({ owner, tls }: KongConfig): DesiredEntity[] {
  const found = tls?.ca.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  return [...new Set(found)].map((cert) => {
    const name = createHash('sha256').update(cert).digest('hex').slice(0, 16)
    return createEntity(owner, 'ca_certificates', name, { cert: `${cert}\n` })
  })
}

function certificateEntity(
  owner: string,
  name: string,
  { certificate, key }: Pick<KongCertificateConfig, 'certificate' | 'key'>,
): DesiredEntity {
  return createEntity(owner, 'certificates', name, { cert: pem(certificate), key: pem(key) }, ['key'])
}

/** The same text, whether it came from a file or a variable. */
function pem(text: string): string {
  return `${text.trim()}\n`
}
