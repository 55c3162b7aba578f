import type { SecureContextOptions } from 'node:tls'

/** Who vouches for a server, and what proves to it who asks. */
export interface Certificates {
  /** PEM of authorities to trust instead of the system's. */
  readonly ca?: string | null
  /** PEM of a client certificate and its key, for mutual TLS. */
  readonly certificate?: string | null
  readonly key?: string | null
}

/** The same as `node:tls` takes it, for a client that verifies, whatever NODE_TLS_REJECT_UNAUTHORIZED says. */
export function verifiedTls(certificates: Certificates) {
  return { rejectUnauthorized: true, ...secureContextOptions(certificates) }
}

/** The same as `node:tls` takes it for a context. */
export function secureContextOptions({
  ca,
  certificate,
  key,
}: Certificates): Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> {
  return { ca: ca ?? undefined, cert: certificate ?? undefined, key: key ?? undefined }
}
