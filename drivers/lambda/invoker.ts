import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { checkConnection, transportOptions } from '../support/connection-options.ts'
import type { LambdaAnswer } from './answer.ts'
import { type CallHost, LambdaCall } from './call.ts'
import { eventV1, eventV2 } from './event.ts'
import { credentialSourceOf, type LambdaFacts } from './facts.ts'
import { checkFunctionName, regionalEndpoint } from './function-name.ts'
import type { LambdaOptions } from './options.ts'
import type { Failure } from './outcomes.ts'
import { type AwsCredentials, RequestSigner } from './signer.ts'

/** Clocks that differ by more are what a refused signature is taken for; AWS allows 5 minutes. */
const SKEW_MS = 240_000

/** What Lambda takes as a tenant id. */
const TENANT = /^[a-zA-Z0-9._:/=+\-@ ]{1,256}$/

const NO_CREDENTIALS: Failure = { outcome: 'denied', detail: 'there are no credentials of AWS' }
const EXPIRED: Failure = { outcome: 'denied', detail: 'the credentials of AWS have expired' }
const NO_TENANT: Failure = { outcome: 'denied', detail: 'the organization cannot be a tenant id' }

/** Calls functions by the API of Lambda. */
export class LambdaInvoker implements Invoker, CallHost {
  readonly payload: LambdaOptions['payload']
  readonly streaming: boolean
  readonly #options: LambdaOptions
  readonly #host: InvokerHost
  readonly #transport: Transport
  readonly #origin: string
  readonly #authority: string
  readonly #signer: RequestSigner
  /** Path of the operation for each deployment, by its name. Holds as many as are configured. */
  readonly #paths = new Map<string, string>()
  readonly #source: string
  #credentials: AwsCredentials | null
  #expiresAt: number
  /** The last refusal that was told to the log. */
  #complaint: string

  constructor(options: LambdaOptions, host: InvokerHost) {
    this.payload = options.payload
    this.streaming = options.streaming
    this.#options = options
    this.#host = host
    this.#transport = host.transport(transportOptions(options))
    const endpoint = new URL(options.endpoint ?? regionalEndpoint(options.region))
    this.#origin = endpoint.origin
    this.#authority = endpoint.host
    this.#signer = new RequestSigner(options.region)
    this.#source = credentialSourceOf(options)
    this.#credentials = null
    this.#expiresAt = Number.POSITIVE_INFINITY
    this.#complaint = ''
  }

  check({ name }: DeploymentFacts): void {
    checkConnection(new URL(this.#origin), this.#options)
    checkFunctionName(name, this.#options.region)
  }

  update(facts: unknown): void {
    // Made by our own operator.
    const { source, credentials, expiresAt } = facts as LambdaFacts
    if (source !== this.#source) return
    this.#credentials = credentials
    this.#expiresAt = expiresAt ?? Number.POSITIVE_INFINITY
  }

  invoke(invocation: Invocation, sink: Sink): void {
    new LambdaCall(invocation, sink, this).begin()
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  eventOf(invocation: Invocation, body: Buffer | null): Buffer | null {
    if (this.payload === 'raw') return body
    const event = this.payload === 'v2' ? eventV2 : eventV1
    return Buffer.from(event(invocation, body, Date.now()))
  }

  send(invocation: Invocation, event: Buffer | null, answer: LambdaAnswer): Failure | null {
    const now = Date.now()
    const { tenantIsolation, logTail } = this.#options
    if (this.#credentials === null) return NO_CREDENTIALS
    if (now >= this.#expiresAt) return EXPIRED
    const headers = ['host', this.#authority, 'content-type', 'application/octet-stream']
    if (tenantIsolation) {
      const { principal, route } = invocation.call
      const tenant = principal?.organization ?? route.organization
      if (!TENANT.test(tenant)) return NO_TENANT
      headers.push('x-amz-tenant-id', tenant)
    }
    if (logTail) headers.push('x-amz-log-type', 'Tail')
    const path = this.#path(invocation.deployment.name)
    this.#signer.sign({ method: 'POST', path, query: '', headers, body: event }, this.#credentials, now)
    const bodyLength = event?.length ?? 0
    this.#transport.send(
      { origin: this.#origin, method: 'POST', path, headers, body: event, bodyLength },
      answer,
    )
    return null
  }

  adjustClock(date: string | null): boolean {
    const theirs = Date.parse(date ?? '')
    const skewMs = theirs - Date.now()
    if (Number.isNaN(theirs) || Math.abs(skewMs - this.#signer.skewMs) < SKEW_MS) return false
    this.#signer.skewMs = skewMs
    return true
  }

  /** What concerns the operator alone is told once, until it is something else. */
  ended(invocation: Invocation, failure: Failure | null): void {
    if (failure === null) this.#complaint = ''
    else if (failure.outcome === 'denied' && failure.detail !== this.#complaint) {
      this.#complaint = failure.detail
      const { backend, log } = this.#host
      log.error(
        { backend, function: invocation.deployment.name, error: failure.detail },
        'Lambda refuses the gateway',
      )
    }
  }

  logTail(invocation: Invocation, requestId: string | null, encoded: string): void {
    if (!this.#options.logTail) return
    const { call, deployment } = invocation
    const tail = Buffer.from(encoded.slice(0, 8192), 'base64').toString()
    this.#host.log.info(
      { backend: this.#host.backend, id: call.id, function: deployment.name, requestId, tail },
      'the log of a function',
    )
  }

  #path(name: string): string {
    let path = this.#paths.get(name)
    if (path === undefined) {
      const escaped = encodeURIComponent(name)
      path = this.streaming
        ? `/2021-11-15/functions/${escaped}/response-streaming-invocations`
        : `/2015-03-31/functions/${escaped}/invocations`
      this.#paths.set(name, path)
    }
    return path
  }
}
