import { createHmac, hash } from 'node:crypto'
import { Assertion } from '../../gateway/identity/assertion.ts'
import { Assertions } from '../../gateway/identity/assertions.ts'
import { configuration } from './configuration.ts'
import type { Micro } from './micro.ts'

const SECRET = 's'.repeat(32)
const NOW_S = 1_795_000_000
const HOST = 'api.example.com'

/** What does it cost to find out whom Kong authenticated, by an assertion that was verified before, or by a new one? */
export function assertions(kind: 'known' | 'new'): Micro {
  return {
    name: `assertion that is ${kind}`,
    async prepare() {
      const { identity } = await configuration(CONFIGURATION, { SECRET })
      const verifier = new Assertions(identity.kong!, kind === 'known' ? 1000 : 0, () => NOW_S * 1000)
      const bytes = Buffer.from(sign('/hello/world'))
      return () => {
        // A new string each time, as from a socket: its hash is not known yet.
        const found = verifier.verify(bytes.toString('latin1'), 'GET', HOST, '/hello/world?x=1')
        return found instanceof Assertion ? 1 : Number.NaN
      }
    },
  }
}

const CONFIGURATION = {
  gateway: { trustedProxies: ['127.0.0.1'] },
  identity: { kong: { keys: [{ id: 'k1', secret: { env: 'SECRET' } }] } },
}

function sign(path: string): string {
  const claims = {
    aud: 'dispatch',
    consumer: { id: 'b32379d9-3d28-5683-a79c-72139be6e34f', username: 'alice' },
    credential: '40ea5fc5-3895-4a06-a84a-544896cd35c7',
    exp: NOW_S + 10,
    groups: ['admins', 'staff'],
    iat: NOW_S,
    req: hash('sha256', `GET\n${HOST}\n${path}`, 'base64url'),
    zone: 'eu-west-1/a',
  }
  const segments = [{ alg: 'HS256', kid: 'k1', typ: 'dispatch-assertion+jwt' }, claims]
  const signed = segments.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`
}
