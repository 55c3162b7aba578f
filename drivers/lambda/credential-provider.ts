import type { LambdaOptions } from './options.ts'
import type { AwsCredentials } from './signer.ts'

export interface FetchedCredentials {
  readonly credentials: AwsCredentials
  /** Milliseconds since 1970; null for credentials that last. */
  readonly expiresAt: number | null
}

/** Fetches credentials anew at each call. Rejects when there are none. */
export type CredentialProvider = () => Promise<FetchedCredentials>

/** Milliseconds for one request of the SDK, which of itself would wait for ever; it asks three times. */
const REQUEST_MS = 5000

/**
 * Where the credentials of a backend come from: the standard chain of the AWS SDK, or a key of its own, and the role
 * that is assumed with them. Loads the SDK, which is large: only where there is a backend that needs it. The
 * authorities of `ca` vouch for an STS that has an endpoint of its own, not for that of AWS.
 */
export async function createCredentialProvider(options: LambdaOptions): Promise<CredentialProvider> {
  const { region, credentials, profile, assumeRole, ca, connectTimeout } = options
  if (credentials !== null && assumeRole === null) {
    return async () => ({ credentials, expiresAt: null })
  }
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers')
  const handlerWith = (authorities: string | null) => ({
    connectionTimeout: connectTimeout,
    requestTimeout: REQUEST_MS,
    throwOnRequestTimeout: true,
    httpsAgent: { rejectUnauthorized: true, ...(authorities !== null && { ca: authorities }) },
  })
  const base =
    credentials === null
      ? fromNodeProviderChain({
          clientConfig: { region, requestHandler: handlerWith(null) },
          ...(profile !== null && { profile }),
        })
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
          clientConfig:
            assumeRole.endpoint === null
              ? { region, requestHandler: handlerWith(null) }
              : { region, endpoint: assumeRole.endpoint, requestHandler: handlerWith(ca) },
        })
  return async () => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provider({ forceRefresh: true })
    return {
      credentials: { accessKeyId, secretAccessKey, sessionToken: sessionToken ?? null },
      expiresAt: expiration?.getTime() ?? null,
    }
  }
}
