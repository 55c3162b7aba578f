import { createHash } from 'node:crypto'
import type { LambdaOptions } from './options.ts'
import type { AwsCredentials } from './signer.ts'

/** What the operator announces to the invokers on every thread. */
export interface LambdaFacts {
  /** Of the settings that the credentials belong to. After a change the invoker before it hears of those behind it too. */
  readonly source: string
  readonly credentials: AwsCredentials
  /** Milliseconds since 1970; null for credentials that last. */
  readonly expiresAt: number | null
}

/** Names the settings from which credentials come, without telling them. */
export function credentialSourceOf({ region, credentials, profile, assumeRole }: LambdaOptions): string {
  const settings = JSON.stringify([region, credentials, profile, assumeRole])
  return createHash('sha256').update(settings).digest('base64url')
}
