import { Agent, type Dispatcher } from 'undici'
import { isLoopback } from '../config/forms/address.ts'
import type { JwksConfig } from '../config/schema.ts'
import { parseStrictJson } from './strict-json.ts'

/** Fetches the key set of one issuer. Its errors are sentences for the operator. */
export class JwksDownload {
  readonly #jwks: JwksConfig
  readonly #agent: Agent
  readonly #closed = new AbortController()

  constructor(jwks: JwksConfig) {
    this.#jwks = jwks
    // undici would not verify certificates in every version if we did not say so.
    const connect = { ca: jwks.ca ?? undefined, rejectUnauthorized: true, timeout: jwks.timeout }
    this.#agent = new Agent({ connect, connections: 1, keepAliveTimeout: 1 })
  }

  /**
   * Member `keys` of the document. Nothing but a plain 200 counts: redirects are not followed, compressed answers
   * not unpacked; time and size are bounded.
   *
   * @throws Error saying what was wrong.
   */
  async fetch(): Promise<readonly unknown[]> {
    const deadline = AbortSignal.timeout(this.#jwks.timeout)
    try {
      return readKeys(await this.#read(AbortSignal.any([deadline, this.#closed.signal])))
    } catch (cause) {
      if (deadline.aborted) throw new Error(`it took longer than ${this.#jwks.timeout} ms`, { cause })
      throw cause
    }
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await this.#agent.destroy()
  }

  async #read(signal: AbortSignal): Promise<Buffer> {
    const answer = await this.#agent.request({ ...request(new URL(this.#jwks.url)), signal })
    const refusal = refusalOf(answer)
    if (refusal !== null) {
      // undici reports our own destroying as an error of the stream.
      answer.body.on('error', () => {}).destroy()
      throw new Error(refusal)
    }
    return await readBounded(answer.body, this.#jwks.maxSize)
  }
}

/** The configuration was checked for this too; here it is the last thing between a stranger's keys and our trust. */
function request(url: URL): Dispatcher.RequestOptions & { origin: string } {
  const { protocol, origin, pathname, search } = url
  const safe = protocol === 'https:' || (protocol === 'http:' && isLoopback(url.hostname))
  if (!safe) throw new Error('its address is neither https nor http on this machine')
  const headers = { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' }
  return { origin, path: pathname + search, method: 'GET', headers }
}

function refusalOf({ statusCode, headers }: Dispatcher.ResponseData): string | null {
  if (statusCode !== 200) return `it answered ${statusCode}`
  const coding = headers['content-encoding']
  return coding === undefined || coding === 'identity' ? null : 'it answered compressed'
}

async function readBounded(body: AsyncIterable<Buffer>, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > limitBytes) throw new Error(`it answered more than ${limitBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The media type is not looked at: it proves nothing, and issuers get it wrong. */
function readKeys(document: Buffer): readonly unknown[] {
  const keys = parseStrictJson(document)?.['keys']
  if (!Array.isArray(keys)) throw new Error('it is not a JSON object with a list of keys')
  return keys
}
