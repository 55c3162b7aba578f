import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Config, IssuerConfig } from '../config/schema.ts'
import type { StateDirectory } from './state-directory.ts'

const KEY = 'issuer-key.pem'
const DAY_MS = 86_400_000

/** The `iss` of development tokens. The domain can never exist (RFC 6761, 6.4). */
export const DEVELOPMENT_ISSUER = 'https://development.dispatch.invalid'

/** What a development token says. */
export interface DevelopmentClaims {
  readonly subject: string
  readonly organization: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly lifetimeMs: number
}

/** Issues tokens for trying things out on this machine. */
export interface DevelopmentIssuer {
  /** The issuer as any other: what the gateway verifies tokens by. Holds the public key only. */
  readonly config: IssuerConfig
  /**
   * A signed token.
   * @throws RangeError When no route could accept it: unknown organization, or a lifetime out of bounds.
   */
  mintToken(claims: DevelopmentClaims): string
}

/**
 * The issuer of development tokens, whose key is made once and kept in the state directory. Its tokens may name any
 * organization of the configuration.
 *
 * @throws Error When the configuration has no `identity.development`.
 */
export async function openDevelopmentIssuer(
  state: StateDirectory,
  config: Pick<Config, 'identity' | 'functions' | 'routes'>,
): Promise<DevelopmentIssuer> {
  const { development } = config.identity
  if (development === null) throw new Error('the configuration has no identity.development')
  const key = createPrivateKey(await state.readOrCreate(KEY, createKey))
  const issuer = issuerConfig(key, development.audience, organizationsOf(config))
  return { config: issuer, mintToken: (claims) => mint(key, issuer, claims) }
}

function createKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string
}

function organizationsOf(config: Pick<Config, 'identity' | 'functions' | 'routes'>): string[] {
  const owned = [...config.functions, ...config.routes].map(({ organization }) => organization)
  return [...new Set(['default', config.identity.development?.organization ?? 'default', ...owned])]
}

function issuerConfig(key: KeyObject, audience: string, organizations: readonly string[]): IssuerConfig {
  const publicKey = createPublicKey(key)
  return {
    issuer: DEVELOPMENT_ISSUER,
    audiences: [audience],
    algorithms: ['ES256'],
    profile: 'jwt',
    skew: 30_000,
    maxLifetime: 30 * DAY_MS,
    keys: [
      {
        id: thumbprint(publicKey),
        algorithm: 'ES256',
        publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
        secret: null,
      },
    ],
    jwks: null,
    organization: null,
    organizations: { claim: 'org', allowed: [...organizations] },
    claims: { subject: 'sub', roles: 'roles', scopes: 'scope', groups: 'groups' },
  }
}

/** RFC 7638, for EC keys: members in this order, nothing between them. */
function thumbprint(publicKey: KeyObject): string {
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}

function mint(key: KeyObject, issuer: IssuerConfig, claims: DevelopmentClaims): string {
  const { subject, organization, roles, scopes, lifetimeMs } = claims
  const allowed = issuer.organizations?.allowed ?? []
  if (!allowed.includes(organization)) {
    throw new RangeError(
      `the configuration has no organization ${organization}; it has ${allowed.join(', ')}`,
    )
  }
  if (!(lifetimeMs >= 1000 && lifetimeMs <= issuer.maxLifetime)) {
    throw new RangeError('a development token lives for one second at least and 30 days at most')
  }
  return jwt.sign({ org: organization, roles, scope: scopes.join(' ') }, key, {
    algorithm: 'ES256',
    keyid: issuer.keys[0]?.id,
    issuer: issuer.issuer,
    audience: issuer.audiences[0],
    subject,
    expiresIn: Math.floor(lifetimeMs / 1000),
    jwtid: randomUUID(),
  })
}
