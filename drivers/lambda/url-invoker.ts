import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import { type HeaderList, shorten } from '../../gateway/contract/headers.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import type { Body, Transport } from '../../gateway/contract/transport.ts'
import { ByName } from '../support/by-name.ts'
import { checkConnection, transportOptions } from '../support/connection-options.ts'
import { refuseToLeave } from '../support/forward.ts'
import { joinPath, leavesItsBase } from '../support/upstream-path.ts'
import { type CallHost, LambdaCall } from './call.ts'
import { Complaints } from './complaints.ts'
import type { LambdaOptions } from './options.ts'
import type { Failure } from './outcomes.ts'
import { normalQuery } from './signer.ts'
import { Signing } from './signing.ts'
import { UrlAnswer } from './url-answer.ts'

const PLACEHOLDER = '{name}'
const HOST_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Calls functions by their Function URLs: HTTP as it is, signed where they ask for it. */
export class UrlInvoker implements Invoker, CallHost {
  /** Lambda takes no signature that leaves the body out. */
  readonly collects: boolean
  /** The name of a deployment is part of its host. */
  readonly #hasNames: boolean
  readonly #options: LambdaOptions
  readonly #transport: Transport
  readonly #signing: Signing
  readonly #complaints: Complaints
  /** Where each deployment is. */
  readonly #urls: ByName<URL>

  constructor(options: LambdaOptions, url: string, host: InvokerHost) {
    this.collects = options.urlAuth === 'iam'
    this.#options = options
    this.#hasNames = url.includes(PLACEHOLDER)
    this.#urls = new ByName((name) => new URL(url.replace(PLACEHOLDER, name)))
    this.#transport = host.transport(transportOptions(options))
    this.#signing = new Signing(options)
    this.#complaints = new Complaints(host)
  }

  check({ name }: DeploymentFacts): void {
    if (this.#hasNames && !HOST_LABEL.test(name)) {
      throw new Error(`${JSON.stringify(name)} cannot be a part of the host of a Function URL`)
    }
    checkConnection(this.#urls.get(name), this.#options)
  }

  update(facts: unknown): void {
    this.#signing.update(facts)
  }

  invoke(invocation: Invocation, sink: Sink): void {
    if (leavesItsBase(invocation.path)) refuseToLeave(sink)
    else new LambdaCall(invocation, sink, this).begin()
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  eventOf(_invocation: Invocation, body: Buffer | null): Buffer | null {
    return body
  }

  send(invocation: Invocation, body: Body, call: LambdaCall): Failure | null {
    const { deployment, method, headers, bodyLength } = invocation
    const url = this.#urls.get(deployment.name)
    let path = joinPath(url.pathname, invocation.path)
    removeAmazonFields(headers)
    headers.set('host', url.host)
    if (this.collects) {
      headers.remove('authorization')
      // No caller may write a query that AWS reads in another way than we: a refused signature speaks against us.
      const [bare = '', written = ''] = path.split(/\?(.*)/s)
      const query = normalQuery(written)
      path = query === '' ? bare : `${bare}?${query}`
      const signable = { method, path: bare, query, headers: headers.flat, body: body as Buffer | null }
      const refusal = this.#signing.trySign(signable, Date.now())
      if (refusal !== null) return refusal
    }
    const length = Buffer.isBuffer(body) ? body.length : bodyLength
    this.#transport.send(
      { origin: url.origin, method, path, headers: headers.flat.slice(), body, bodyLength: length },
      new UrlAnswer(call),
    )
    return null
  }

  get skewMs(): number {
    return this.#signing.skewMs
  }

  adjustClock(date: string | null, signedSkewMs: number): boolean {
    return this.collects && this.#signing.adjustClock(date, signedSkewMs)
  }

  ended(invocation: Invocation, failure: Failure | null): void {
    this.#complaints.note(invocation, failure)
  }

  logTail(): void {}
}

/** Those would be believed, or would have to be signed: they are the gateway's to say. */
function removeAmazonFields({ flat }: HeaderList): void {
  let kept = 0
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i]!.startsWith('x-amz-')) continue
    flat[kept] = flat[i]!
    flat[kept + 1] = flat[i + 1]!
    kept += 2
  }
  shorten(flat, kept)
}
