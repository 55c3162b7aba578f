import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { listen, shut } from '../loopback.ts'
import { bodyOf } from './body-of.ts'
import { KEY } from './lambda-platform.ts'
import { refusedSignature } from './lambda-signature.ts'
import { REGION } from './lambda-words.ts'

const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html'

interface UrlFunction {
  /** Where the function listens, which speaks HTTP itself. */
  readonly port: number
  readonly auth: 'iam' | 'none'
  readonly reserved?: number
}

/**
 * Function URLs on one port, told apart by the first segment of the path where AWS tells them apart by their host. Takes
 * a request as a whole, streams the answer, and marks what it says itself.
 */
export class LambdaUrlPlatform {
  readonly #functions = new Map<string, UrlFunction & { running: number }>()
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))
  requests = 0
  lastHeaders: IncomingMessage['headers'] = {}

  /** The URL as an operator writes it. */
  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listen(this.#server)}/{name}`
  }

  deploy(name: string, definition: UrlFunction): void {
    this.#functions.set(name, { ...definition, running: 0 })
  }

  close(): void {
    shut(this.#server)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++
    this.lastHeaders = request.headers
    response.on('error', () => {})
    const body = await bodyOf(request)
    if (body === null) return
    const [, name = '', path = ''] = /^\/([\w-]+)(.*)$/s.exec(request.url!) ?? []
    const found = this.#functions.get(name)
    if (found === undefined) {
      refuse(response, 404, 'ResourceNotFoundException', null)
      return
    }
    const signed = { method: request.method!, target: request.url!, rawHeaders: request.rawHeaders, body }
    if (found.auth === 'iam' && refusedSignature(signed, KEY, REGION, Date.now()) !== null) {
      refuse(response, 403, 'AccessDeniedException', FORBIDDEN)
    } else if (found.running >= (found.reserved ?? Number.POSITIVE_INFINITY)) {
      refuse(response, 429, 'TooManyRequestsException', 'Rate Exceeded.')
    } else if (path.startsWith('/fault/reset')) {
      response.socket!.resetAndDestroy()
    } else if (path.startsWith('/fault/malformed')) {
      response.socket!.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello')
    } else {
      this.#run(found, request, path.startsWith('/') ? path : `/${path}`, body, response)
    }
  }

  #run(
    found: UrlFunction & { running: number },
    { method, rawHeaders }: IncomingMessage,
    path: string,
    body: Buffer,
    response: ServerResponse,
  ): void {
    found.running++
    const request = http.request({
      host: '127.0.0.1',
      port: found.port,
      method,
      path,
      headers: rawHeaders,
      agent: false,
    })
    response.on('close', () => {
      found.running--
      request.destroy()
    })
    request.on('error', () => {
      if (response.headersSent) response.destroy()
      else refuse(response, 502, 'InternalServerErrorException', null)
    })
    request.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.rawHeaders)
      answer.on('error', () => response.destroy())
      answer.pipe(response)
    })
    request.end(body)
  }
}

function refuse(response: ServerResponse, status: number, errorType: string, message: string | null): void {
  const text = message === null ? 'Internal Server Error' : JSON.stringify({ Message: message })
  response.writeHead(status, { 'Content-Type': 'application/json', 'x-amzn-ErrorType': errorType }).end(text)
}
