import { registry } from '../../gateway/built-in.ts'
import { type LoadedConfig, parseConfig } from '../../gateway/config/load-config.ts'

/** A route of a configuration under test. */
export interface Wanted {
  readonly path: string
  readonly hosts?: readonly string[]
  readonly methods?: readonly string[]
  readonly auth?: 'none'
  readonly plugins?: Readonly<Record<string, unknown>>
  readonly kong?: unknown
}

interface Written {
  readonly routes: readonly Wanted[]
  /** Fields of `kong`. */
  readonly kong?: Readonly<Record<string, unknown>>
  /** Other parts of the file, in the place of those that stand here. */
  readonly parts?: Readonly<Record<string, unknown>>
  /** Where secrets are. */
  readonly environment?: Readonly<Record<string, string>>
}

/** The text of a `dispatch.yaml` with these routes and a Kong in front; JSON, which is YAML. */
export function configText({ routes, kong = {}, parts = {} }: Omit<Written, 'environment'>): string {
  return JSON.stringify({
    gateway: { http: '127.0.0.1:8080' },
    backends: { home: { driver: 'http', url: 'http://127.0.0.1:1' } },
    functions: { f: { deployments: ['home'] } },
    routes: routes.map((route) => ({ function: 'f', auth: 'none', ...route })),
    kong,
    ...parts,
  })
}

/** The same, loaded. */
export function configuration({ environment, ...written }: Written): Promise<LoadedConfig> {
  return parseConfig(configText(written), '/dispatch.yaml', registry, { environment })
}

/** Paths `/p0`, `/p1` and so on, as routes. */
export function numbered(count: number): Wanted[] {
  return Array.from({ length: count }, (_, i) => ({ path: `/p${i}` }))
}

/** One route with each plugin that Kong can run too. */
export const RICH: Wanted = {
  path: '/images/:id',
  hosts: ['api.example.com', '*.example.com'],
  methods: ['GET', 'POST'],
  plugins: {
    cors: { origins: ['https://app.example.com'] },
    'ip-restriction': { allow: ['10.0.0.0/8'] },
    'request-size': { limit: '1MiB' },
    'rate-limit': { limit: 10, window: '1m' },
  },
  kong: { plugins: ['cors', 'ip-restriction', 'request-size', 'rate-limit'] },
}
