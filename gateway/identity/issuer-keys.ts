import type { IssuerConfig } from '../config/schema.ts'
import { KeySet } from './key-set.ts'
import { readPublicKey, readSecret } from './keys.ts'

/** The keys of one issuer, wherever they come from. */
export interface IssuerKeys {
  /** Keys to verify with now; null when none are known, or when they are too old to be believed. */
  current(nowMs: number): KeySet | null
  /**
   * Asks for newer keys.
   *
   * @returns A promise that never rejects: look again when it settles. Null when it is no use asking now.
   */
  refresh(keyId: string | null, nowMs: number): Promise<void> | null
  close(): void
}

/**
 * Keys that the configuration itself gives.
 *
 * @throws Error with a sentence for the operator when one cannot be used.
 */
export function createConfiguredKeys(issuer: IssuerConfig): IssuerKeys {
  const set = new KeySet(issuer.keys.map((key) => configuredKey(issuer, key)))
  return { current: () => set, refresh: () => null, close() {} }
}

function configuredKey(
  issuer: IssuerConfig,
  { id, algorithm, publicKey, secret }: IssuerConfig['keys'][number],
) {
  if (!issuer.algorithms.includes(algorithm))
    throw unusable(issuer, id, `${algorithm} is not in its algorithms`)
  const key =
    secret === null ? readPublicKey(id, algorithm, publicKey ?? '') : readSecret(id, algorithm, secret)
  if (typeof key === 'string') throw unusable(issuer, id, key)
  return key
}

function unusable(issuer: IssuerConfig, id: string, why: string): Error {
  return new Error(`key ${id} of issuer ${issuer.issuer} cannot be used: ${why}`)
}
