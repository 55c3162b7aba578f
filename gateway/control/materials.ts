import type { Config } from '../config/schema.ts'
import { type DevelopmentCertificate, openDevelopmentCertificate } from '../development/certificate.ts'
import { type DevelopmentIssuer, openDevelopmentIssuer } from '../development/issuer.ts'
import { openManagementToken } from '../development/management-token.ts'
import { type StateDirectory, stateDirectoryOf } from '../development/state-directory.ts'
import type { TlsMaterial } from '../lanes/lane.ts'

/** What a configuration leaves to the gateway to make, and the configuration completed by it. */
export interface Materials {
  /** With the development issuer among the issuers, if it is switched on. */
  readonly config: Config
  readonly tls: TlsMaterial | null
  readonly certificate: DevelopmentCertificate | null
  readonly issuer: DevelopmentIssuer | null
  readonly managementToken: string
  /** Where the gateway keeps what it makes for itself. */
  readonly state: StateDirectory
}

/** Reads, or makes on first start, what is kept in the state directory beside the configuration. */
export async function openMaterials(written: Config): Promise<Materials> {
  const state = stateDirectoryOf(written.directory)
  const { https, management } = written.gateway
  const issuer = written.identity.development === null ? null : await openDevelopmentIssuer(state, written)
  const certificate =
    https !== null && https.certificate === null
      ? await openDevelopmentCertificate(state, [https.address.host])
      : null
  const config: Config = Object.freeze({
    ...written,
    identity: Object.freeze({
      ...written.identity,
      issuers: issuer === null ? written.identity.issuers : [...written.identity.issuers, issuer.config],
    }),
  })
  return {
    config,
    tls: tlsOf(https, certificate),
    certificate,
    issuer,
    managementToken: management.token ?? (await openManagementToken(state)),
    state,
  }
}

function tlsOf(https: Config['gateway']['https'], made: DevelopmentCertificate | null): TlsMaterial | null {
  if (https === null) return null
  const clients = https.clientCertificate
  if (made !== null) return { certificate: made.certificate, key: made.key, clients }
  return { certificate: https.certificate!, key: https.key!, clients }
}
