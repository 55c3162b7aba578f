import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDevelopmentIssuer } from '../../gateway/development/issuer.ts'
import { stateDirectoryOf } from '../../gateway/development/state-directory.ts'
import { startGateway } from '../../gateway/main.ts'
import { serveBench } from '../support/child.ts'

/**
 * This gateway with everything on that a secured route has: token, organization and scope checked, a thousand routes,
 * three backends, health, metrics, trace context, request id. One data-plane thread, as the baselines have one.
 */
const [upstream = '', transport = 'undici'] = process.argv.slice(2)
const ROUTES = 1000

const directory = await mkdtemp(join(tmpdir(), 'dispatch-bench-'))
const configFile = join(directory, 'dispatch.yaml')
await writeFile(
  configFile,
  JSON.stringify({
    gateway: {
      http: '127.0.0.1:0',
      management: { address: '127.0.0.1:0' },
      threads: 1,
      transport,
      accessLog: { enabled: false },
    },
    identity: { development: true },
    backends: Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { driver: 'http', url: upstream }])),
    functions: { f: { deployments: ['a', 'b', 'c'] } },
    routes: Array.from({ length: ROUTES }, (_, i) => ({
      path: `/route-${i}/*`,
      function: 'f',
      auth: { scopes: ['invoke'] },
    })),
  }),
)
const { config, addresses } = await startGateway({ configFile, pretty: false })
const issuer = await openDevelopmentIssuer(stateDirectoryOf(directory), config)
const token = issuer.mintToken({
  subject: 'bench',
  organization: 'default',
  roles: [],
  scopes: ['invoke'],
  lifetimeMs: 3_600_000,
})
serveBench(`http://${addresses.http}`, { authorization: `Bearer ${token}` })
