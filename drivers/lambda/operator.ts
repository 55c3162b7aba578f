import type { Agent } from 'undici'
import type {
  DeploymentFacts,
  DeploymentState,
  Operator,
  OperatorHost,
  ProbeResult,
} from '../../gateway/contract/driver.ts'
import type { Lifecycle } from '../../gateway/contract/lifecycle.ts'
import type { PlatformApi } from '../../gateway/contract/platform-api.ts'
import { administrationAgent } from '../support/administration-agent.ts'
import { probeAgent, reasonOf } from '../support/health-probe.ts'
import { createCredentialProvider } from './credential-provider.ts'
import { CredentialWatch } from './credential-watch.ts'
import { credentialSourceOf, type LambdaFacts } from './facts.ts'
import { regionalEndpoint } from './function-name.ts'
import { FunctionStates } from './function-states.ts'
import { LentLambdaApi } from './lent-api.ts'
import { LambdaLifecycle } from './lifecycle.ts'
import type { LambdaOptions } from './options.ts'
import { AwsService } from './service.ts'
import type { AwsCredentials } from './signer.ts'

/** Says that who signs is not allowed to ask this, and so that it is who it says. */
const NOT_ALLOWED = /^AccessDenied/

/**
 * Fetches the credentials on the main thread, once for all threads, which then need not load the SDK; asks whether Lambda
 * is there and what state the functions are in.
 */
export class LambdaOperator implements Operator {
  /** Functions are called by URLs, for which there is neither an API nor a right to ask for them. */
  readonly #byUrl: boolean
  /** It is asked at an endpoint of the configuration. */
  readonly #isElsewhere: boolean
  readonly #agent: Agent
  /** Of what administrators ask: probes do not wait for it. */
  readonly #administration: Agent
  readonly #lambda: AwsService
  readonly #credentials: CredentialWatch
  readonly #states: FunctionStates
  #deployments: readonly DeploymentFacts[]
  readonly lifecycle?: Lifecycle
  readonly api?: PlatformApi

  constructor(options: LambdaOptions, host: OperatorHost) {
    const source = credentialSourceOf(options)
    this.#byUrl = options.url !== null
    this.#isElsewhere = options.endpoint !== null
    this.#deployments = host.deployments
    this.#agent = probeAgent(options)
    this.#administration = administrationAgent(options)
    const service = (name: string, endpoint: string | null, agent: Agent) =>
      new AwsService(endpoint ?? regionalEndpoint(options.region, name), options.region, name, agent, () =>
        this.#currentCredentials(),
      )
    this.#lambda = service('lambda', options.endpoint, this.#agent)
    this.#states = new FunctionStates(this.#lambda)
    if (!this.#byUrl) {
      this.api = new LentLambdaApi(
        options.endpoint ?? regionalEndpoint(options.region, 'lambda'),
        this.#lambda.signer,
        options,
        () => this.#currentCredentials(),
      )
      const functions = service('lambda', options.endpoint, this.#administration)
      const logs = service('logs', options.logsEndpoint, this.#administration)
      this.lifecycle = new LambdaLifecycle(functions, logs, options.role)
    }
    this.#credentials = new CredentialWatch({
      create: () => createCredentialProvider(options),
      found: ({ credentials, expiresAt }) => {
        const facts: LambdaFacts = { source, credentials, expiresAt }
        host.announce(facts)
      },
      log: host.log,
      backend: host.backend,
    })
  }

  open(): Promise<void> {
    return this.#credentials.refresh()
  }

  async update(deployments: readonly DeploymentFacts[]): Promise<void> {
    this.#deployments = deployments
  }

  async probe(signal?: AbortSignal): Promise<ProbeResult> {
    const current = this.#credentials.current(Date.now())
    if (current === null) {
      return { ready: false, detail: `no credentials of AWS: ${this.#credentials.complaint || 'not yet'}` }
    }
    // Functions are called by URLs of their own: there is no one place to ask.
    if (this.#byUrl) return { ready: true, detail: 'credentials are there' }
    try {
      const settings = { method: 'GET', path: '/2016-08-19/account-settings/' } as const
      const { status, error } = await this.#lambda.ask(settings, signal)
      if (status === 200 || NOT_ALLOWED.test(error)) return { ready: true, detail: 'healthy' }
      // Emulators know functions and little else.
      if (status === 404 && this.#isElsewhere)
        return { ready: true, detail: 'answers, and does not know GetAccountSettings' }
      return { ready: false, detail: `GetAccountSettings answers ${status} ${error}`.trim() }
    } catch (error) {
      return { ready: false, detail: `GetAccountSettings failed: ${reasonOf(error)}` }
    }
  }

  async inventory(signal?: AbortSignal): Promise<readonly DeploymentState[]> {
    const current = this.#credentials.current(Date.now())
    if (current === null || this.#byUrl) return []
    return await this.#states.of(this.#deployments, signal)
  }

  #currentCredentials(): AwsCredentials {
    const current = this.#credentials.current(Date.now())
    if (current !== null) return current.credentials
    throw new Error(`there are no credentials of AWS: ${this.#credentials.complaint || 'not yet'}`)
  }

  async close(): Promise<void> {
    this.#credentials.close()
    await Promise.all([this.#agent.destroy(), this.#administration.destroy()])
  }
}
