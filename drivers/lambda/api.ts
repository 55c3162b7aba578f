import { type Agent, request } from 'undici'
import { type AwsCredentials, RequestSigner } from './signer.ts'

export interface ApiAnswer {
  readonly status: number
  /** Name of the exception; empty when it succeeded. */
  readonly error: string
  readonly body: unknown
}

/** Asks the API of Lambda what the control plane wants to know. */
export class LambdaApi {
  readonly #origin: string
  readonly #agent: Agent
  readonly #signer: RequestSigner

  constructor(origin: string, region: string, agent: Agent) {
    this.#origin = origin
    this.#agent = agent
    this.#signer = new RequestSigner(region)
  }

  /** @throws Error When there is no answer, or none that can be read. */
  async get(path: string, credentials: AwsCredentials, signal: AbortSignal | undefined): Promise<ApiAnswer> {
    const { host, origin } = new URL(this.#origin)
    const headers = ['host', host]
    const [bare = '', query = ''] = path.split('?')
    this.#signer.sign({ method: 'GET', path: bare, query, headers, body: null }, credentials, Date.now())
    const answer = await request(origin + path, { dispatcher: this.#agent, headers, signal })
    const errorType = answer.headers['x-amzn-errortype']
    const text = await answer.body.text()
    const error = typeof errorType === 'string' ? errorType.replace(/:.*/s, '') : ''
    return { status: answer.statusCode, error, body: readJson(text) }
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
