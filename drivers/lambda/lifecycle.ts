import type { DeploymentFacts } from '../../gateway/contract/driver.ts'
import {
  type DeployOrder,
  type Lifecycle,
  type LogLine,
  type LogsWanted,
  type PlatformFunction,
  PlatformRefusal,
  type TellProgress,
} from '../../gateway/contract/lifecycle.ts'
import { FunctionDeploy } from './function-deploy.ts'
import { listFunctions } from './function-list.ts'
import { functionLogs } from './function-logs.ts'
import { functionPath, isVersion, provisionedPath, splitName } from './function-name.ts'
import { refusalOf } from './refusal.ts'
import { isObject } from './result.ts'
import type { AwsService } from './service.ts'

const NOTHING_TO_SCALE =
  'Lambda starts environments as calls come. It keeps some ready only of a version or an alias: name the deployment NAME:ALIAS.'

/**
 * Functions of Lambda listed, deployed from images, removed, scaled, and what they say. A deployment that is named by an
 * alias is that alias: what is deployed is published and the alias moved, and to remove it leaves the function. Replicas are
 * environments that are kept ready (provisioned concurrency); others start with calls whatever is asked here.
 */
export class LambdaLifecycle implements Lifecycle {
  readonly #lambda: AwsService
  readonly #logs: AwsService
  readonly #role: string | null

  /** @param role Execution role of new functions. */
  constructor(lambda: AwsService, logs: AwsService, role: string | null) {
    this.#lambda = lambda
    this.#logs = logs
    this.#role = role
  }

  list(signal: AbortSignal): Promise<readonly PlatformFunction[]> {
    return listFunctions(this.#lambda, signal)
  }

  listedAs({ name }: DeploymentFacts): string {
    return splitName(name).name
  }

  deploy(order: DeployOrder, progress: TellProgress, signal: AbortSignal): Promise<'created' | 'updated'> {
    return new FunctionDeploy(this.#lambda, this.#role, order, progress, signal).run()
  }

  async remove(deployment: DeploymentFacts, signal: AbortSignal): Promise<void> {
    const { name, qualifier } = splitName(deployment.name)
    const path = functionPath(name)
    if (qualifier === null) await this.#ask('DeleteFunction', 'DELETE', path, signal)
    else if (isVersion(qualifier))
      await this.#ask('DeleteFunction', 'DELETE', `${path}?Qualifier=${qualifier}`, signal)
    else {
      const alias = `${path}/aliases/${encodeURIComponent(qualifier)}`
      // To delete one that is not there is a success to Lambda.
      await this.#ask('GetAlias', 'GET', alias, signal)
      await this.#ask('DeleteAlias', 'DELETE', alias, signal)
    }
  }

  async scale(deployment: DeploymentFacts, replicas: number, signal: AbortSignal): Promise<void> {
    const { name, qualifier } = splitName(deployment.name)
    if (qualifier === null) throw new PlatformRefusal('unsupported', NOTHING_TO_SCALE)
    await this.#ask('GetFunction', 'GET', functionPath(`${name}:${qualifier}`), signal)
    const path = provisionedPath(name, qualifier)
    if (replicas === 0) await this.#ask('DeleteProvisionedConcurrencyConfig', 'DELETE', path, signal)
    else
      await this.#ask('PutProvisionedConcurrencyConfig', 'PUT', path, signal, {
        ProvisionedConcurrentExecutions: replicas,
      })
  }

  async *logs(deployment: DeploymentFacts, wanted: LogsWanted, signal: AbortSignal): AsyncIterable<LogLine> {
    const { name } = splitName(deployment.name)
    const body = await this.#ask(
      'GetFunctionConfiguration',
      'GET',
      `${functionPath(name)}/configuration`,
      signal,
    )
    const logging = isObject(body) && isObject(body['LoggingConfig']) ? body['LoggingConfig'] : {}
    const group = typeof logging['LogGroup'] === 'string' ? logging['LogGroup'] : `/aws/lambda/${name}`
    yield* functionLogs(this.#logs, group, wanted, signal)
  }

  async #ask(
    what: string,
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<unknown> {
    const answer = await this.#lambda.ask({ method, path, ...(body !== undefined && { body }) }, signal)
    if (answer.status >= 300) throw refusalOf(what, answer)
    return answer.body
  }
}
