import { generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { Rejection } from '../../gateway/contract/rejection.ts'
import { createAuthenticator } from '../../gateway/identity/authenticator.ts'
import type { KeyFeed } from '../../gateway/identity/key-feed.ts'
import { configuration } from './configuration.ts'
import type { Micro } from './micro.ts'

const ISSUER = 'https://issuer.invalid'
const NO_FEED: KeyFeed = {
  current: () => null,
  refresh: () => Promise.reject(new Error('the keys are in the configuration')),
  subscribe: () => () => {},
}

/** What does it cost to find out who is calling, by a token that was verified before? */
export const micro: Micro = {
  name: 'token that is known',
  async prepare() {
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
    const { identity, routes } = await configuration(written(pem))
    const { auth } = routes[0]!
    const authenticator = createAuthenticator(identity, NO_FEED)
    const bytes = Buffer.from(`Bearer ${text}`)
    const principal = { rawHeaders: ['Host', 'x', 'Accept', '*/*', 'Authorization', ''], query: '' }
    return () => {
      // A new string each time, as from a socket: its hash is not known yet.
      principal.rawHeaders[5] = bytes.toString('latin1')
      const found = authenticator.authenticate(principal, auth!)
      return found instanceof Rejection || found instanceof Promise ? Number.NaN : 1
    }
  },
}

function written(publicKey: string): object {
  const key = { id: 'k', algorithm: 'RS256', publicKey }
  return {
    identity: { issuers: [{ issuer: ISSUER, audiences: ['bench'], keys: [key] }] },
    backends: { b: { driver: 'http', url: 'http://127.0.0.1:9' } },
    functions: { f: { deployments: ['b'] } },
    routes: [{ path: '/', function: 'f' }],
  }
}
