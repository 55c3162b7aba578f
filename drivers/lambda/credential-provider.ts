import type { LambdaOptions } from './options.ts'
import type { AwsCredentials } from './signer.ts'

export interface FetchedCredentials {
  readonly credentials: AwsCredentials
  /** Milliseconds since 1970; null for credentials that last. */
  readonly expiresAt: number | null
}

/** Fetches credentials anew at each call. Rejects when there are none. */
export type CredentialProvider = () => Promise<FetchedCredentials>

/**
 * Where the credentials of a backend come from: the standard chain of the AWS SDK, or a key of its own, and the role
 * that is assumed with them. Loads the SDK, which is large: only where there is a backend that needs it.
 */
export async function createCredentialProvider(options: LambdaOptions): Promise<CredentialProvider> {
  const { region, credentials, profile, assumeRole } = options
  if (credentials !== null && assumeRole === null) {
    return async () => ({ credentials, expiresAt: null })
  }
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers')
  const clientConfig = { region }
  const base =
    credentials === null
      ? fromNodeProviderChain({ clientConfig, ...(profile !== null && { profile }) })
      : {
          accessKeyId: credentials.accessKeyId,
          secretAccessKey: credentials.secretAccessKey,
          ...(credentials.sessionToken !== null && { sessionToken: credentials.sessionToken }),
        }
  const provider =
    assumeRole === null
      ? (base as ReturnType<typeof fromNodeProviderChain>)
      : fromTemporaryCredentials({
          masterCredentials: base,
          params: {
            RoleArn: assumeRole.arn,
            RoleSessionName: assumeRole.sessionName,
            DurationSeconds: Math.round(assumeRole.duration / 1000),
            ...(assumeRole.externalId !== null && { ExternalId: assumeRole.externalId }),
          },
          clientConfig: { region, ...(assumeRole.endpoint !== null && { endpoint: assumeRole.endpoint }) },
        })
  return async () => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provider({ forceRefresh: true })
    return {
      credentials: { accessKeyId, secretAccessKey, sessionToken: sessionToken ?? null },
      expiresAt: expiration?.getTime() ?? null,
    }
  }
}
