import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { registry } from '../../../gateway/built-in.ts'
import type { StartedGateway } from '../../../gateway/cli/context.ts'
import { readyText } from '../../../gateway/cli/ready-text.ts'
import type { Terminal } from '../../../gateway/cli/terminal.ts'
import { loadConfig } from '../../../gateway/config/load-config.ts'
import { temporaryFolder } from '../development/temporary-folder.ts'

test('what does not fit on a screen is counted', async (t) => {
  const routes = Array.from({ length: 25 }, (_, i) => ({ path: `/${i}`, function: 'f' }))
  const gateway = await started(t, { routes })
  const text = await readyText(gateway, 1234, terminal(gateway.config.directory))
  assert.match(text, /^Dispatch Edge serves dispatch\.yaml after 1\.2 s\n/)
  assert.match(text, /\n {2}ANY +\/19 +f +credential\n {2}and 5 more\n/)
})

test('organizations, hosts, methods and roles are told with a route', async (t) => {
  const gateway = await started(t, {
    organizations: {
      acme: {
        functions: { g: { deployments: ['far'] } },
        routes: [
          {
            path: '/a',
            hosts: ['a.example', 'b.example'],
            methods: ['GET', 'PUT'],
            function: 'g',
            auth: { roles: ['r', 's'] },
          },
        ],
      },
    },
  })
  const text = await readyText(gateway, 0, terminal(gateway.config.directory))
  assert.match(text, / {2}acme\/g {2}on far\n/)
  assert.match(
    text,
    / {2}GET,PUT {2}\{a\.example,b\.example\}\/a {2}acme\/g {2}credential with role r or s\n/,
  )
  assert.doesNotMatch(text, /curl/, 'a token of the default organization opens nothing here')
})

test('commands name the configuration where it would not be found, and files as the person sees them', async (t) => {
  const gateway = await started(t, { routes: [{ path: '/a', function: 'f' }] })
  const { directory, file } = gateway.config
  const near = await readyText(gateway, 0, terminal(directory))
  assert.match(near, /npx dispatch token\)/)
  assert.match(near, /curl --cacert authority\.pem /)
  const elsewhere = await readyText(gateway, 0, terminal('/'))
  assert.ok(elsewhere.includes(`npx dispatch token --config ${file.slice(1)})`), elsewhere)
  // npm runs scripts in the folder of package.json, and tells where the person is.
  const moved = await readyText(gateway, 0, terminal(directory, { INIT_CWD: '/usr' }))
  assert.ok(moved.includes(`curl --cacert ${join(directory, 'authority.pem')} `))
})

async function started(t: TestContext, rest: object): Promise<StartedGateway> {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'dispatch.yaml')
  await writeFile(
    file,
    JSON.stringify({
      identity: { development: true },
      backends: { far: { driver: 'http', url: 'http://127.0.0.1:1' } },
      functions: { f: { deployments: ['far'] } },
      ...rest,
    }),
  )
  const { config } = await loadConfig(file, registry)
  return {
    config,
    addresses: { http: null, https: '127.0.0.1:443', management: '127.0.0.1:90' },
    authorityFile: join(folder, 'authority.pem'),
    closed: Promise.resolve(0),
    close: async () => {},
  }
}

function terminal(cwd: string, env: Terminal['env'] = {}): Terminal {
  return { cwd, env, stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() }
}
