import { type Agent, request } from 'undici'
import { readJson, readText } from '../support/bounded-body.ts'
import { type AwsCredentials, RequestSigner } from './signer.ts'

export interface ServiceRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With its query. */
  readonly path: string
  /** Lower-case names; what the signature needs is added. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: object
}

export interface ServiceAnswer {
  readonly status: number
  /** Name of the exception; empty when it succeeded. */
  readonly error: string
  readonly body: unknown
}

/** Refusals for which a wrong clock may be the reason. */
const CLOCK = /^(?:InvalidSignature|SignatureDoesNotMatch|RequestExpired|RequestTimeTooSkewed)/

/** Asks a service of AWS what the control plane wants of it. */
export class AwsService {
  readonly #origin: string
  readonly #agent: Agent
  /** For others who ask the same service: it knows its clock. */
  readonly signer: RequestSigner
  readonly #credentials: () => AwsCredentials

  /**
   * @param name As signatures have it: `lambda`, `logs`.
   * @param credentials Those of now; throws when there are none.
   */
  constructor(origin: string, region: string, name: string, agent: Agent, credentials: () => AwsCredentials) {
    this.#origin = new URL(origin).origin
    this.#agent = agent
    this.signer = new RequestSigner(region, name)
    this.#credentials = credentials
  }

  /**
   * A signature that a wrong clock spoiled is made anew.
   *
   * @throws Error When there is no answer, or there are no credentials.
   */
  async ask(asked: ServiceRequest, signal: AbortSignal | undefined): Promise<ServiceAnswer> {
    const { skewMs } = this.signer
    const first = await this.#askOnce(asked, signal)
    return CLOCK.test(first.error) && this.signer.adjust(first.date, skewMs)
      ? await this.#askOnce(asked, signal)
      : first
  }

  async #askOnce(
    { method, path, headers: fields = {}, body }: ServiceRequest,
    signal: AbortSignal | undefined,
  ): Promise<ServiceAnswer & { readonly date: string | null }> {
    const headers = ['host', new URL(this.#origin).host]
    const content = body === undefined ? null : Buffer.from(JSON.stringify(body))
    if (content !== null) headers.push('content-type', fields['content-type'] ?? 'application/json')
    for (const [name, value] of Object.entries(fields)) {
      if (name !== 'content-type') headers.push(name, value)
    }
    const [bare = '', query = ''] = path.split('?')
    this.signer.sign({ method, path: bare, query, headers, body: content }, this.#credentials(), Date.now())
    const options = { dispatcher: this.#agent, method, headers, body: content, signal }
    const answer = await request(this.#origin + path, options)
    const text = await readText(answer.body)
    const said = readJson(text)
    const error = answer.statusCode < 300 ? '' : nameOf(answer.headers['x-amzn-errortype'], said)
    const { date = null } = answer.headers
    return { status: answer.statusCode, error, body: said, date: typeof date === 'string' ? date : null }
  }
}

/** `x-amzn-errortype: Name:http://…`, or `__type: "prefix#Name"` of the services that speak JSON alone. */
function nameOf(errorType: unknown, body: unknown): string {
  const type = typeof errorType === 'string' ? errorType : (body as { __type?: unknown } | null)?.__type
  return typeof type === 'string' ? type.replace(/:.*/s, '').replace(/^.*#/s, '').slice(0, 100) : ''
}
