import { hash } from 'node:crypto'
import type { ApiKeyConfig } from '../config/schema.ts'
import type { Principal } from '../contract/principal.ts'
import { principalKey } from './create-principal.ts'
import type { Reason } from './rejections.ts'

/** `issuer` of principals that an API key proves. */
export const API_KEY_ISSUER = 'api-key'

const LONGEST_KEY = 512

/**
 * API keys, known by their SHA-256 alone. They are looked up by that hash, so the time it takes tells nothing about
 * the keys: who does not have one cannot choose where its hash begins to differ.
 */
export class ApiKeys {
  readonly #byHash: ReadonlyMap<string, { readonly principal: Principal; readonly expiresMs: number }>

  constructor(keys: readonly ApiKeyConfig[]) {
    this.#byHash = new Map(
      keys.map((key) => [
        key.hash.replace(/^sha256:/, '').toLowerCase(),
        { principal: principalOf(key), expiresMs: key.expires ?? Number.POSITIVE_INFINITY },
      ]),
    )
  }

  find(value: string, nowMs: number): Principal | Reason {
    if (value.length > LONGEST_KEY) return 'api-key-unknown'
    const key = this.#byHash.get(hash('sha256', Buffer.from(value, 'latin1'), 'hex'))
    if (key === undefined) return 'api-key-unknown'
    return nowMs < key.expiresMs ? key.principal : 'api-key-expired'
  }
}

function principalOf(key: ApiKeyConfig): Principal {
  return Object.freeze({
    subject: key.name,
    issuer: API_KEY_ISSUER,
    organization: key.organization,
    roles: Object.freeze([...key.roles]),
    scopes: Object.freeze([...key.scopes]),
    groups: Object.freeze([]),
    key: principalKey(API_KEY_ISSUER, key.name),
    expiresAt: key.expires ?? Number.POSITIVE_INFINITY,
    credential: 'api-key',
  })
}
