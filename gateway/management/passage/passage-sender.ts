import type { Dispatcher } from 'undici'
import { PlatformRefusal } from '../../contract/lifecycle.ts'
import type { Passage } from './passage.ts'

/** Milliseconds until the head of an answer, and between two pieces of it: a platform may have nothing to tell for long. */
const HEAD_MS = 120_000
const SILENCE_MS = 30 * 60_000

/** Under this the Passage stands among the headers on its way through @fastify/reply-from; undici sends texts only. */
export const PASSAGE: unique symbol = Symbol('passage')

interface Sent {
  readonly method: Dispatcher.HttpMethod
  readonly headers: { readonly [PASSAGE]: Passage }
  readonly body: Dispatcher.DispatchOptions['body'] | ''
}

type Answered = (error: Error | null, answer?: Dispatcher.ResponseData) => void

/**
 * Takes the place of undici in @fastify/reply-from, which would verify no TLS, not notice that the client has left, and
 * send what it made of the path. What is sent is what the Passage says.
 */
export class PassageSender {
  request({ method, headers, body }: Sent, answered: Answered): void {
    const { agent, api, path, headers: fields, body: held, signal } = headers[PASSAGE]
    const request = {
      origin: api.origin,
      path,
      method,
      headers: fields,
      body: held ?? (body === '' ? null : body),
      signal,
      headersTimeout: HEAD_MS,
      bodyTimeout: SILENCE_MS,
    }
    agent.request(request, (error, answer) => {
      if (error !== null || answer.statusCode !== 401) return answered(error, answer)
      // The caller would take it for a word on the management token.
      answer.body.on('error', () => {}).resume()
      answered(new PlatformRefusal('denied', 'The platform refuses the credential of the gateway.'))
    })
  }
}
