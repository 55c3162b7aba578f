import { type DeployOrder, PlatformRefusal, type TellProgress } from '../../gateway/contract/lifecycle.ts'
import { refuseBeyond } from '../support/deploy-order.ts'
import { codeOf } from './action-code.ts'
import { actionPath } from './action-name.ts'
import { refusalOf, type WhiskApi } from './whisk-api.ts'

const MEBIBYTE = 1024 * 1024
const KEEPS = ['runtime', 'environment', 'labels', 'memoryBytes', 'timeoutMs', 'concurrency'] as const

/** How actions are called, which decides on their annotations. */
export interface Exposure {
  readonly web: boolean
  /** What `require-whisk-auth` asks for; null for nothing. */
  readonly secret: string | null
}

/**
 * Writes an action, in the place of what was there, and its package where the name has one. Calls reach it as soon as the
 * platform has taken it.
 *
 * @throws PlatformRefusal
 */
export async function deployAction(
  api: WhiskApi,
  order: DeployOrder,
  exposure: Exposure,
  progress: TellProgress,
  signal: AbortSignal,
): Promise<'created' | 'updated'> {
  refuseBeyond(order, 'OpenWhisk', KEEPS)
  const { name } = order.deployment
  const action = {
    exec: await execOf(order),
    parameters: Object.entries(order.environment).map(([key, value]) => ({ key, value, init: true })),
    annotations: annotationsOf(order, exposure),
    limits: limitsOf(order),
  }
  const path = `/actions/${actionPath(name)}`
  const known = await api.ask('GET', `${path}?code=false`, signal)
  if (known.status !== 200 && known.status !== 404) throw refusalOf(`GET of ${name}`, known)
  const slash = name.indexOf('/')
  if (known.status === 404 && slash > 0) await createPackage(api, name.slice(0, slash), signal)
  progress({ ready: 0, wanted: null, detail: 'the code is sent' })
  const written = await api.ask('PUT', `${path}?overwrite=true`, signal, action)
  if (written.status !== 200) throw refusalOf(`PUT of ${name}`, written)
  progress({ ready: 1, wanted: null, detail: 'the action can be called' })
  return known.status === 404 ? 'created' : 'updated'
}

async function execOf({ image, folder, runtime }: DeployOrder): Promise<object> {
  if (image !== null) return { kind: 'blackbox', image }
  if (runtime === null) {
    const message = 'OpenWhisk has to know the runtime of a folder: nodejs:20, python:3.11, …'
    throw new PlatformRefusal('invalid', message)
  }
  return { kind: runtime, ...(await codeOf(folder!)) }
}

/** Web actions get preflights too: CORS is the gateway's. */
function annotationsOf({ labels }: DeployOrder, { web, secret }: Exposure): object[] {
  const annotations: Record<string, string | boolean> = { ...labels }
  if (web) Object.assign(annotations, { 'web-export': true, 'web-custom-options': true, final: true })
  if (web && secret !== null) annotations['require-whisk-auth'] = secret
  return Object.entries(annotations).map(([key, value]) => ({ key, value }))
}

function limitsOf({ timeoutMs, memoryBytes, concurrency }: DeployOrder): object {
  return {
    ...(timeoutMs !== null && { timeout: timeoutMs }),
    ...(memoryBytes !== null && { memory: Math.ceil(memoryBytes / MEBIBYTE) }),
    ...(concurrency !== null && { concurrency }),
  }
}

async function createPackage(api: WhiskApi, name: string, signal: AbortSignal): Promise<void> {
  const created = await api.ask('PUT', `/packages/${encodeURIComponent(name)}?overwrite=false`, signal, {})
  if (created.status !== 200 && created.status !== 409) throw refusalOf(`PUT of the package ${name}`, created)
}
