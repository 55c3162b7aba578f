import { Type } from 'typebox'
import {
  type LoadedConfig,
  type LoadOptions,
  loadConfig,
  parseConfig,
} from '../../../gateway/config/load-config.ts'
import { ConfigInvalid, type Mistake } from '../../../gateway/config/mistakes.ts'
import type { Registry } from '../../../gateway/config/registry.ts'
import type { DriverDefinition, Invoker } from '../../../gateway/contract/driver.ts'
import { Duration, Maybe, Secret, Size, Url } from '../../../gateway/contract/option-types.ts'
import type { PluginDefinition } from '../../../gateway/contract/plugin.ts'

/** A driver with one option of each kind that matters, which refuses deployments named `forbidden`. */
const plain: DriverDefinition = {
  kind: 'plain',
  status: 'stable',
  description: 'For tests.',
  capabilities: { streaming: true, rawHttp: true },
  options: Type.Object({
    url: Url({ description: 'Where.', origin: true }),
    connectTimeout: Duration({ description: 'How long.', default: '3s', max: '1m' }),
    credential: Maybe(
      Type.Object(
        {
          user: Type.String({ description: 'Who.', default: 'admin' }),
          password: Secret({ description: 'What.' }),
        },
        { description: 'Login.' },
      ),
    ),
    labels: Type.Record(Type.String(), Type.String({ description: 'Value.' }), {
      description: 'Labels.',
      default: {},
    }),
  }),
  invoker: () => invoker,
}

const invoker: Invoker = {
  check({ name }) {
    if (name === 'forbidden') throw new Error('the platform has no such function')
  },
  invoke: () => {},
  close: async () => {},
}

function pluginNamed(name: string): PluginDefinition {
  return {
    name,
    status: 'stable',
    description: 'For tests.',
    options: Type.Object({
      limit: Size({ description: 'How much.', default: '1KiB' }),
      window: Duration({ description: 'How long.', default: '1s' }),
      names: Type.Array(Type.String({ description: 'One.' }), { description: 'Which.', default: [] }),
      mode: Type.Enum(['soft', 'hard'], { description: 'How.', default: 'soft' }),
    }),
    create(options) {
      if ((options as { mode: string }).mode === 'hard') throw new Error('hard is too hard')
      return {}
    },
  }
}

/** Two plugins, `first` before `second`, and the driver `plain`. */
export const registry: Registry = {
  drivers: new Map([['plain', plain]]),
  plugins: [pluginNamed('first'), pluginNamed('second')],
}

/** A configuration that uses nearly everything and has no mistake. */
export const WHOLE = `
gateway:
  http: 127.0.0.1:8080
  https: { address: "[::1]:8443" }
  trustedProxies: [10.1.2.3/8]
  limits: { body: 10MiB }
identity:
  issuers:
    - issuer: https://idp.example.com
      audiences: [dispatch]
      jwks: { url: https://idp.example.com/jwks, refresh: 5m }
  apiKeys:
    keys:
      - { name: ci, hash: "sha256:${'ab'.repeat(32)}", organization: acme, scopes: [invoke] }
placement:
  zone: eu-west-1/a
  distances: [{ between: [eu-west-1, eu-central-1], distance: 20 }]
  explain: [admin]
backends:
  home: { driver: plain, url: "http://127.0.0.1:9000/", labels: { zone: a } }
  away:
    driver: plain
    url: "https://away.example.com"
    organizations: [acme]
    connectTimeout: 500ms
    zone: eu-central-1/b
    offers: { gpu: { model: a100, count: 2 }, arch: [amd64], memory: 16GiB, labels: { tier: gold } }
    concurrency: 100
    functionConcurrency: 10
    burst: true
    price: { call: 0.0000002, gbSecond: 0.0000166667 }
    probe: { every: 30s }
defaults:
  plugins: { second: { limit: 2KiB } }
  timeout: 20s
functions:
  hello: { deployments: [home] }
routes:
  - path: /hello/:name
    hosts: [API.example.com, "*.example.org"]
    methods: [POST, GET]
    function: hello
    rewrite: /:name
    plugins: { first: {} }
  - { path: /public/*, function: hello, auth: none, plugins: { second: false } }
organizations:
  acme:
    functions:
      thumb:
        deployments: [{ backend: away, name: thumbs, memory: 512MiB }, home]
        timeout: 5s
        idempotent: true
        prefers: { gpu: true, labels: { tier: gold } }
        hedge: { after: 200ms }
        burst: { above: 0.7, budget: { concurrency: 50, money: 5 } }
    burst: { budget: { rate: 100 } }
    plugins: { first: { window: 3s } }
    auth: { scopes: [invoke] }
    routes:
      - { path: /thumb, function: thumb }
      - { path: /open, function: thumb, auth: { organizations: [default], apiKeys: false }, retries: { attempts: 1 } }
`

/** @param options.file Default: a file that does not exist, in a folder that does. */
export function load(text: string, options: LoadOptions & { file?: string } = {}): Promise<LoadedConfig> {
  const { file = `${import.meta.dirname}/dispatch.yaml`, ...rest } = options
  return parseConfig(text, file, registry, { environment: {}, ...rest })
}

/** What is wrong with a text; fails the test when nothing is. */
export async function mistakesIn(
  text: string,
  options?: Parameters<typeof load>[1],
): Promise<readonly Mistake[]> {
  return mistakesOf(load(text, options))
}

/** What is wrong with a file; fails the test when nothing is. */
export async function mistakesInFile(file: string): Promise<readonly Mistake[]> {
  return mistakesOf(loadConfig(file, registry, { environment: {} }))
}

async function mistakesOf(loading: Promise<LoadedConfig>): Promise<readonly Mistake[]> {
  try {
    await loading
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.mistakes
    throw error
  }
  throw new Error('the configuration was taken')
}

/** One mistake as `line path: message | expected | suggestion`, which is what tests compare. */
export function said({ line, path, message, expected, suggestion }: Mistake): string {
  return [`${line} ${path}: ${message}`, expected, suggestion].filter((part) => part !== null).join(' | ')
}

/** What is said about a text, without what was expected. */
export async function messagesIn(text: string, options?: Parameters<typeof load>[1]): Promise<string[]> {
  const mistakes = await mistakesIn(text, options)
  return mistakes.map(
    ({ line, path, message, suggestion }) =>
      `${line} ${path}: ${message}${suggestion === null ? '' : ` → ${suggestion}`}`,
  )
}
