import type { PlatformApi, PlatformApiRequest } from '../../gateway/contract/platform-api.ts'
import { type ConnectionOptions, transportOptions } from '../support/connection-options.ts'
import type { AwsCredentials, RequestSigner } from './signer.ts'

/** What AWS takes of a request that creates a function with its code. */
const MOST_BODY_BYTES = 70 * 1024 * 1024

/** The API of Lambda, signed: a signature holds the body, so that is held whole. */
export class LentLambdaApi implements PlatformApi {
  readonly origin: string
  readonly base = ''
  readonly connection: PlatformApi['connection']
  readonly signedBodyBytes = MOST_BODY_BYTES
  /** Whatever begins so is signed: a caller's would change who asks, or break the signature. */
  readonly identityFields = ['x-amz-security-token', 'x-amz-date', 'x-amz-content-sha256']
  readonly #signer: RequestSigner
  readonly #credentials: () => AwsCredentials

  /** @param credentials Those of now; throws when there are none. */
  constructor(
    origin: string,
    signer: RequestSigner,
    options: ConnectionOptions,
    credentials: () => AwsCredentials,
  ) {
    this.origin = new URL(origin).origin
    this.connection = transportOptions(options)
    this.#signer = signer
    this.#credentials = credentials
  }

  async authorize({ method, path, headers, body }: PlatformApiRequest): Promise<Record<string, string>> {
    const signed = ['host', new URL(this.origin).host]
    for (const [name, value] of Object.entries(headers)) {
      if (name === 'content-type' || name.startsWith('x-amz-')) signed.push(name, value)
    }
    const [bare = '', query = ''] = path.split(/\?(.*)/s)
    const given = signed.length
    this.#signer.sign({ method, path: bare, query, headers: signed, body }, this.#credentials(), Date.now())
    const added: Record<string, string> = {}
    for (let i = given; i < signed.length; i += 2) added[signed[i]!] = signed[i + 1]!
    return added
  }
}
