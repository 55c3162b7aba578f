import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jwt from 'jsonwebtoken'
import { startGateway } from '../../gateway/main.ts'
import { serveBench } from '../support/child.ts'
import type { GatewaySettings } from '../support/program.ts'

/**
 * This gateway with everything on that a secured route has: token (RS256), organization and scope checked, a thousand
 * routes, three backends, health, metrics, trace context, request id. One thread serves.
 */
const [upstream = '', text = '{}'] = process.argv.slice(2)
const settings = JSON.parse(text) as GatewaySettings

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const directory = mkdtempSync(join(tmpdir(), 'dispatch-bench-'))
const configFile = join(directory, 'dispatch.yaml')
writeFileSync(configFile, JSON.stringify(configuration(settings)))
const { addresses } = await startGateway({ configFile, pretty: false })
const url = settings.tls === true ? `https://${addresses.https}` : `http://${addresses.http}`
serveBench(url, {
  headers: { authorization: `Bearer ${token()}` },
  end: () => rmSync(directory, { recursive: true, force: true }),
})

function configuration({
  lane = 'standard',
  transport = 'undici',
  routes = 1000,
  tls = false,
  everyTokenNew = false,
  accessLog = false,
  serverTiming = 'on-request',
  homeCalls,
}: GatewaySettings): object {
  const bursts = homeCalls !== undefined
  const backend = { driver: 'http', url: upstream }
  const home = { ...backend, functionConcurrency: homeCalls ?? 'adaptive' }
  return {
    gateway: {
      http: tls ? 'off' : '127.0.0.1:0',
      ...(tls && { https: { address: '127.0.0.1:0' } }),
      lanes: { http: lane, https: lane },
      transport,
      management: { address: '127.0.0.1:0' },
      threads: 1,
      accessLog: { enabled: accessLog },
      serverTiming,
      limits: { connections: 20_000 },
    },
    identity: {
      ...(everyTokenNew && { cache: { tokens: 0 } }),
      issuers: [
        {
          issuer: 'https://issuer.invalid',
          audiences: ['bench'],
          keys: [
            {
              id: 'bench',
              algorithm: 'RS256',
              publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
            },
          ],
        },
      ],
    },
    backends: {
      ...Object.fromEntries(['a', 'b', 'c'].map((name) => [name, home])),
      ...(bursts && { cloud: { ...backend, burst: true, functionConcurrency: 'unlimited' } }),
    },
    functions: {
      f: {
        deployments: ['a', 'b', 'c', ...(bursts ? ['cloud'] : [])],
        ...(bursts && { burst: { budget: 'unlimited' } }),
      },
    },
    routes: Array.from({ length: routes }, (_, i) => ({
      path: `/route-${i}/*`,
      function: 'f',
      auth: { scopes: ['invoke'] },
    })),
  }
}

function token(): string {
  return jwt.sign({ scope: 'invoke' }, privateKey, {
    algorithm: 'RS256',
    keyid: 'bench',
    issuer: 'https://issuer.invalid',
    audience: 'bench',
    subject: 'bench',
    expiresIn: 36_000,
  })
}
