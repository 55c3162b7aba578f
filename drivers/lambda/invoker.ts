import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import type { Body, Transport } from '../../gateway/contract/transport.ts'
import { ByName } from '../support/by-name.ts'
import { checkConnection, transportOptions } from '../support/connection-options.ts'
import { LambdaAnswer } from './answer.ts'
import { type CallHost, LambdaCall } from './call.ts'
import { Complaints } from './complaints.ts'
import { eventV1, eventV2 } from './event.ts'
import { checkFunctionName, regionalEndpoint } from './function-name.ts'
import type { LambdaOptions } from './options.ts'
import type { Failure } from './outcomes.ts'
import { Signing } from './signing.ts'

/** What Lambda takes as a tenant id. */
const TENANT = /^[a-zA-Z0-9._:/=+\-@ ]{1,256}$/

const NO_TENANT: Failure = { outcome: 'denied', detail: 'the organization cannot be a tenant id' }

/** Calls functions by the API of Lambda. */
export class LambdaInvoker implements Invoker, CallHost {
  readonly collects = true
  readonly #options: LambdaOptions
  readonly #host: InvokerHost
  readonly #transport: Transport
  readonly #origin: string
  readonly #authority: string
  readonly #signing: Signing
  readonly #complaints: Complaints
  /** Path of the operation for each deployment. */
  readonly #paths = new ByName((name) => this.#pathOf(name))

  constructor(options: LambdaOptions, host: InvokerHost) {
    this.#options = options
    this.#host = host
    this.#transport = host.transport(transportOptions(options))
    const endpoint = new URL(options.endpoint ?? regionalEndpoint(options.region))
    this.#origin = endpoint.origin
    this.#authority = endpoint.host
    this.#signing = new Signing(options)
    this.#complaints = new Complaints(host)
  }

  check({ name }: DeploymentFacts): void {
    checkConnection(new URL(this.#origin), this.#options)
    checkFunctionName(name, this.#options.region)
  }

  update(facts: unknown): void {
    this.#signing.update(facts)
  }

  invoke(invocation: Invocation, sink: Sink): void {
    new LambdaCall(invocation, sink, this).begin()
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  eventOf(invocation: Invocation, body: Buffer | null): Buffer | null {
    if (this.#options.payload === 'raw') return body
    const event = this.#options.payload === 'v2' ? eventV2 : eventV1
    return Buffer.from(event(invocation, body, Date.now()))
  }

  send(invocation: Invocation, event: Body, call: LambdaCall): Failure | null {
    const { tenantIsolation, logTail } = this.#options
    const headers = ['host', this.#authority, 'content-type', 'application/octet-stream']
    if (tenantIsolation) {
      const { principal, route } = invocation.call
      const tenant = principal?.organization ?? route.organization
      if (!TENANT.test(tenant)) return NO_TENANT
      headers.push('x-amz-tenant-id', tenant)
    }
    if (logTail) headers.push('x-amz-log-type', 'Tail')
    const path = this.#paths.get(invocation.deployment.name)
    // Collected, as `collects` asks for.
    const body = event as Buffer | null
    const refusal = this.#signing.trySign({ method: 'POST', path, query: '', headers, body }, Date.now())
    if (refusal !== null) return refusal
    const { payload, streaming } = this.#options
    this.#transport.send(
      { origin: this.#origin, method: 'POST', path, headers, body, bodyLength: body?.length ?? 0 },
      new LambdaAnswer(call, payload, streaming),
    )
    return null
  }

  get skewMs(): number {
    return this.#signing.skewMs
  }

  adjustClock(date: string | null, signedSkewMs: number): boolean {
    return this.#signing.adjustClock(date, signedSkewMs)
  }

  ended(invocation: Invocation, failure: Failure | null): void {
    this.#complaints.note(invocation, failure)
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

  #pathOf(name: string): string {
    const escaped = encodeURIComponent(name)
    return this.#options.streaming
      ? `/2021-11-15/functions/${escaped}/response-streaming-invocations`
      : `/2015-03-31/functions/${escaped}/invocations`
  }
}
