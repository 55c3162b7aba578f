import type { driver as http } from '../../drivers/http.ts'
import type { driver as knative } from '../../drivers/knative.ts'
import type { LambdaOptions } from '../../drivers/lambda/options.ts'
import type { driver as openfaas } from '../../drivers/openfaas.ts'
import type { driver as openwhisk } from '../../drivers/openwhisk.ts'
import type { driver as riff } from '../../drivers/riff.ts'
import type { WorkerdOptions } from '../../drivers/workerd.ts'
import type { InvokerHost, OperatorHost } from '../../gateway/contract/driver.ts'
import type { Log } from '../../gateway/contract/plugin.ts'
import { TRANSPORTS } from '../../gateway/transport/open-transport.ts'
import { transportUnderTest } from '../e2e/transport-under-test.ts'

/** A log that keeps what it is told. */
export class KeptLog implements Log {
  readonly entries: { readonly level: string; readonly fields: object; readonly message: string }[] = []

  info(fields: object, message: string): void {
    this.entries.push({ level: 'info', fields, message })
  }
  warn(fields: object, message: string): void {
    this.entries.push({ level: 'warn', fields, message })
  }
  error(fields: object, message: string): void {
    this.entries.push({ level: 'error', fields, message })
  }
}

/** The gateway as an invoker sees it. */
export function invokerHost(log: Log = new KeptLog()): InvokerHost {
  return { backend: 'test', log, transport: TRANSPORTS[transportUnderTest()] }
}

/** The gateway as an operator sees it; of a platform without deployments unless a test says otherwise. */
export function operatorHost(parts: Partial<OperatorHost> = {}): OperatorHost {
  return {
    backend: 'test',
    deployments: [],
    configDirectory: '/',
    log: new KeptLog(),
    announce: () => {},
    ...parts,
  }
}

/** The options about connections, as the configuration hands them over. */
export const CONNECTION = {
  connections: 128,
  connectTimeout: 3000,
  keepAlive: 4000,
  ca: null,
  certificate: null,
  key: null,
}

type HttpOptions = Parameters<(typeof http)['invoker']>[0]

/** Options as the configuration hands them over: complete. */
export function httpOptions(options: Partial<HttpOptions> & { url: string }): HttpOptions {
  return { preserveHost: false, credential: null, health: null, ...CONNECTION, ...options }
}

type OpenFaasOptions = Parameters<(typeof openfaas)['invoker']>[0]

export function openFaasOptions(options: Partial<OpenFaasOptions> & { url: string }): OpenFaasOptions {
  return {
    namespace: null,
    administrator: null,
    upstreamTimeout: 60_000,
    upgradeUrl: null,
    ...CONNECTION,
    ...options,
  }
}

type KnativeOptions = Parameters<(typeof knative)['invoker']>[0]

export function knativeOptions(options: Partial<KnativeOptions> & { url: string }): KnativeOptions {
  return {
    namespace: 'default',
    tagged: '{tag}-{name}',
    ingress: null,
    kubernetes: null,
    health: null,
    ...CONNECTION,
    ...options,
  }
}

type RiffOptions = Parameters<(typeof riff)['invoker']>[0]

export function riffOptions(options: Partial<RiffOptions> & { url: string }): RiffOptions {
  return {
    api: 'topics',
    exchange: 'requests',
    headers: [],
    namespace: 'default',
    tagged: '{tag}-{name}',
    ingress: null,
    kubernetes: null,
    ...CONNECTION,
    ...options,
  }
}

export function lambdaOptions(options: Partial<LambdaOptions> & { endpoint: string | null }): LambdaOptions {
  return {
    region: 'eu-central-1',
    payload: 'v2',
    streaming: false,
    role: null,
    logsEndpoint: null,
    tenantIsolation: false,
    logTail: false,
    url: null,
    urlAuth: 'iam',
    credentials: null,
    profile: null,
    assumeRole: null,
    ...CONNECTION,
    ...options,
  }
}

type OpenWhiskOptions = Parameters<(typeof openwhisk)['invoker']>[0]

export function openWhiskOptions(options: Partial<OpenWhiskOptions> & { url: string }): OpenWhiskOptions {
  return { namespace: '_', call: 'action', apiKey: 'uuid:secret', webSecret: null, ...CONNECTION, ...options }
}

/** Options of workerd with times that suit tests. */
export function workerdOptions(options: Partial<WorkerdOptions> & { directory: string }): WorkerdOptions {
  return {
    watch: false,
    network: 'none',
    environment: {},
    secrets: {},
    compatibilityDate: '2026-11-17',
    connections: 128,
    startTimeout: 10_000,
    probeInterval: 200,
    probeTimeout: 5000,
    grace: 5000,
    ...options,
  }
}
