import { type DeployOrder, PlatformRefusal, type TellProgress } from '../../gateway/contract/lifecycle.ts'
import { imageOf, refuseBeyond } from '../support/deploy-order.ts'
import { type Look, untilReady } from '../support/until-ready.ts'
import { functionPath, provisionedPath, splitName } from './function-name.ts'
import { checkDeployable, settingsOf } from './function-settings.ts'
import { refusalOf } from './refusal.ts'
import { isObject } from './result.ts'
import type { AwsService, ServiceAnswer } from './service.ts'

/** Milliseconds between two looks at what Lambda prepares. */
const LOOK_MS = 500

const KEEPS = [
  'environment',
  'labels',
  'memoryBytes',
  'timeoutMs',
  'concurrency',
  'minReplicas',
  'maxReplicas',
] as const

type Fields = Readonly<Record<string, unknown>>
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * Brings a function to what an order says. It is created or changed, and where the deployment names an alias,
 * published, and the alias moved to the new version once that can be called: until then, and when anything fails, calls
 * reach the version before.
 */
export class FunctionDeploy {
  readonly #lambda: AwsService
  readonly #role: string | null
  readonly #order: DeployOrder
  readonly #progress: TellProgress
  readonly #signal: AbortSignal
  readonly #name: string
  readonly #qualifier: string | null

  constructor(
    lambda: AwsService,
    role: string | null,
    order: DeployOrder,
    progress: TellProgress,
    signal: AbortSignal,
  ) {
    this.#lambda = lambda
    this.#role = role
    this.#order = order
    this.#progress = progress
    this.#signal = signal
    const { name, qualifier } = splitName(order.deployment.name)
    this.#name = name
    this.#qualifier = qualifier
  }

  /** @throws PlatformRefusal */
  async run(): Promise<'created' | 'updated'> {
    const order = this.#order
    refuseBeyond(order, 'Lambda', KEEPS)
    const image = imageOf(order, 'Lambda')
    checkDeployable(order, this.#qualifier)
    const settings = settingsOf(order, this.#role)
    const known = await this.#lambda.ask({ method: 'GET', path: this.#path }, this.#signal)
    const isNew = known.status === 404
    if (isNew) await this.#create(image, settings)
    else if (known.status === 200) await this.#update(image, settings, fieldsOf(known.body))
    else throw refusalOf('GetFunction', known)
    await this.#reserve(fieldsOf(known.body))
    if (this.#qualifier !== null) await this.#publish(this.#qualifier)
    return isNew ? 'created' : 'updated'
  }

  get #path(): string {
    return functionPath(this.#name)
  }

  async #create(image: string, settings: object): Promise<void> {
    if (this.#role === null) {
      throw new PlatformRefusal(
        'invalid',
        'A new function needs an execution role: set `role` of the backend.',
      )
    }
    await this.#ask('CreateFunction', 'POST', '/2015-03-31/functions', {
      FunctionName: this.#name,
      PackageType: 'Image',
      Code: { ImageUri: image },
      Tags: this.#order.labels,
      ...settings,
    })
    await this.#untilSettled(this.#name)
  }

