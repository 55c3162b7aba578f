import assert from 'node:assert/strict'
import { constants, createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import type { AuthConfig, IdentityConfig, IssuerConfig } from '../../../gateway/config/schema.ts'
import type { Log } from '../../../gateway/contract/plugin.ts'
import type { Principal } from '../../../gateway/contract/principal.ts'
import { Rejection } from '../../../gateway/contract/rejection.ts'
import {
  type Authenticator,
  type CredentialCarrier,
  createAuthenticator,
} from '../../../gateway/identity/authenticator.ts'
import type { KeyFeed } from '../../../gateway/identity/key-feed.ts'

export const ISSUER = 'https://idp.example.com'
/** The clock of the tests, in milliseconds and in seconds. */
export const NOW = Date.UTC(2026, 8, 1, 12)
export const NOW_S = NOW / 1000
export const SKEW_S = 30

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
export const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })

export function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

export function jwk(key: KeyObject, members: object = {}): Record<string, unknown> {
  return { ...key.export({ format: 'jwk' }), ...members }
}

export const RSA_KEY = {
  id: 'main',
  algorithm: 'RS256',
  publicKey: pem(rsa.publicKey),
  secret: null,
} as const

export function issuerConfig(settings: Partial<IssuerConfig> = {}): IssuerConfig {
  return {
    issuer: ISSUER,
    audiences: ['dispatch'],
    algorithms: ['RS256'],
    profile: 'jwt',
    skew: SKEW_S * 1000,
    maxLifetime: 86_400_000,
    keys: settings.jwks ? [] : [RSA_KEY],
    jwks: null,
    organization: settings.organizations ? null : 'default',
    organizations: null,
    claims: { subject: 'sub', roles: 'roles', scopes: 'scope', groups: 'groups' },
    ...settings,
  }
}

export function identityConfig(settings: Partial<IdentityConfig> = {}): IdentityConfig {
  return {
    realm: 'dispatch',
    cache: { tokens: 1000 },
    issuers: [issuerConfig()],
    apiKeys: { header: 'x-api-key', keys: [] },
    kong: null,
    development: null,
    ...settings,
  }
}

/** A route that any principal of the organization `default` may call. */
export const ANYBODY: AuthConfig = {
  scopes: [],
  roles: [],
  organizations: ['default'],
  issuers: null,
  apiKeys: true,
  forwardCredential: false,
}

/** For issuers whose keys are in the configuration: asking for published ones is a fault. */
export const NO_FEED: KeyFeed = {
  current: () => null,
  refresh: () => assert.fail('no keys should be asked for'),
  subscribe: () => () => {},
}

/** An Authenticator whose clock stands still at NOW. */
export function authenticatorFor(settings: Partial<IssuerConfig> = {}): Authenticator {
  const identity = identityConfig({ issuers: [issuerConfig(settings)] })
  return createAuthenticator(identity, NO_FEED, { clock: () => NOW })
}

/** Claims of a good token, with changes; `undefined` leaves one out. */
export function claims(changes: object = {}): object {
  return { iss: ISSUER, aud: 'dispatch', sub: 'alice', iat: NOW_S, exp: NOW_S + 300, ...changes }
}

/** A compact JWS by our own hand, so that every rule can be broken. Objects become JSON, text and bytes stay. */
export function forge(
  header: object | string,
  payload: object | string,
  key: KeyObject = rsa.privateKey,
): string {
  const signed = `${encode(header)}.${encode(payload)}`
  const alg = (header as { alg?: unknown }).alg ?? 'RS256'
  return `${signed}.${signature(String(alg), signed, key).toString('base64url')}`
}

/** A token that is good unless the changes make it bad. */
export function token(changes: object = {}, header: object = {}, key: KeyObject = rsa.privateKey): string {
  return forge({ alg: 'RS256', kid: 'main', ...header }, claims(changes), key)
}

export function signature(alg: string, signed: string, key: KeyObject): Buffer {
  const digest = `sha${alg.slice(2)}`
  if (alg.startsWith('HS')) return createHmac(digest, key).update(signed).digest()
  if (alg.startsWith('ES')) return signBytes(digest, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  if (!alg.startsWith('PS')) return signBytes(digest, Buffer.from(signed), key)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return signBytes(digest, Buffer.from(signed), { key, padding, saltLength: Number(alg.slice(2)) / 8 })
}

export function encode(part: object | string): string {
  if (Buffer.isBuffer(part)) return part.toString('base64url')
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

/** A call that brings a token. */
export function bearing(text: string, scheme = 'Bearer'): CredentialCarrier {
  return { rawHeaders: ['Host', 'localhost', 'Authorization', `${scheme} ${text}`], query: '' }
}

/** Asserts that the answer is at hand, without waiting, and is a principal. */
export function admitted(answer: unknown): Principal {
  assert.ok(!(answer instanceof Promise), 'this must not wait')
  assert.ok(!(answer instanceof Rejection), `refused: ${answer instanceof Rejection && answer.reason}`)
  return answer as Principal
}

/** Asserts that the answer is at hand, without waiting, and is a refusal. */
export function refused(answer: unknown, status = 401): Rejection {
  assert.ok(answer instanceof Rejection, 'this must be refused at once')
  assert.equal(answer.status, status, answer.reason)
  return answer
}

/** Milliseconds that something takes when nothing else is in the way. */
export function fastestMs(run: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times)
}

/** Keeps what is logged. */
export class LogBook implements Log {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: object }[] = []

  info(fields: object, message: string): void {
    this.lines.push({ level: 'info', message, fields })
  }

  warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', message, fields })
  }

  error(fields: object, message: string): void {
    this.lines.push({ level: 'error', message, fields })
  }
}
