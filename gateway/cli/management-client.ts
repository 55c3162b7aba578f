import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { Agent, type Dispatcher, request } from 'undici'
import { MANAGEMENT_TOKEN_FILE } from '../development/management-token.ts'
import { stateDirectoryOf } from '../development/state-directory.ts'
import { configArgument } from './config-file.ts'
import type { Context } from './context.ts'
import { Failure, usageFailure } from './failure.ts'
import { problemText } from './problem.ts'
import { findGateway } from './running-gateway.ts'

export interface ManagementRequest {
  readonly method: string
  /** With its query; begins with a slash. */
  readonly path: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string | Buffer | Readable | null
}

export type ManagementAnswer = Dispatcher.ResponseData

/** Speaks to the management port of a gateway on behalf of one command. */
export class ManagementClient {
  readonly origin: string
  readonly #token: string
  /** Functions may take their time: their deadline is the gateway's to enforce. */
  readonly #agent = new Agent({ connectTimeout: 3000, headersTimeout: 0, bodyTimeout: 0 })
  readonly #startHint: string

  /** @param startHint What starts the gateway that should answer. */
  constructor(origin: string, token: string, startHint: string) {
    this.origin = origin
    this.#token = token
    this.#startHint = startHint
  }

  /**
   * The answer, whatever its status, unless the management token is refused.
   *
   * @throws Failure When no gateway answers, or it does not take the token.
   */
  async send({ method, path, headers = [], body = null }: ManagementRequest): Promise<ManagementAnswer> {
    const fields = [...headers, ['authorization', `Bearer ${this.#token}`] as const]
    const answer = await request(this.origin + path, {
      dispatcher: this.#agent,
      method: method as Dispatcher.HttpMethod,
      headers: fields.flat(),
      body,
    }).catch((error: unknown) => {
      throw this.#failure(error)
    })
    if (answer.statusCode === 401 && isOfGateway(answer)) {
      await answer.body.dump()
      throw new Failure(
        'the gateway does not take the management token',
        'It runs on another configuration than this command was given: name the same with --config.',
      )
    }
    return answer
  }

  /**
   * The content of an answer.
   *
   * @throws Failure With the text of the problem when the gateway refuses.
   */
  async sendForJson(request: ManagementRequest): Promise<unknown> {
    const answer = await this.send(request)
    if (answer.statusCode >= 400) throw new Failure(problemText(answer.statusCode, await answer.body.text()))
    return answer.body.json()
  }

  close(): Promise<void> {
    return this.#agent.close()
  }

  #failure(error: unknown): Failure {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT') {
      return silent(this.origin, this.#startHint, error)
    }
    if (code === 'UND_ERR_INVALID_ARG') return usageFailure(message)
    return new Failure(`the gateway at ${this.origin} broke off: ${message}`, null, { cause: error })
  }
}

/**
 * A client of the gateway that runs on this configuration. While one runs, the configuration is read only if it holds
 * the token, so that commands work also when it was broken meanwhile.
 */
export async function openManagementClient(
  configFile: string,
  { gateway, terminal }: Context,
): Promise<ManagementClient> {
  const state = stateDirectoryOf(dirname(configFile))
  const running = await findGateway(state)
  const configured =
    running?.token === 'state' ? null : (await gateway.loadConfig(configFile)).config.gateway.management
  const address = running?.management ?? shownAddress(configured!.address)
  const token = configured?.token ?? (await state.read(MANAGEMENT_TOKEN_FILE))?.trim()
  const startHint = `npx dispatch up${configArgument(configFile, terminal)}`
  if (token === undefined) throw silent(`http://${address}`, startHint)
  return new ManagementClient(`http://${address}`, token, startHint)
}

/** True for what the gateway answered itself: a function cannot send this header. */
export function isOfGateway(answer: ManagementAnswer): boolean {
  return answer.headers['dispatch-error'] !== undefined
}

function silent(origin: string, startHint: string, cause?: unknown): Failure {
  return new Failure(`no gateway answers at ${origin}`, `Is it running? Start it with: ${startHint}`, {
    cause,
  })
}

function shownAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  const reachable = host === '::' || host === '0.0.0.0' ? 'localhost' : host
  return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
