import { generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { AuthConfig, IdentityConfig } from '../../gateway/config/schema.ts'
import { Rejection } from '../../gateway/contract/rejection.ts'
import { createAuthenticator } from '../../gateway/identity/authenticator.ts'
import type { KeyFeed } from '../../gateway/identity/key-feed.ts'
import type { Micro } from './micro.ts'

const ISSUER = 'https://issuer.invalid'
const NO_FEED: KeyFeed = {
  current: () => null,
  refresh: () => Promise.reject(new Error('the keys are in the configuration')),
  subscribe: () => () => {},
}
const ANYBODY: AuthConfig = {
  scopes: [],
  roles: [],
  organizations: ['default'],
  issuers: null,
  apiKeys: true,
  forwardCredential: false,
}

/** What does it cost to find out who is calling, by a token that was verified before? */
export const micro: Micro = {
  name: 'token that is known',
  prepare() {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const text = jwt.sign({ scope: 'invoke' }, privateKey, {
      algorithm: 'RS256',
      keyid: 'k',
      issuer: ISSUER,
      audience: 'bench',
      subject: 'bench',
      expiresIn: 36_000,
    })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
    const authenticator = createAuthenticator(identity(pem), NO_FEED)
    const bytes = Buffer.from(`Bearer ${text}`)
    const principal = { rawHeaders: ['Host', 'x', 'Accept', '*/*', 'Authorization', ''], query: '' }
    return () => {
      // A new string each time, as from a socket: its hash is not known yet.
      principal.rawHeaders[5] = bytes.toString('latin1')
      const found = authenticator.authenticate(principal, ANYBODY)
      return found instanceof Rejection || found instanceof Promise ? Number.NaN : 1
    }
  },
}

function identity(publicKey: string): IdentityConfig {
  return {
    realm: 'dispatch',
    cache: { tokens: 1000 },
    issuers: [
      {
        issuer: ISSUER,
        audiences: ['bench'],
        algorithms: ['RS256'],
        profile: 'jwt',
        skew: 30_000,
        maxLifetime: 86_400_000,
        keys: [{ id: 'k', algorithm: 'RS256', publicKey, secret: null }],
        jwks: null,
        organization: 'default',
        organizations: null,
        claims: { subject: 'sub', roles: 'roles', scopes: 'scope', groups: 'groups' },
      },
    ],
    apiKeys: { header: 'x-api-key', keys: [] },
    kong: null,
    development: null,
  }
}