  async #update(image: string, settings: object, { Configuration }: Fields): Promise<void> {
    // Also one that has failed: what comes may mend it.
    await this.#untilSettled(this.#name, true)
    await this.#ask('UpdateFunctionCode', 'PUT', `${this.#path}/code`, { ImageUri: image })
    await this.#untilSettled(this.#name)
    await this.#ask('UpdateFunctionConfiguration', 'PUT', `${this.#path}/configuration`, settings)
    await this.#untilSettled(this.#name)
    const { labels } = this.#order
    if (Object.keys(labels).length === 0) return
    // Tags that others gave stay: bills and rights may hang on them.
    const arn = encodeURIComponent(String(fieldsOf(Configuration)['FunctionArn']))
    await this.#ask('TagResource', 'POST', `/2017-03-31/tags/${arn}`, { Tags: labels })
  }

  /** The most environments at once are the concurrency that is reserved. */
  async #reserve({ Concurrency }: Fields): Promise<void> {
    const path = `/2017-10-31/functions/${encodeURIComponent(this.#name)}/concurrency`
    const { maxReplicas } = this.#order
    if (maxReplicas !== null)
      await this.#ask('PutFunctionConcurrency', 'PUT', path, { ReservedConcurrentExecutions: maxReplicas })
    else if (fieldsOf(Concurrency)['ReservedConcurrentExecutions'] !== undefined)
      await this.#ask('DeleteFunctionConcurrency', 'DELETE', path)
  }

  async #publish(alias: string): Promise<void> {
    const body = await this.#ask('PublishVersion', 'POST', `${this.#path}/versions`, {})
    const version = String(fieldsOf(body)['Version'])
    await this.#untilSettled(`${this.#name}:${version}`)
    const path = `${this.#path}/aliases`
    const moved = await this.#lambda.ask(
      {
        method: 'PUT',
        path: `${path}/${encodeURIComponent(alias)}`,
        body: { FunctionVersion: version, RoutingConfig: { AdditionalVersionWeights: {} } },
      },
      this.#signal,
    )
    if (moved.status === 404)
      await this.#ask('CreateAlias', 'POST', path, { Name: alias, FunctionVersion: version })
    else if (moved.status >= 300) throw refusalOf('UpdateAlias', moved)
    await this.#provision(alias)
  }

  /** The least environments are the concurrency that is provisioned. */
  async #provision(alias: string): Promise<void> {
    const path = provisionedPath(this.#name, alias)
    const { minReplicas } = this.#order
    if (minReplicas === null || minReplicas === 0) {
      const { status } = await this.#lambda.ask({ method: 'GET', path }, this.#signal)
      if (status === 200) await this.#ask('DeleteProvisionedConcurrencyConfig', 'DELETE', path)
      return
    }
    const body = { ProvisionedConcurrentExecutions: minReplicas }
    await this.#ask('PutProvisionedConcurrencyConfig', 'PUT', path, body)
    await this.#until(async () => {
      const said = fieldsOf(await this.#ask('GetProvisionedConcurrencyConfig', 'GET', path))
      const reason = textOf(said['StatusReason'])
      if (said['Status'] === 'FAILED')
        throw new PlatformRefusal('failed', `Lambda cannot keep environments ready: ${reason || 'FAILED'}`)
      const ready = Number(said['AvailableProvisionedConcurrentExecutions'] ?? 0)
      const isReady = said['Status'] === 'READY'
      const detail = isReady ? 'environments are ready' : reason || 'environments are started'
      return { isReady, progress: { ready, wanted: minReplicas, detail } }
    })
  }

  /** Until a function can be called and changed. */
  #untilSettled(name: string, mayHaveFailed = false): Promise<void> {
    return this.#until(async () => {
      const path = `${functionPath(name)}/configuration`
      const configuration = fieldsOf(await this.#ask('GetFunctionConfiguration', 'GET', path))
      if (!mayHaveFailed) refuseFailed(configuration)
      return lookAt(configuration)
    })
  }

  #until(look: () => Promise<Look>): Promise<void> {
    return untilReady({ look, progress: this.#progress, everyMs: LOOK_MS, signal: this.#signal })
  }

  async #ask(what: string, method: Method, path: string, body?: object): Promise<unknown> {
    const request = { method, path, ...(body !== undefined && { body }) }
    const answer: ServiceAnswer = await this.#lambda.ask(request, this.#signal)
    if (answer.status >= 300) throw refusalOf(what, answer)
    return answer.body
  }
}

function refuseFailed({ State, StateReason, LastUpdateStatus, LastUpdateStatusReason }: Fields): void {
  if (State !== 'Failed' && LastUpdateStatus !== 'Failed') return
  const reason = textOf(State === 'Failed' ? StateReason : LastUpdateStatusReason)
  throw new PlatformRefusal('failed', `Lambda cannot run the function: ${reason || 'it does not say why'}`)
}

function lookAt({ State, StateReason, LastUpdateStatus, LastUpdateStatusReason }: Fields): Look {
  const isReady = State !== 'Pending' && LastUpdateStatus !== 'InProgress'
  const reason = textOf(State === 'Pending' ? StateReason : LastUpdateStatusReason)
  const detail = isReady ? 'the function can be called' : reason || 'Lambda prepares the function'
  return { isReady, progress: { ready: isReady ? 1 : 0, wanted: null, detail } }
}

function textOf(value: unknown): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a line must not have
  return typeof value === 'string' ? value.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 400) : ''
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {}
}
