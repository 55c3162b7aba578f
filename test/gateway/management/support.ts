import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { Rejection } from '../../../gateway/contract/rejection.ts'
import type { ManagementHost } from '../../../gateway/management/host.ts'
import type { LifecycleHost } from '../../../gateway/management/lifecycle-host.ts'
import { openManagement } from '../../../gateway/management/open-management.ts'
import type { GatewayStatus } from '../../../gateway/observe/gateway-status.ts'

export const TOKEN = 'a-token-of-more-than-16-characters'
export const AUTHORIZED = { authorization: `Bearer ${TOKEN}` }

export const STATUS: GatewayStatus = {
  version: '1.2.3',
  startedAt: 1_700_000_000_000,
  state: 'serving',
  configuration: {
    file: '/etc/dispatch.yaml',
    generation: 3,
    loadedAt: 1_700_000_100_000,
    reloads: { succeeded: 2, failed: 1 },
    lastError: { at: 1_700_000_050_000, mistakes: ['dispatch.yaml:3: unknown key'] },
  },
  threads: [
    { index: 0, state: 'serving', generation: 3, heartbeatAgeMs: 12, restarts: 0 },
    { index: 1, state: 'starting', generation: 0, heartbeatAgeMs: 0, restarts: 4 },
  ],
  backends: [
    { name: 'local', driver: 'workerd', ready: true, detail: 'runs' },
    { name: 'far', driver: 'http', ready: null, detail: '' },
  ],
  deployments: [
    {
      organization: 'default',
      functionName: 'hello',
      backend: 'local',
      name: 'hello',
      inFlight: 2,
      healthy: true,
      state: 'healthy',
      cold: false,
      perSecond: null,
    },
    {
      organization: 'default',
      functionName: 'hello',
      backend: 'far',
      name: 'hi',
      inFlight: 1,
      healthy: false,
      state: 'ejected',
      cold: false,
      perSecond: null,
    },
  ],
  burst: [
    {
      organization: 'default',
      functionName: 'hello',
      inFlight: 1,
      mostInFlight: 5,
      rate: 2,
      mostRate: null,
      spent: 0.5,
      reserved: 0.25,
      mostMoney: 1,
      share: 0.75,
      state: 'open',
      reason: null,
      total: { calls: 40, spent: 6, refused: { concurrency: 3, rate: 0, money: 1 } },
    },
  ],
  issuers: [{ issuer: 'https://idp.example.com', state: 'ready', keys: 2, fetchedAt: 1_700_000_000_000 }],
  kong: null,
}

const REFUSAL = new Rejection('GW_NO_ROUTE')

/** Platforms of which nothing is known but what a test says. */
export function lifecycleWith(parts: Partial<LifecycleHost>): LifecycleHost {
  return {
    list: async () => REFUSAL,
    deploy: async () => REFUSAL,
    remove: async () => REFUSAL,
    scale: async () => REFUSAL,
    async *logs() {
      yield REFUSAL
    },
    api: () => REFUSAL,
    ...parts,
  }
}

/** A gateway with nothing behind its management port but what a test says. */
export function hostWith(parts: Partial<ManagementHost> = {}): ManagementHost {
  return {
    log: { info() {}, warn() {}, error() {} },
    readiness: () => ({ ready: true, reasons: [] }),
    status: () => STATUS,
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'dispatch_ready 1\n' }),
    reload: async () => ({ taken: true, generation: 4 }),
    explain: () => REFUSAL,
    lifecycle: lifecycleWith({}),
    invoke: (_request, reply) => reply.raw.end(),
    ...parts,
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
  json(): Record<string, unknown>
}

export interface Request {
  readonly method?: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string | Buffer
}

export type Ask = (path: string, request?: Request) => Promise<Answer>

export interface OpenPort {
  readonly port: number
  readonly ask: Ask
  /** Sends bytes and returns everything that comes back until the connection ends. */
  raw(bytes: string): Promise<string>
}

export async function openPort(
  t: TestContext,
  host = hostWith(),
  names: readonly string[] = [],
): Promise<OpenPort> {
  const address = { host: '127.0.0.1', port: 0 }
  const { port, close } = await openManagement(host, { address, token: TOKEN, names })
  t.after(close)
  const ask: Ask = async (path, { method = 'GET', headers = {}, body } = {}) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false })
    sent.end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const content = await text(answer)
    return {
      status: answer.statusCode!,
      headers: answer.headers,
      body: content,
      json: () => JSON.parse(content),
    }
  }
  const raw = async (bytes: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.end(bytes)
    return text(socket)
  }
  return { port, ask, raw }
}
